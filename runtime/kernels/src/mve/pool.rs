//! Pooling: 16 channels of a pixel at a time. A function that cannot compute its call returns
//! `false` and has done nothing.

use crate::scalar::pool::{AverageRounding, Pool};
use crate::{Dst, Src, Window};
use core::arch::asm;

/// Pixels that a sum of 16 bits holds.
const MOST: usize = 255;

/// Runs of pixels of a window inside the image: where the first starts, in elements.
#[derive(Clone, Copy)]
struct Runs {
    start: usize,
    /// Number of runs, and pixels of one.
    count: usize,
    pixels: usize,
    /// From a run to the next, in elements.
    step: usize,
}

/// Calls `f` with the runs of every window, in the order of the outputs. `false` where input or
/// output are shorter than the window says, or the windows have holes.
fn windows(
    w: &Window,
    channels: usize,
    x: Src<'_, i8>,
    y: Dst<'_, i8>,
    mut f: impl FnMut(Runs),
) -> bool {
    let len = |[rows, columns]: [usize; 2]| w.batch * rows * columns * channels;
    if w.dilation != [1, 1] || x.len() < len(w.input) || y.len() < len(w.output) {
        return false;
    }
    let inside = |axis: usize, o: usize| {
        let axis = axis & 1;
        let (start, pad) = (o * w.stride[axis], w.pad[axis]);
        let end = (start + w.kernel[axis]).min(pad + w.input[axis]).saturating_sub(pad);
        let start = start.saturating_sub(pad);
        (start, end.saturating_sub(start))
    };
    w.positions(|n, oy, ox| {
        let ((top, rows), (left, columns)) = (inside(0, oy), inside(1, ox));
        let step = w.input[1] * channels;
        let start = (n * w.input[0] + top) * step + left * channels;
        let runs = Runs { start, count: rows, pixels: columns, step };
        // Whole rows of the image are one run.
        let whole = columns == w.input[1];
        f(if whole { Runs { count: 1, pixels: columns * rows, ..runs } } else { runs });
    });
    true
}

/// See [`average_s8`](crate::scalar::pool::average_s8).
pub(crate) fn average_s8(
    p: &Pool<i32>,
    rounding: AverageRounding,
    x: Src<'_, i8>,
    y: Dst<'_, i8>,
) -> bool {
    let channels = p.channels;
    let mut to = y.as_mut_ptr();
    windows(&p.window, channels, x, y, |runs| {
        let count = (runs.count * runs.pixels) as i32;
        let mut channel = 0;
        while channel < channels {
            let width = (channels - channel).min(16);
            let mut sums = [0i32; 16];
            // SAFETY: these channels of the window's pixels, which are inside the input.
            unsafe { add(x.as_ptr().wrapping_add(channel), runs, channels, width, &mut sums) };
            for (index, &sum) in sums.iter().enumerate().take(width) {
                let value = p.clamp.apply(rounding.divide(sum, count)) as i8;
                // SAFETY: the output has all windows' channels.
                unsafe { *to.wrapping_add(channel + index) = value };
            }
            channel += 16;
        }
        to = to.wrapping_add(channels);
    })
}

/// Adds the `width` channels from `x` on over all pixels to `sums`.
///
/// # Safety
/// The runs are inside the memory behind `x`; `width` is at most 16.
unsafe fn add(x: *const i8, runs: Runs, channels: usize, width: usize, sums: &mut [i32; 16]) {
    let mut start = runs.start;
    for _ in 0..runs.count {
        let (mut at, mut rest) = (start, runs.pixels);
        while rest > 0 {
            let pixels = rest.min(MOST);
            let mut part = [0i16; 16];
            let from = x.wrapping_add(at);
            // SAFETY: so many pixels, and their channels.
            unsafe {
                if width == 16 {
                    add_all(from, channels, pixels, &mut part);
                } else {
                    add_some(from, channels, pixels, width, &mut part);
                }
            }
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum = sum.wrapping_add(i32::from(part));
            }
            at += pixels * channels;
            rest -= pixels;
        }
        start += runs.step;
    }
}

/// Sums of 16 channels.
///
/// # Safety
/// `pixels` pixels, `step` apart, from 1 to 255.
#[inline(never)]
unsafe fn add_all(x: *const i8, step: usize, pixels: usize, sums: &mut [i16; 16]) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "vmov.i32 q0, #0",
            "vmov.i32 q1, #0",
            "dls lr, {pixels}",
            "2:",
            "vldrb.s16 q2, [r0]",
            "vldrb.s16 q3, [r0, #8]",
            "add r0, {step}",
            "vadd.i16 q0, q0, q2",
            "vadd.i16 q1, q1, q3",
            "le lr, 2b",
            "vstrh.16 q0, [{sums}]",
            "vstrh.16 q1, [{sums}, #16]",
            inout("r0") x => _,
            step = in(reg) step,
            pixels = in(reg) pixels,
            sums = in(reg) sums,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            options(nostack),
        );
    }
}

/// Sums of fewer channels.
///
/// # Safety
/// As for [`add_all`]; `width` is at most 16.
#[inline(never)]
unsafe fn add_some(x: *const i8, step: usize, pixels: usize, width: usize, sums: &mut [i16; 16]) {
    for (half, sums) in sums.chunks_exact_mut(8).enumerate() {
        // SAFETY: the caller's promise; vectors are cut to the channels that there are.
        unsafe {
            asm!(
                "vmov.i32 q0, #0",
                "dls lr, {pixels}",
                "vctp.16 {width}",
                "2:",
                "vpst",
                "vldrbt.s16 q2, [r0]",
                "add r0, {step}",
                "vadd.i16 q0, q0, q2",
                "le lr, 2b",
                "vstrh.16 q0, [{sums}]",
                inout("r0") x.wrapping_add(half * 8) => _,
                step = in(reg) step,
                pixels = in(reg) pixels,
                width = in(reg) width.saturating_sub(half * 8),
                sums = in(reg) sums.as_mut_ptr(),
                out("lr") _,
                out("q0") _, out("q2") _,
                options(nostack),
            );
        }
    }
}

/// See [`max_s8`](crate::scalar::pool::max_s8).
pub(crate) fn max_s8(p: &Pool<i8>, x: Src<'_, i8>, y: Dst<'_, i8>) -> bool {
    let channels = p.channels;
    let mut to = y.as_mut_ptr();
    windows(&p.window, channels, x, y, |runs| {
        let mut channel = 0;
        while channel < channels {
            let (x, to) = (x.as_ptr().wrapping_add(channel), to.wrapping_add(channel));
            // SAFETY: these channels of the window's pixels, which are inside the input, and of the
            // output.
            unsafe { largest(x, runs, channels, channels - channel, p, to) };
            channel += 16;
        }
        to = to.wrapping_add(channels);
    })
}

/// The largest values of at most 16 channels.
///
/// # Safety
/// The runs are inside the memory behind `x`; `to` has `width` channels, or 16 if that is more.
#[inline(never)]
unsafe fn largest(
    x: *const i8,
    runs: Runs,
    channels: usize,
    width: usize,
    p: &Pool<i8>,
    to: *mut i8,
) {
    // SAFETY: the caller's promise; vectors are cut to the channels that there are.
    unsafe {
        asm!(
            "vctp.8 {width}",
            "vmov.i8 q0, #128",
            "cbz r0, 5f",
            "4:",
            "mov r2, {row}",
            "wls lr, {pixels}, 3f",
            "2:",
            "vpst",
            "vldrbt.u8 q1, [r2]",
            "add r2, {channels}",
            "vmax.s8 q0, q0, q1",
            "le lr, 2b",
            "3:",
            "add {row}, {step}",
            "subs r0, #1",
            "bne 4b",
            "5:",
            "ldrsb r2, [{clamp}]",
            "vdup.8 q1, r2",
            "vmax.s8 q0, q0, q1",
            "ldrsb r2, [{clamp}, #1]",
            "vdup.8 q1, r2",
            "vmin.s8 q0, q0, q1",
            "vpst",
            "vstrbt.8 q0, [{to}]",
            width = in(reg) width,
            inout("r0") runs.count => _,
            row = inout(reg) x.wrapping_add(runs.start) => _,
            pixels = in(reg) runs.pixels,
            step = in(reg) runs.step,
            channels = in(reg) channels,
            clamp = in(reg) &[p.clamp.min, p.clamp.max],
            to = in(reg) to,
            out("r2") _, out("lr") _,
            out("q0") _, out("q1") _,
            options(nostack),
        );
    }
}
