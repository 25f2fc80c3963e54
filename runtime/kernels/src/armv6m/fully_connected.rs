//! Fully connected: 4 outputs at once, inputs as words.

use super::layout::{ROWS, UNROLL, head};
use super::{POINT, value};
use crate::Part;
use crate::packed::{Conv, FullyConnected};
use crate::word::layout::{as_conv, up};
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
    let words = scratch.as_mut_ptr().cast::<i32>();
    let depth = up(spec.depth, UNROLL);
    for _ in 0..spec.batch {
        let mut sum = 0i32;
        // SAFETY: the lengths are those of the layout: `depth` words of scratch memory.
        unsafe {
            for k in 0..spec.depth {
                let value = i32::from(*x.add(k));
                words.add(k).write(value);
                sum = sum.wrapping_add(value);
            }
            for k in spec.depth..depth {
                words.add(k).write(0);
            }
            // Weights are 128 too large.
            let add = -(sum << 7);
            row(form, packed.as_ptr(), [words, words.add(depth)], add, y, spec.outputs, output);
            (x, y) = (x.add(spec.depth), y.add(spec.outputs));
        }
    }
}

/// The outputs of one row; `add` is what sums begin with beside their starts.
///
/// # Safety
/// There are words from one pointer to the other, `outputs` outputs, and their blocks.
unsafe fn row(
    form: u8,
    packed: *const u8,
    words: [*const i32; 2],
    add: i32,
    y: *mut i8,
    outputs: usize,
    output: Output,
) {
    let (mut packed, mut y, mut left) = (packed, y, outputs);
    while left > 0 {
        // SAFETY: as the caller says; words are at multiples of 4.
        unsafe {
            let starts = *packed.cast::<[i32; ROWS]>();
            let mut block = Block {
                sums: starts.map(|start| start.wrapping_add(add)),
                words: words[0],
                end: words[1],
                weights: packed.add(ROWS * head(form)),
            };
            block.run();
            let mut record = packed.add(4 * ROWS);
            for (row, &sum) in block.sums.iter().enumerate().take(left) {
                let value = Record::read(record, form).apply::<POINT>(sum, output, value);
                y.add(row).write(value as i8);
                record = record.add(record::len(form));
            }
            packed = block.weights;
            y = y.wrapping_add(ROWS);
        }
        left = left.saturating_sub(ROWS);
    }
}

/// Arguments and result of the loop.
#[repr(C)]
struct Block {
    sums: [i32; ROWS],
    words: *const i32,
    end: *const i32,
    weights: *const u8,
}

/// The products of the input in `$x`, whose first weight is number `$k`.
macro_rules! products {
    ($x:literal, $k:literal) => {
        concat!(
            "ldrb r4, [r6, #",
            $k,
            "+0]\n",
            "muls r4, ",
            $x,
            ", r4\n",
            "add r8, r4\n",
            "ldrb r4, [r6, #",
            $k,
            "+1]\n",
            "muls r4, ",
            $x,
            ", r4\n",
            "add r9, r4\n",
            "ldrb r4, [r6, #",
            $k,
            "+2]\n",
            "muls r4, ",
            $x,
            ", r4\n",
            "add r10, r4\n",
            "ldrb r4, [r6, #",
            $k,
            "+3]\n",
            "muls r4, ",
            $x,
            ", r4\n",
            "add r11, r4\n",
        )
    };
}

impl Block {
    /// Adds the products to the sums and goes to the end of the weights.
    ///
    /// # Safety There are words up to the end, a multiple of [`UNROLL`] and not 0, and as many
    /// times [`ROWS`] weights.
    unsafe fn run(&mut self) {
        // SAFETY: as the caller says.
        unsafe {
            asm!(
                "push {{r0, r6, r7}}",
                "ldm r0!, {{r1, r2, r3, r4, r5, r6, r7}}",
                "mov r8, r1",
                "mov r9, r2",
                "mov r10, r3",
                "mov r11, r4",
                // The words, their end, the weights: r5, r7, r6.
                "mov r12, r6",
                "mov r6, r7",
                "mov r7, r12",
                "20:",
                "ldm r5!, {{r0, r1, r2, r3}}",
                products!("r0", "0"),
                products!("r1", "4"),
                products!("r2", "8"),
                products!("r3", "12"),
                "ldm r5!, {{r0, r1, r2, r3}}",
                products!("r0", "16"),
                products!("r1", "20"),
                products!("r2", "24"),
                products!("r3", "28"),
                "adds r6, #32",
                "cmp r5, r7",
                "bne 20b",
                "pop {{r0}}",
                "mov r1, r8",
                "mov r2, r9",
                "mov r3, r10",
                "mov r4, r11",
                "stm r0!, {{r1, r2, r3, r4}}",
                "str r6, [r0, #8]",
                "pop {{r6, r7}}",
                inout("r0") &raw mut *self => _,
                out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _,
            );
        }
    }
}
