//! Fully connected: 8 outputs at once.

use super::layout::{HEAD, ROWS};
use super::scale::Scale;
use crate::Part;
use crate::packed::{Conv, FullyConnected};
use crate::word::layout::as_conv;
use crate::word::record::Output;
use core::arch::asm;

/// A part of a packed fully connected layer.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let &FullyConnected { cpu, family, form, spec, packed, x, y, scratch } = call;
    if let Some(form) = form.checked_sub(1) {
        let spec = as_conv(spec);
        return super::conv_s8(
            &Conv { cpu, family, form, spec: &spec, packed, x, y, scratch },
            part,
        );
    }
    if part.index > 0 {
        return;
    }
    let output = Output { zero: spec.output_zero, clamp: spec.clamp };
    let (mut x, mut y) = (x.as_ptr(), y.as_mut_ptr());
    for _ in 0..spec.batch {
        // SAFETY: the lengths are those of the layout.
        unsafe {
            row(packed.as_ptr(), x, spec.depth, y, spec.outputs, output);
            (x, y) = (x.add(spec.depth), y.add(spec.outputs));
        }
    }
}

/// The outputs of one row.
///
/// # Safety
/// There are `depth` inputs, `outputs` outputs, and their blocks.
unsafe fn row(
    packed: *const u8,
    x: *const i8,
    depth: usize,
    y: *mut i8,
    outputs: usize,
    output: Output,
) {
    let (mut packed, mut y, mut left) = (packed, y, outputs);
    while left > 0 {
        // SAFETY: as the caller says; words are at multiples of 4.
        unsafe {
            let weights = packed.add(ROWS * HEAD);
            let sums = sums(packed.cast(), weights.cast(), x, depth);
            for (row, &sum) in sums.iter().enumerate() {
                if row >= left {
                    break;
                }
                let scale = *packed.add(row * HEAD + 4).cast::<Scale>();
                let [value] = scale.apply([sum], output);
                y.add(row).write(value as i8);
            }
            packed = weights.add(ROWS * depth);
            y = y.wrapping_add(ROWS);
        }
        left = left.saturating_sub(ROWS);
    }
}

/// The products of an input with the weights of all rows.
macro_rules! element {
    () => {
        concat!(
            "ldrsb {input}, [{x}], #1\n",
            element!("{s0}"),
            element!("{s1}"),
            element!("{s2}"),
            element!("{s3}"),
            element!("{s4}"),
            element!("{s5}"),
            element!("{s6}"),
            element!("{s7}"),
        )
    };
    ($sum:literal) => {
        concat!("ldrsb {w}, [{weights}], #1\n", "mla ", $sum, ", {w}, {input}, ", $sum, "\n",)
    };
}

/// The sums of a block.
///
/// # Safety
/// There are `ROWS` heads, `depth` inputs and `depth` times `ROWS` weights; the depth is not 0.
#[inline(always)]
unsafe fn sums(heads: *const i32, weights: *const i8, x: *const i8, depth: usize) -> [i32; ROWS] {
    // SAFETY: as the caller says.
    let start = |row: usize| unsafe { *heads.add(row * (HEAD / 4)) };
    let [mut s0, mut s1, mut s2, mut s3] = [start(0), start(1), start(2), start(3)];
    let [mut s4, mut s5, mut s6, mut s7] = [start(4), start(5), start(6), start(7)];
    // The loop takes 4 elements; its first pass begins inside, so that the last is whole.
    let skip = depth.wrapping_neg() & 3;
    // SAFETY: reads `depth` inputs and weights.
    unsafe {
        asm!(
            "cmp {w}, #2",
            "bhi 23f",
            "beq 22f",
            "cmp {w}, #1",
            "beq 21f",
            "20:",
            element!(),
            "21:",
            element!(),
            "22:",
            element!(),
            "23:",
            element!(),
            "cmp {x}, {end}",
            "bne 20b",
            x = inout(reg) x => _,
            weights = inout(reg) weights => _,
            end = in(reg) x.wrapping_add(depth),
            w = inout(reg) skip => _,
            input = out(reg) _,
            s0 = inout(reg) s0, s1 = inout(reg) s1, s2 = inout(reg) s2, s3 = inout(reg) s3,
            s4 = inout(reg) s4, s5 = inout(reg) s5, s6 = inout(reg) s6, s7 = inout(reg) s7,
            options(nostack, readonly),
        );
    }
    [s0, s1, s2, s3, s4, s5, s6, s7]
}
