//! Depthwise convolution: 4 outputs side by side.

use super::layout::HEAD;
use super::scale::Scale;
use crate::Part;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;

struct Armv7m;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Armv7m>(call, part) }
}

impl Planar for Armv7m {
    type Element = i32;
    const HEAD: usize = HEAD;

    fn element(value: i8) -> i32 {
        i32::from(value)
    }

    #[inline(always)]
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut i32) {
        let mut from = from;
        for index in 0..count {
            // SAFETY: as the caller says.
            unsafe { to.add(index).write(i32::from(*from)) };
            from = from.wrapping_add(step);
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: a channel's numbers are at a multiple of 4.
        let (start, scale) =
            unsafe { (*band.head.cast::<i32>(), *band.head.add(4).cast::<Scale>()) };
        let mut plane = band.plane;
        let mut line = band.y;
        for _ in 0..band.rows {
            let mut left = band.count;
            let mut y = line;
            let mut x = plane;
            while left > 0 {
                // SAFETY: the plane has the inputs of `SIDE` outputs from here, whether they are
                // outputs or not; `left` are.
                unsafe {
                    let values = scale.apply(sums(band.taps, start, x), band.output);
                    for value in values.into_iter().take(left) {
                        y.write(value as i8);
                        y = y.wrapping_add(band.step);
                    }
                }
                left = left.saturating_sub(SIDE);
                x = x.wrapping_add(4 * SIDE);
            }
            plane = plane.wrapping_add(band.row);
            line = line.wrapping_add(band.row_step);
        }
    }
}

/// The sums of four outputs.
///
/// # Safety
/// As [`Band`] says.
#[inline(always)]
unsafe fn sums(taps: &[Tap], start: i32, x: *const u8) -> [i32; SIDE] {
    let mut sums = [start; SIDE];
    for tap in taps {
        let from = x.wrapping_add(tap.at).cast::<i32>();
        for (side, sum) in sums.iter_mut().enumerate() {
            // SAFETY: as the caller says.
            let input = unsafe { *from.add(side) };
            *sum = sum.wrapping_add(input.wrapping_mul(tap.weight));
        }
    }
    sums
}
