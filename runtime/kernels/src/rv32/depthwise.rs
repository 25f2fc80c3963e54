//! Depthwise convolution: 4 outputs side by side.

use super::conv::{store, store_four};
use super::layout::HEAD;
use crate::Part;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;
use crate::word::record::Record;

struct Rv32;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Rv32>(call, part) }
}

impl Planar for Rv32 {
    type Element = i8;
    const HEAD: usize = HEAD;

    fn element(value: i8) -> i8 {
        value
    }

    #[inline(always)]
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut i8) {
        let mut from = from;
        for index in 0..count {
            // SAFETY: as the caller says.
            unsafe { to.add(index).write(*from) };
            from = from.wrapping_add(step);
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: a channel's numbers are at a multiple of 4.
        let (start, record) =
            unsafe { (*band.head.cast::<i32>(), &*band.head.add(4).cast::<Record>()) };
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
                    let sums = if band.is_dense && band.kernel == 3 {
                        dense(band, start, x)
                    } else {
                        general(band.taps, start, x)
                    };
                    if left >= SIDE {
                        store_four(band.head.add(4), sums, y, band.step, band.output);
                    } else {
                        store(record, &sums, y, band.step, left, band.output);
                    }
                }
                left = left.saturating_sub(SIDE);
                y = y.wrapping_add(SIDE * band.step);
                x = x.wrapping_add(SIDE);
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
unsafe fn general(taps: &[Tap], start: i32, x: *const u8) -> [i32; SIDE] {
    let mut sums = [start; SIDE];
    for tap in taps {
        let from = x.wrapping_add(tap.at).cast::<i8>();
        for (side, sum) in sums.iter_mut().enumerate() {
            // SAFETY: as the caller says.
            let input = i32::from(unsafe { *from.add(side) });
            *sum = sum.wrapping_add(input.wrapping_mul(tap.weight));
        }
    }
    sums
}

/// The same for rows of three taps that are side by side, too.
///
/// # Safety
/// As [`Band`] says.
#[inline(always)]
unsafe fn dense(band: &Band<'_>, start: i32, x: *const u8) -> [i32; SIDE] {
    let mut sums = [start; SIDE];
    for taps in band.taps.chunks_exact(3) {
        let &[first, second, third] = taps else { continue };
        let from = x.wrapping_add(first.at).cast::<i8>();
        // SAFETY: as the caller says.
        let inputs: [i32; SIDE + 2] =
            core::array::from_fn(|side| i32::from(unsafe { *from.add(side) }));
        let weights = [first.weight, second.weight, third.weight];
        for (sum, inputs) in sums.iter_mut().zip(inputs.windows(3)) {
            for (input, weight) in inputs.iter().zip(weights) {
                *sum = sum.wrapping_add(input.wrapping_mul(weight));
            }
        }
    }
    sums
}
