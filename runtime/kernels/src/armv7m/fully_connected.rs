//! Fully connected: 8 outputs at once.

use super::layout::{HEAD, ROWS};
use super::scale::Scale;
use crate::Part;
use crate::packed::{Conv, FullyConnected};
use crate::word::layout::as_conv;
use crate::word::record::Output;

/// A part of a packed fully connected layer.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let &FullyConnected { cpu, family, form, ref spec, packed, x, y, scratch } = call;
    if let Some(form) = form.checked_sub(1) {
        let spec = as_conv(spec);
        return super::conv_s8(&Conv { cpu, family, form, spec, packed, x, y, scratch }, part);
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

/// The sums of a block.
///
/// # Safety
/// There are `ROWS` heads, `depth` inputs and `depth` times `ROWS` weights.
#[inline(always)]
unsafe fn sums(heads: *const i32, weights: *const i8, x: *const i8, depth: usize) -> [i32; ROWS] {
    // SAFETY: as the caller says.
    unsafe {
        let mut sums = core::array::from_fn(|row| *heads.add(row * (HEAD / 4)));
        let mut weights = weights;
        for k in 0..depth {
            let input = i32::from(*x.add(k));
            for (row, sum) in sums.iter_mut().enumerate() {
                let product = i32::from(*weights.add(row)).wrapping_mul(input);
                *sum = i32::wrapping_add(*sum, product);
            }
            weights = weights.add(ROWS);
        }
        sums
    }
}
