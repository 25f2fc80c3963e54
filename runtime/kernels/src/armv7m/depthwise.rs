//! Depthwise convolution: 4 outputs side by side.

use super::layout::{HEAD, TAPS};
use super::scale::Scale;
use crate::Part;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;
use core::arch::asm;

struct Armv7m;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Armv7m>(call, part) }
}

impl Planar for Armv7m {
    type Element = i32;
    const HEAD: usize = HEAD;
    const TAPS: usize = TAPS;

    fn element(value: i8) -> i32 {
        i32::from(value)
    }

    #[inline(always)]
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut i32) {
        let (mut from, mut to) = (from, to);
        // SAFETY: as the caller says.
        unsafe {
            for _ in 0..count / 4 {
                for index in 0..4 {
                    to.add(index).write(i32::from(*from));
                    from = from.wrapping_add(step);
                }
                to = to.add(4);
            }
            for _ in 0..count % 4 {
                to.write(i32::from(*from));
                (from, to) = (from.wrapping_add(step), to.add(1));
            }
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: a channel's numbers are at a multiple of 4.
        let (start, scale) =
            unsafe { (*band.head.cast::<i32>(), *band.head.add(4).cast::<Scale>()) };
        let mut plane = band.plane;
        let mut line = band.y;
        for _ in 0..band.rows {
            let (mut left, mut y, mut x) = (band.count, line, plane);
            // SAFETY: the plane has the inputs of `SIDE` outputs from here, whether they are outputs
            // or not; `left` are.
            unsafe {
                while left >= SIDE {
                    for value in scale.apply(sums(band.taps, start, x), band.output) {
                        y.write(value as i8);
                        y = y.wrapping_add(band.step);
                    }
                    left -= SIDE;
                    x = x.wrapping_add(4 * SIDE);
                }
                if left > 0 {
                    let values = scale.apply(sums(band.taps, start, x), band.output);
                    for value in values.into_iter().take(left) {
                        y.write(value as i8);
                        y = y.wrapping_add(band.step);
                    }
                }
            }
            plane = plane.wrapping_add(band.row);
            line = line.wrapping_add(band.row_step);
        }
    }
}

/// A tap.
macro_rules! tap {
    () => {
        "ldrd {at}, {w}, [{tap}], #8
         add {at}, {at}, {x}
         ldm {at}, {{r0, r1, r2, r3}}
         mla {s0}, r0, {w}, {s0}
         mla {s1}, r1, {w}, {s1}
         mla {s2}, r2, {w}, {s2}
         mla {s3}, r3, {w}, {s3}"
    };
}

/// The sums of four outputs.
///
/// # Safety
/// As [`Band`] says.
#[inline(always)]
unsafe fn sums(taps: &[Tap], start: i32, x: *const u8) -> [i32; SIDE] {
    let [mut s0, mut s1, mut s2, mut s3] = [start; SIDE];
    let taps = taps.as_ptr_range();
    // SAFETY: reads the taps, a multiple of three, and the plane.
    unsafe {
        asm!(
            "20:",
            tap!(),
            tap!(),
            tap!(),
            "cmp {tap}, {end}",
            "bne 20b",
            tap = inout(reg) taps.start => _,
            end = in(reg) taps.end,
            x = in(reg) x,
            at = out(reg) _,
            w = out(reg) _,
            s0 = inout(reg) s0,
            s1 = inout(reg) s1,
            s2 = inout(reg) s2,
            s3 = inout(reg) s3,
            out("r0") _,
            out("r1") _,
            out("r2") _,
            out("r3") _,
            options(nostack, readonly),
        );
    }
    [s0, s1, s2, s3]
}
