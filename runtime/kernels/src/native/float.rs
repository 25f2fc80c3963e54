//! Products of floats: tiles of pixels by four outputs, whose sums are in registers.
//!
//! Every sum is added in the order of the definition, from 0, the bias last. Where the processor
//! multiplies and adds in one step, the product is not rounded; so with `n` products a sum is off
//! by at most `n * 2^-24` times the sum of the products' magnitudes, as the definition's is.

use super::fused::{Sums, Walk, add_channel, add_channels, add_products};
use crate::packed::product;
use crate::scalar::conv::ConvF32;
use crate::scalar::depthwise::DepthwiseF32;
use crate::scalar::fully_connected::FullyConnectedF32;
use crate::scalar::{conv, depthwise, fully_connected};
use crate::{Cpu, Dst, Src, Window};

/// See [`conv::conv_f32`].
#[inline]
pub fn conv_f32(cpu: Cpu, p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    if convolve(p, x, y).is_none() {
        conv::conv_f32(p, x, y);
    }
}

/// See [`depthwise::depthwise_f32`].
#[inline]
pub fn depthwise_f32(cpu: Cpu, p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    #[cfg(smidge_isa = "aarch64")]
    if crate::aarch64::real::depthwise_f32(p, x, y).is_some() {
        return;
    }
    #[cfg(smidge_isa = "x86_64")]
    if crate::x86_64::real::depthwise_f32(cpu, p, x, y).is_some() {
        return;
    }
    if channels(p, x, y).is_none() {
        depthwise::depthwise_f32(p, x, y);
    }
}

/// See [`fully_connected::fully_connected_f32`].
#[inline]
pub fn fully_connected_f32(cpu: Cpu, p: &FullyConnectedF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    if products(p, x, y).is_none() {
        fully_connected::fully_connected_f32(p, x, y);
    }
}

/// The part of a window that is inside the image at an output: rows of runs, whose elements follow
/// each other.
#[derive(Clone, Copy)]
struct Part {
    /// Rows, and runs of a row.
    count: [usize; 2],
    /// Pixels from the input's start to the first, and from one to the next.
    pixel: usize,
    pixel_step: [usize; 2],
    /// Number of the first window element, and from one to the next.
    tap: usize,
    tap_step: [usize; 2],
}

impl Part {
    #[inline]
    fn new(w: &Window, n: usize, [oy, ox]: [usize; 2]) -> Self {
        let (rows, columns) = (w.inside(0, oy), w.inside(1, ox));
        let row = n * w.input[0] + w.input_at(0, oy, rows.start);
        Self {
            count: [rows.len(), columns.len()],
            pixel: (row * w.input[1]).wrapping_add(w.input_at(1, ox, columns.start)),
            pixel_step: [w.dilation[0] * w.input[1], w.dilation[1]],
            tap: rows.start * w.kernel[1] + columns.start,
            tap_step: [w.kernel[1], 1],
        }
    }
}

/// `None` if a length does not fit the shape.
fn convolve(p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let (w, group) = (&p.window, p.group_channels);
    let groups = p.in_channels.checked_div(group)?;
    let weights = product(&[w.kernel[0], w.kernel[1], group, p.out_channels])?;
    let (input, output) = w.lens(p.in_channels, p.out_channels)?;
    let fits = x.len() >= input
        && y.len() >= output
        && p.weights.len() >= weights
        && groups * group == p.in_channels
        && p.out_channels.checked_rem(groups)? == 0;
    if !fits {
        return None;
    }
    let mut at = 0;
    for n in 0..w.batch {
        for oy in 0..w.output[0] {
            let mut ox = 0;
            while ox < w.output[1] {
                let is_pair = ox + 1 < w.output[1] && w.inside(1, ox + 1) == w.inside(1, ox);
                let part = Part::new(w, n, [oy, ox]);
                // SAFETY: the part is inside the image, and with a pair so is the next pixel's; the
                // result has room for all outputs of all pixels.
                unsafe { pixels(p, x.as_ptr(), y.as_mut_ptr().add(at), part, is_pair) };
                let done = 1 + usize::from(is_pair);
                at += done * p.out_channels;
                ox += done;
            }
        }
    }
    Some(())
}

/// All outputs of a pixel, or of it and the next.
///
/// # Safety
/// The part of the window is inside the image at `x`, all weights are there, and `y` has room.
unsafe fn pixels(p: &ConvF32<'_>, x: *const f32, y: *mut f32, part: Part, is_pair: bool) {
    let (w, group) = (&p.window, p.group_channels);
    let filter = w.kernel[0] * w.kernel[1] * group;
    let next = if is_pair { w.stride[1] * p.in_channels } else { 0 };
    let [rows, columns] = part.count;
    // Columns that follow each other are one run.
    let is_dense = w.dilation[1] == 1 && group == p.in_channels;
    let (runs, run) = if is_dense { (1, columns * group) } else { (columns, group) };
    let per_group = p.out_channels / p.in_channels.checked_div(group).unwrap_or(1).max(1);
    let (mut from, mut first) = (x.wrapping_add(part.pixel * p.in_channels), 0);
    let filters = p.weights.as_ptr().wrapping_add(part.tap * group);
    while first < p.out_channels {
        // One group of inputs and its outputs, four at a time.
        let end = first + per_group.max(1);
        while first < end {
            let count = (end - first).min(4);
            let mut sums = Sums::default();
            let (mut row, mut taps) = (from, filters.wrapping_add(first * filter));
            for _ in 0..rows {
                let (mut at, mut tap) = (row, taps);
                for _ in 0..runs {
                    let at_next = at.wrapping_add(next);
                    // SAFETY: the caller vouches for the window's elements and the weights.
                    unsafe {
                        let weights = (tap, filter, count);
                        add_products([at, at_next], weights, run, is_pair, &mut sums);
                    }
                    at = at.wrapping_add(part.pixel_step[1] * p.in_channels);
                    tap = tap.wrapping_add(part.tap_step[1] * group);
                }
                row = row.wrapping_add(part.pixel_step[0] * p.in_channels);
                taps = taps.wrapping_add(part.tap_step[0] * group);
            }
            for (pixel, sums) in sums.iter().enumerate().take(1 + usize::from(is_pair)) {
                for (i, sum) in sums.iter().enumerate().take(count) {
                    let value = p.clamp.apply(sum + p.bias.get(first + i));
                    // SAFETY: the caller vouches for the room.
                    unsafe { y.add(pixel * p.out_channels + first + i).write(value) }
                }
            }
            first += count;
        }
        from = from.wrapping_add(group);
    }
}

/// `None` if a length does not fit the shape.
fn products(p: &FullyConnectedF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let fits = x.len() >= product(&[p.batch, p.depth])?
        && y.len() >= product(&[p.batch, p.outputs])?
        && p.weights.len() >= product(&[p.outputs, p.depth])?;
    if !fits {
        return None;
    }
    let mut row = 0;
    while row < p.batch {
        let is_pair = row + 1 < p.batch;
        let mut first = 0;
        while first < p.outputs {
            let count = (p.outputs - first).min(4);
            let mut sums = Sums::default();
            // SAFETY: there are as many rows of inputs and of weights.
            unsafe {
                let x = x.as_ptr().add(row * p.depth);
                let next = x.add(if is_pair { p.depth } else { 0 });
                let weights = p.weights.as_ptr().add(first * p.depth);
                add_products([x, next], (weights, p.depth, count), p.depth, is_pair, &mut sums);
            }
            for (i, sums) in sums.iter().enumerate().take(1 + usize::from(is_pair)) {
                for (o, sum) in sums.iter().enumerate().take(count) {
                    let value = p.clamp.apply(sum + p.bias.get(first + o));
                    y.set((row + i) * p.outputs + first + o, value);
                }
            }
            first += count;
        }
        row += 1 + usize::from(is_pair);
    }
    Some(())
}

/// `None` if a length does not fit the shape.
fn channels(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    let (w, channels) = (&p.window, product(&[p.in_channels, p.multiplier])?);
    let (input, output) = w.lens(p.in_channels, channels)?;
    let fits = x.len() >= input
        && y.len() >= output
        && p.weights.len() >= product(&[w.kernel[0], w.kernel[1], channels])?;
    if !fits {
        return None;
    }
    let mut at = 0;
    for n in 0..w.batch {
        for oy in 0..w.output[0] {
            for ox in 0..w.output[1] {
                let part = Part::new(w, n, [oy, ox]);
                // SAFETY: the part is inside the image, and the result has room for all channels of
                // all pixels.
                unsafe { pixel(p, x.as_ptr(), y.as_mut_ptr().add(at), part) };
                at += channels;
            }
        }
    }
    Some(())
}

/// All channels of a pixel.
///
/// # Safety
/// The part of the window is inside the image at `x`, all weights are there, and `y` has room.
unsafe fn pixel(p: &DepthwiseF32<'_>, x: *const f32, y: *mut f32, part: Part) {
    let channels = p.in_channels * p.multiplier;
    let mut from = x.wrapping_add(part.pixel * p.in_channels);
    let mut weights = p.weights.as_ptr().wrapping_add(part.tap * channels);
    let walk = Walk {
        count: part.count,
        x: part.pixel_step.map(|step| step * p.in_channels),
        weights: part.tap_step.map(|step| step * channels),
    };
    let (mut first, mut of_input) = (0, 0);
    while first < channels {
        // Four channels, or one output.
        let is_four = p.multiplier == 1 && channels - first >= 4;
        let mut sums = [0f32; 4];
        // SAFETY: the caller vouches for the window's elements and the weights.
        unsafe {
            if is_four {
                add_channels(from, weights, &walk, &mut sums);
            } else {
                sums[0] = add_channel(from, weights, &walk);
            }
        }
        let count = if is_four { 4 } else { 1 };
        for (i, sum) in sums.into_iter().enumerate().take(count) {
            let value = p.clamp.apply(sum + p.bias.get(first + i));
            // SAFETY: the caller vouches for the room.
            unsafe { y.add(first + i).write(value) }
        }
        first += count;
        weights = weights.wrapping_add(count);
        of_input += count;
        if of_input >= p.multiplier {
            of_input = 0;
            from = from.wrapping_add(count);
        }
    }
}
