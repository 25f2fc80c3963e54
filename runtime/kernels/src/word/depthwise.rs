//! Depthwise convolution: one channel after the other, from planes.

use super::layout::up;
use super::plane::{Plane, TAP};
use super::record::Output;
use crate::Part;
use crate::packed::Depthwise;

/// A tap: where it is in the plane from the first of outputs side by side, and its weight.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(crate) struct Tap {
    /// Bytes.
    pub at: usize,
    /// The weight, as a word.
    pub weight: i32,
}

/// A family's elements and kernel.
pub(crate) trait Planar {
    /// An element of a plane: a word or a byte.
    type Element: Copy;
    /// Taps are filled up to a multiple of this.
    const TAPS: usize;

    /// Bytes of an output channel's numbers before its weights.
    fn head(form: u8) -> usize;

    /// An element of this value.
    fn element(value: i8) -> Self::Element;

    /// Copies `count` values that are `step` bytes apart.
    ///
    /// # Safety
    /// The source has these values, the destination room for them.
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut Self::Element);

    /// The outputs of one channel for a band.
    ///
    /// # Safety
    /// As [`Band`] says.
    unsafe fn outputs(band: &Band<'_>);
}

/// One channel's outputs from one plane.
pub(crate) struct Band<'a> {
    /// The form.
    #[cfg_attr(smidge_isa = "armv7m", expect(dead_code, reason = "all forms are the same"))]
    pub form: u8,
    /// The channel's numbers, and its weights behind.
    pub head: *const u8,
    /// Taps in the order across, along: `[across, along]` of them, filled up with weights of 0.
    pub taps: &'a [Tap],
    /// The size of the kernel, along and across.
    #[cfg_attr(not(smidge_isa = "rv32"), expect(dead_code, reason = "for kernels of one size"))]
    pub kernel: [usize; 2],
    /// The plane; from there each tap of the first row's first output is inside.
    pub plane: *const u8,
    /// Bytes from one row of outputs to the next, in the plane.
    pub row: usize,
    /// Whether the taps of a row follow each other in the plane.
    #[cfg_attr(not(smidge_isa = "rv32"), expect(dead_code, reason = "for kernels of one size"))]
    pub is_dense: bool,
    /// Rows of outputs.
    pub rows: usize,
    /// Outputs of a row.
    pub count: usize,
    /// The first output.
    pub y: *mut i8,
    /// Bytes between outputs of a row.
    pub step: usize,
    /// Bytes between rows.
    pub row_step: usize,
    /// Of all channels.
    pub output: Output,
}

/// The geometry of a call.
struct Geometry {
    plane: Plane,
    /// Axes along and across.
    a: usize,
    b: usize,
    entry: usize,
}

/// Depthwise convolution; the first part is the whole.
///
/// # Safety The call is of the family of `P`, whose layout is
/// [`depthwise_size`](super::layout::depthwise_size).
pub(crate) unsafe fn depthwise<P: Planar>(call: &Depthwise<'_>, part: Part) {
    if part.index > 0 {
        return;
    }
    let w = &call.spec.window;
    let entry = size_of::<P::Element>();
    let Some(plane) = Plane::new(w, entry) else { return };
    let geometry = Geometry { a: plane.along & 1, b: 1 - (plane.along & 1), plane, entry };
    let taps_len = (w.kernel[0] * w.kernel[1]).next_multiple_of(P::TAPS);
    let taps = call.scratch.as_mut_ptr().cast::<Tap>();
    // SAFETY: the scratch memory begins with the taps and is aligned for them.
    let memory = unsafe {
        set_taps(call, &geometry, taps, taps_len);
        call.scratch.as_mut_ptr().add(taps_len * TAP)
    };
    let outputs = w.output[geometry.b];
    for image in 0..w.batch {
        let mut first = 0;
        while first < outputs {
            let rows = plane.band.min(outputs - first);
            let place = Place { image, first, rows };
            // SAFETY: the plane is behind the taps.
            unsafe { band::<P>(call, &geometry, place, taps, memory) };
            first += rows;
        }
    }
}

/// A band of rows of outputs.
#[derive(Clone, Copy)]
struct Place {
    image: usize,
    first: usize,
    rows: usize,
}

/// Where each tap is in a plane.
///
/// # Safety
/// There is room for `count` taps, of which those behind the kernel's are left without weight.
unsafe fn set_taps(call: &Depthwise<'_>, geometry: &Geometry, taps: *mut Tap, count: usize) {
    let (w, Geometry { plane, a, b, entry }) = (&call.spec.window, geometry);
    let stride = w.stride[*a];
    for index in w.kernel[0] * w.kernel[1]..count {
        // SAFETY: as the caller says.
        unsafe { taps.add(index).write(Tap { at: 0, weight: 0 }) };
    }
    let mut tap = taps;
    for kb in 0..w.kernel[*b] {
        // Elements from the row's start, as phase and place in it.
        let (mut phase, mut place) = (0, 0);
        for _ in 0..w.kernel[*a] {
            let element = (kb * w.dilation[*b] * stride + phase) * plane.pitch + place;
            // SAFETY: as the caller says.
            unsafe {
                tap.write(Tap { at: element * entry, weight: 0 });
                tap = tap.add(1);
            }
            phase += w.dilation[*a];
            while phase >= stride {
                (phase, place) = (phase - stride, place + 1);
            }
        }
    }
}

/// All channels of a band.
///
/// # Safety
/// `taps` are those of [`set_taps`], `memory` has a plane.
unsafe fn band<P: Planar>(
    call: &Depthwise<'_>,
    geometry: &Geometry,
    place: Place,
    taps: *mut Tap,
    memory: *mut u8,
) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let &Geometry { plane, a, b, entry } = geometry;
    let kernel = w.kernel[0] * w.kernel[1];
    let channels = spec.in_channels * spec.multiplier;
    let head_len = P::head(call.form);
    let one = head_len + up(kernel, 4);
    let zero = P::element(spec.input_zero as i8);
    let elements = plane.rows(w, place.rows) * plane.row;
    let cells = memory.cast::<P::Element>();
    for index in 0..elements {
        // SAFETY: the plane has the rows of a whole band.
        unsafe { cells.add(index).write(zero) };
    }
    // Steps from one output to the next, along and across, in bytes.
    let pixel = |axis: usize| if axis == 1 { 1 } else { w.output[1] };
    let first = place.image * w.output[0] * w.output[1] + place.first * pixel(b);
    let mut head = call.packed.as_ptr();
    let mut y = call.y.as_mut_ptr().wrapping_add(first * channels);
    for channel in 0..spec.in_channels {
        // SAFETY: the plane has room for the band's inputs.
        unsafe { gather::<P>(call, geometry, place, channel, cells) };
        for _ in 0..spec.multiplier {
            // SAFETY: the packed constant has `one` bytes for each channel, the taps are `kernel`.
            unsafe {
                set_weights(head.add(head_len).cast(), [w.kernel[a], w.kernel[b]], a, taps);
                P::outputs(&Band {
                    form: call.form,
                    head,
                    taps: core::slice::from_raw_parts(taps, kernel.next_multiple_of(P::TAPS)),
                    kernel: [w.kernel[a], w.kernel[b]],
                    plane: memory,
                    row: w.stride[b] * plane.row * entry,
                    is_dense: w.dilation[a] == 1 && w.stride[a] == 1,
                    rows: place.rows,
                    count: w.output[a],
                    y,
                    step: pixel(a) * channels,
                    row_step: pixel(b) * channels,
                    output: Output { zero: spec.output_zero, clamp: spec.clamp },
                });
                head = head.add(one);
                y = y.add(1);
            }
        }
    }
}

/// Writes the weights of a channel, `[ky, kx]`, to the taps, `[across, along]`.
///
/// # Safety
/// There are `along * across` of both.
unsafe fn set_weights(weights: *const i8, [along, across]: [usize; 2], a: usize, taps: *mut Tap) {
    let (step, back) = if a == 1 { (1, 0) } else { (across, along * across - 1) };
    let (mut weight, mut tap) = (weights, taps);
    for _ in 0..across {
        for _ in 0..along {
            // SAFETY: as the caller says.
            unsafe {
                (*tap).weight = i32::from(*weight);
                tap = tap.add(1);
            }
            weight = weight.wrapping_add(step);
        }
        weight = weight.wrapping_sub(back);
    }
}

/// Copies the inputs of a band to the plane; what is outside the image stays as it is.
///
/// # Safety
/// The plane has room for the band.
unsafe fn gather<P: Planar>(
    call: &Depthwise<'_>,
    geometry: &Geometry,
    place: Place,
    channel: usize,
    cells: *mut P::Element,
) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let &Geometry { plane, a, b, .. } = geometry;
    let (stride, pad, input) = (w.stride[a], w.pad[a], w.input[a]);
    // Bytes from one input to the next, along and across.
    let pixel =
        |axis: usize| if axis == 1 { spec.in_channels } else { w.input[1] * spec.in_channels };
    let image = place.image * w.input[0] * w.input[1] * spec.in_channels;
    let x = call.x.as_ptr().wrapping_add(image + channel);
    let top = place.first * w.stride[b];
    let rows = plane.rows(w, place.rows);
    // Rows of the plane that are inside the image.
    let begin = w.pad[b].saturating_sub(top).min(rows);
    let end = (w.pad[b] + w.input[b]).saturating_sub(top).min(rows);
    // The first element of each phase that is inside, and the input there.
    for phase in 0..stride {
        let (mut first, mut at) = (0, phase);
        while at < pad {
            (first, at) = (first + 1, at + stride);
        }
        let inside = (pad + input).saturating_sub(at).div_ceil(stride.max(1));
        let count = inside.min(plane.pitch.saturating_sub(first));
        if count == 0 {
            continue;
        }
        for row in begin..end {
            let from = (top + row - w.pad[b]) * pixel(b) + (at - pad) * pixel(a);
            let to = row * plane.row + phase * plane.pitch + first;
            // SAFETY: the values are in the image, the places in the plane.
            unsafe { P::gather(x.add(from), pixel(a) * stride, count, cells.add(to)) };
        }
    }
}
