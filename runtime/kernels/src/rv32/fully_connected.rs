//! Fully connected: 8 outputs at once.

use super::layout::{ROWS, head};
use super::{POINT, value};
use crate::Part;
use crate::packed::{Conv, FullyConnected};
use crate::word::layout::as_conv;
use crate::word::record::{self, Output, Record};
use core::arch::asm;

/// A part of a packed fully connected layer.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let &FullyConnected { cpu, family, form, spec, packed, x, y, scratch } = call;
    if let Some(form) = form.checked_sub(2) {
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
            row(form, packed.as_ptr(), x, spec.depth, y, spec.outputs, output);
            (x, y) = (x.add(spec.depth), y.add(spec.outputs));
        }
    }
}

/// The outputs of one row.
///
/// # Safety
/// There are `depth` inputs, `outputs` outputs, and their blocks.
unsafe fn row(
    form: u8,
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
            let weights = packed.add(ROWS * head(form));
            let sums = sums(packed.cast(), weights.cast(), x, depth);
            let mut record = packed.add(4 * ROWS);
            for (row, &sum) in sums.iter().enumerate().take(left) {
                let value = Record::read(record, form).apply::<POINT>(sum, output, value);
                y.add(row).write(value as i8);
                record = record.add(record::len(form));
            }
            packed = weights.add(ROWS * depth);
            y = y.wrapping_add(ROWS);
        }
        left = left.saturating_sub(ROWS);
    }
}

/// The products of an input, number `$k`, with the weights of all rows.
macro_rules! element {
    ($k:literal) => {
        concat!(
            "lb {input}, ",
            $k,
            "({x})\n",
            element!($k, "0", "{s0}"),
            element!($k, "1", "{s1}"),
            element!($k, "2", "{s2}"),
            element!($k, "3", "{s3}"),
            element!($k, "4", "{s4}"),
            element!($k, "5", "{s5}"),
            element!($k, "6", "{s6}"),
            element!($k, "7", "{s7}"),
        )
    };
    ($k:literal, $row:literal, $sum:literal) => {
        concat!(
            "lb {t}, 8*",
            $k,
            "+",
            $row,
            "({weights})\n",
            "mul {t}, {t}, {input}\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", {t}\n",
        )
    };
}

/// The sums of a block.
///
/// # Safety
/// There are `ROWS` starts, `depth` inputs and `depth` times `ROWS` weights; the depth is not 0.
#[inline(always)]
unsafe fn sums(starts: *const i32, weights: *const i8, x: *const i8, depth: usize) -> [i32; ROWS] {
    // SAFETY: as the caller says.
    let start = |row: usize| unsafe { *starts.add(row) };
    let [mut s0, mut s1, mut s2, mut s3] = [start(0), start(1), start(2), start(3)];
    let [mut s4, mut s5, mut s6, mut s7] = [start(4), start(5), start(6), start(7)];
    // The loop takes 4 elements; its first pass begins inside, so that the last is whole.
    let skip = depth.wrapping_neg() & 3;
    // SAFETY: reads `depth` inputs and weights behind pointers, which are moved back by what the
    // first pass leaves out.
    unsafe {
        asm!(
            "beqz {t}, 20f",
            "addi {input}, {t}, -2",
            "bltz {input}, 21f",
            "beqz {input}, 22f",
            "j 23f",
            "20:",
            element!("0"),
            "21:",
            element!("1"),
            "22:",
            element!("2"),
            "23:",
            element!("3"),
            "addi {x}, {x}, 4",
            "addi {weights}, {weights}, 32",
            "bne {x}, {end}, 20b",
            x = inout(reg) x.wrapping_sub(skip) => _,
            weights = inout(reg) weights.wrapping_sub(ROWS * skip) => _,
            end = in(reg) x.wrapping_add(depth),
            t = inout(reg) skip => _,
            input = out(reg) _,
            s0 = inout(reg) s0, s1 = inout(reg) s1, s2 = inout(reg) s2, s3 = inout(reg) s3,
            s4 = inout(reg) s4, s5 = inout(reg) s5, s6 = inout(reg) s6, s7 = inout(reg) s7,
            options(nostack, readonly),
        );
    }
    [s0, s1, s2, s3, s4, s5, s6, s7]
}
