//! Pooling: 16 channels of a pixel at a time. A function that cannot compute its call returns
//! `false` and has done nothing.

use crate::native::fits;
use crate::scalar::pool::{AverageRounding, Pool};
use crate::{Dst, Src, Window};
use core::arch::asm;

/// Pixels that a sum of 16 bits holds.
const MOST: usize = 255;

/// Runs of pixels of a window inside the image.
#[derive(Clone, Copy)]
pub(super) struct Runs {
    /// Where the first starts, in elements.
    pub start: usize,
    /// Number of runs, and pixels of one.
    pub count: usize,
    pub pixels: usize,
    /// From a run to the next, in elements.
    pub step: usize,
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
    if w.dilation != [1, 1] || !fits(w, channels, x.len(), y.len()) {
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
        let count = runs.count * runs.pixels;
        let divisor = (2..=MOST).contains(&count).then(|| Divisor::new(p, rounding, count));
        let mut channel = 0;
        while channel < channels {
            let width = (channels - channel).min(16);
            let (x, to) = (x.as_ptr().wrapping_add(channel), to.wrapping_add(channel));
            // SAFETY: these channels of the window's pixels, which are inside the input, and of the
            // output.
            unsafe {
                match &divisor {
                    Some(divisor) if width == 16 => average::<16>(x, runs, channels, divisor, to),
                    Some(divisor) => {
                        let half = width.min(8);
                        let first = Divisor { width: half, ..*divisor };
                        average::<8>(x, runs, channels, &first, to);
                        let rest = Divisor { width: width - half, ..*divisor };
                        let (x, to) = (x.wrapping_add(8), to.wrapping_add(8));
                        average::<8>(x, runs, channels, &rest, to);
                    }
                    None => {
                        let mut sums = [0i32; 16];
                        add(x, runs, channels, width, &mut sums);
                        for (index, &sum) in sums.iter().enumerate().take(width) {
                            let value = p.clamp.apply(rounding.divide(sum, count as i32)) as i8;
                            *to.wrapping_add(index) = value;
                        }
                    }
                }
            }
            channel += 16;
        }
        to = to.wrapping_add(channels);
    })
}

/// A division of sums of up to 255 values by their number, as a product with its reciprocal: exact,
/// because sums are below `2^16`. The kernel's assembly knows the order of the fields.
#[repr(C)]
#[derive(Clone, Copy)]
struct Divisor {
    /// Makes sums positive where ties are rounded upwards, and the same of the average.
    raise: [i32; 2],
    /// Half of the number.
    half: i32,
    /// `2^32` divided by the number, rounded up.
    reciprocal: u32,
    clamp: [i32; 2],
    /// Channels that there are.
    width: usize,
}

impl Divisor {
    /// For windows of `count` pixels, from 2 to 255.
    fn new(p: &Pool<i32>, rounding: AverageRounding, count: usize) -> Self {
        let raise = match rounding {
            AverageRounding::AwayFromZero => [0, 0],
            AverageRounding::Up => [128 * count as i32, 128],
        };
        let reciprocal = u32::MAX.checked_div(count as u32).unwrap_or(0).wrapping_add(1);
        let (half, clamp) = (count as i32 / 2, [p.clamp.min, p.clamp.max]);
        Self { raise, half, reciprocal, clamp, width: 16 }
    }
}

/// Averages of 16 channels, or of at most 8 if `CHANNELS` is 8.
///
/// # Safety
/// The runs are inside the memory behind `x`; `to` has the divisor's channels.
#[inline(never)]
unsafe fn average<const CHANNELS: u8>(
    x: *const i8,
    runs: Runs,
    channels: usize,
    divisor: &Divisor,
    to: *mut i8,
) {
    let mut sums = [0i16; 16];
    // SAFETY: the caller's promise; vectors are cut to the channels that there are.
    unsafe {
        asm!(
            "vmov.i32 q0, #0",
            "vmov.i32 q1, #0",
            ".if {width} == 8",
            "ldr r2, [r12, #24]",
            "vctp.16 r2",
            ".endif",
            "4:",
            "mov r2, r3",
            "dls lr, {pixels}",
            "2:",
            ".if {width} == 8",
            "vpst",
            "vldrbt.s16 q2, [r2]",
            ".else",
            "vldrb.s16 q2, [r2]",
            "vldrb.s16 q3, [r2, #8]",
            "vadd.i16 q1, q1, q3",
            ".endif",
            "add r2, {channels}",
            "vadd.i16 q0, q0, q2",
            "le lr, 2b",
            "add r3, {step}",
            "subs r0, #1",
            "bne 4b",
            "vstrh.16 q0, [r1]",
            ".if {width} == 16",
            "vstrh.16 q1, [r1, #16]",
            ".endif",
            "ldrd r0, r2, [r12, #16]",
            "vdup.32 q4, r0",
            "vdup.32 q5, r2",
            "ldrd r2, r3, [r12]",
            "ldrd r4, r0, [r12, #8]",
            "vdup.32 q6, r0",
            "ldr r0, [r12, #24]",
            // Four quotients: of magnitudes, then with the sign.
            "wlstp.32 lr, r0, 3f",
            "2:",
            "vldrh.s32 q0, [r1], #8",
            "vadd.i32 q0, q0, r2",
            "vabs.s32 q1, q0",
            "vadd.i32 q1, q1, r4",
            "vmulh.u32 q1, q1, q6",
            "vshr.s32 q0, q0, #31",
            "veor q1, q1, q0",
            "vsub.i32 q1, q1, q0",
            "vsub.i32 q1, q1, r3",
            "vmax.s32 q1, q1, q4",
            "vmin.s32 q1, q1, q5",
            "vstrb.32 q1, [r5], #4",
            "letp lr, 2b",
            "3:",
            width = const CHANNELS,
            inout("r0") runs.count => _,
            inout("r1") sums.as_mut_ptr() => _,
            out("r2") _,
            inout("r3") x.wrapping_add(runs.start) => _,
            out("r4") _,
            in("r12") divisor,
            pixels = in(reg) runs.pixels,
            channels = in(reg) channels,
            step = in(reg) runs.step,
            inout("r5") to => _,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            out("q4") _, out("q5") _, out("q6") _,
            options(nostack),
        );
    }
}

/// Adds the `width` channels from `x` on over all pixels to `sums`.
///
/// # Safety
/// The runs are inside the memory behind `x`; `width` is at most 16.
pub(super) unsafe fn add(
    x: *const i8,
    runs: Runs,
    channels: usize,
    width: usize,
    sums: &mut [i32; 16],
) {
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
