//! Any window: a strip's inputs are widened to 16 bits, row by row, padding included; then four
//! outputs at a time share each pair of weights (SMLAD).

use crate::Window;
use crate::armv7em::layout::{NUMBERS, Plan, STRIP};
use crate::packed::{Depthwise, DepthwiseSpec};
use core::arch::naked_asm;

/// A strip of one channel, as [`outputs`] reads it. The loops count on in it.
#[repr(C)]
struct Strip {
    /// The row of inputs that is next, and the outputs.
    row: *const i16,
    y: *mut i8,
    /// Outputs across, at least 1.
    band: usize,
    /// From one to the next: bytes of the strip, and of the result.
    row_step: usize,
    across_step: usize,
    along_step: usize,
    /// Outputs along, 1 to 4.
    count: usize,
    weights: *const i16,
    /// Pairs of a kernel row, and kernel rows.
    pairs: usize,
    across: usize,
    /// Bytes from an output's inputs to the next one's, and from a kernel row's end to the next.
    apart: usize,
    skip: usize,
    bias: i32,
    mantissa: i32,
    left: u32,
    right: u32,
    /// Shift to the bit that is rounded, and whether there is one: -1 or 0.
    half: u32,
    rounds: i32,
    zero: i32,
    min: i32,
    max: i32,
}

/// Values of a run that are outside the image on the left, inside, outside on the right.
#[repr(C)]
#[derive(Clone, Copy)]
struct Run {
    left: usize,
    inside: usize,
    right: usize,
    zero: i32,
}

/// The whole layer.
pub(super) fn depthwise(call: &Depthwise<'_>) {
    let spec = &call.spec;
    let Some(plan) = Plan::new(spec) else { return };
    let Window { batch, input, output, .. } = spec.window;
    let values = call.scratch.as_mut_ptr().cast::<i16>();
    let channels = spec.in_channels * spec.multiplier;
    let across = output[plan.along & 1 ^ 1];
    let mut image = call.x.as_ptr();
    let mut result = call.y.as_mut_ptr();
    for _ in 0..batch {
        let mut from = 0;
        while from < across {
            let band = plan.band.min(across - from);
            let mut record = call.packed.as_ptr();
            let mut y = result;
            for channel in 0..spec.in_channels {
                for _ in 0..spec.multiplier {
                    // SAFETY: the channel is inside the image, the output channel inside the
                    // result; the packed constant has a record for each, and the scratch memory is
                    // as long as the plan says.
                    unsafe {
                        let image = image.add(channel);
                        strips(spec, &plan, values, record, (image, y), (from, band));
                        record = record.add(plan.record());
                        y = y.add(1);
                    }
                }
            }
            from += band;
        }
        // SAFETY: both hold `batch` images.
        unsafe {
            image = image.add(input[0] * input[1] * spec.in_channels);
            result = result.add(output[0] * output[1] * channels);
        }
    }
}

/// Distances of neighbours along and across a strip, in elements of an image `size` of `channels`.
fn steps(plan: &Plan, size: [usize; 2], channels: usize) -> (usize, usize) {
    let row = size[1] * channels;
    if plan.along == 1 { (channels, row) } else { (row, channels) }
}

/// All strips of `band` outputs across, from number `from` on, of a channel.
///
/// # Safety
/// `values` has room for a strip and, behind it, weights; `image` and `y` are the first elements of
/// channels of an image and a result of the layer, `record` is that of the output channel.
#[inline(never)]
unsafe fn strips(
    spec: &DepthwiseSpec,
    plan: &Plan,
    values: *mut i16,
    record: *const u8,
    (image, y): (*const i8, *mut i8),
    (from, band): (usize, usize),
) {
    let w = &spec.window;
    let (axis, other) = (plan.along & 1, plan.along & 1 ^ 1);
    let (along_step, across_step) = steps(plan, w.output, spec.in_channels * spec.multiplier);
    // SAFETY: the weights have their room behind the strip; a record starts with three numbers, at a
    // multiple of four, and has `taps` weights behind them.
    let (weights, [bias, mantissa, shift]) = unsafe {
        let weights = values.add(plan.rows * plan.row);
        let run = Run { left: 0, inside: plan.taps(), right: 0, zero: 0 };
        widen(weights, record.cast::<i8>().add(NUMBERS), 1, &run);
        (weights, record.cast::<[i32; 3]>().read())
    };
    let right = shift.min(0).unsigned_abs();
    for first in (0..w.output[axis]).step_by(STRIP) {
        let mut strip = Strip {
            row: values,
            y: y.wrapping_add(first * along_step + from * across_step),
            band,
            row_step: w.stride[other] * plan.row * 2,
            across_step,
            along_step,
            count: (w.output[axis] - first).min(STRIP),
            weights,
            pairs: plan.pairs / 2,
            across: plan.across,
            apart: plan.apart * 2,
            skip: (plan.row - plan.pairs) * 2,
            bias,
            mantissa,
            left: shift.max(0) as u32,
            right,
            half: right.saturating_sub(1),
            rounds: -i32::from(right > 0),
            zero: spec.output_zero,
            min: spec.clamp.min,
            max: spec.clamp.max,
        };
        // SAFETY: as this function's; the outputs start inside the result, which has as many along
        // and across in these steps.
        unsafe {
            build(spec, plan, values, image, [first, from], band);
            outputs(&mut strip);
        }
    }
}

/// Widens the inputs of `band` outputs across, from number `start[1]` on, and four along, from
/// number `start[0]` on.
///
/// # Safety
/// As [`strips`].
unsafe fn build(
    spec: &DepthwiseSpec,
    plan: &Plan,
    values: *mut i16,
    image: *const i8,
    start: [usize; 2],
    band: usize,
) {
    let w = &spec.window;
    let (axis, other) = (plan.along & 1, plan.along & 1 ^ 1);
    let (x_along, x_across) = steps(plan, w.input, spec.in_channels);
    let is_dense = plan.apart < plan.pairs;
    let (runs, len) = if is_dense { (1, plan.row) } else { (STRIP, plan.pairs) };
    let mut left = (start[0] * w.stride[axis]).wrapping_sub(w.pad[axis]);
    // Fewer rows than the strip has, for the last band.
    let rows = plan.rows - (plan.band - band) * w.stride[other];
    for number in 0..runs {
        let mut run = Run { left: 0, inside: 0, right: len, zero: spec.input_zero };
        let mut at = left;
        let mut first = 0;
        for _ in 0..len {
            if at < w.input[axis] {
                if run.inside == 0 {
                    first = at;
                }
                run.inside += 1;
            } else if run.inside == 0 {
                run.left += 1;
            }
            at = at.wrapping_add(w.dilation[axis]);
        }
        run.right -= run.left + run.inside;
        let outside = Run { left: len, inside: 0, right: 0, ..run };
        let mut across = (start[1] * w.stride[other]).wrapping_sub(w.pad[other]);
        let mut to = values.wrapping_add(number * plan.pairs);
        for _ in 0..rows {
            let run = if across < w.input[other] { &run } else { &outside };
            let from = across.wrapping_mul(x_across).wrapping_add(first * x_along);
            // SAFETY: what is read is inside the image; the strip has this row.
            unsafe { widen(to, image.wrapping_add(from), x_along * w.dilation[axis], run) };
            to = to.wrapping_add(plan.row);
            across = across.wrapping_add(w.dilation[other]);
        }
        left = left.wrapping_add(w.stride[axis]);
    }
}

/// Writes a run: zero points, values in steps of `step`, zero points.
///
/// # Safety
/// The values can be read, and all of the run written.
#[unsafe(naked)]
unsafe extern "C" fn widen(to: *mut i16, from: *const i8, step: usize, run: *const Run) {
    naked_asm!(
        "push {{r4-r6, lr}}",
        "ldm r3, {{r3-r6}}",
        "b 3f",
        "2:",
        "strh r6, [r0], #2",
        "3:",
        "subs r3, #1",
        "bhs 2b",
        "b 5f",
        "4:",
        "ldrsb r12, [r1]",
        "add r1, r2",
        "strh r12, [r0], #2",
        "5:",
        "subs r4, #1",
        "bhs 4b",
        "b 7f",
        "6:",
        "strh r6, [r0], #2",
        "7:",
        "subs r5, #1",
        "bhs 6b",
        "pop {{r4-r6, pc}}",
    )
}

/// Computes all outputs of a strip.
///
/// # Safety
/// `strip` describes a strip that is built, and outputs that may be written.
#[unsafe(naked)]
unsafe extern "C" fn outputs(strip: *mut Strip) {
    naked_asm!(
        "push {{r0, r4-r11, lr}}",
        "sub sp, #16",
        "2:",
        "ldr r12, [sp, #16]",
        "ldr r0, [r12]",
        "add lr, r12, #28",
        "ldm lr, {{r1, r3-r7}}",
        "add r2, r5, r5, lsl #1",
        "mov r8, r7",
        "mov r9, r7",
        "mov r10, r7",
        "mov r11, r7",
        // Sums: r0 inputs, r1 weights, r3 pairs, r4 rows, r5 apart, r2 three times that.
        "3:",
        "mov lr, r3",
        "4:",
        "ldr r7, [r1], #4",
        "ldr r12, [r0, r5]",
        "smlad r9, r12, r7, r9",
        "ldr r12, [r0, r5, lsl #1]",
        "smlad r10, r12, r7, r10",
        "ldr r12, [r0, r2]",
        "smlad r11, r12, r7, r11",
        "ldr r12, [r0], #4",
        "smlad r8, r12, r7, r8",
        "subs lr, #1",
        "bne 4b",
        "add r0, r6",
        "subs r4, #1",
        "bne 3b",
        "stm sp, {{r8-r11}}",
        // Requantization: r1 mantissa, r2 left, r3 right, r4 half, r5 rounds, r6 zero, r7 and r8
        // bounds, r9 step along, r10 count, r11 output.
        "ldr r12, [sp, #16]",
        "add lr, r12, #52",
        "ldm lr, {{r1-r8}}",
        "ldr r11, [r12, #4]",
        "ldrd r9, r10, [r12, #20]",
        "mov lr, sp",
        "5:",
        "ldr r0, [lr], #4",
        "lsl r0, r2",
        "smull r12, r0, r0, r1",
        "adds r12, #0x40000000",
        "adc r0, #0",
        "lsl r0, #1",
        "orr r0, r0, r12, lsr #31",
        "and r12, r5, r0, asr #31",
        "add r0, r12",
        "lsr r12, r0, r4",
        "and r12, r12, r5, lsr #31",
        "asr r0, r3",
        "add r0, r12",
        "add r0, r6",
        "cmp r0, r7",
        "it lt",
        "movlt r0, r7",
        "cmp r0, r8",
        "it gt",
        "movgt r0, r8",
        "strb r0, [r11]",
        "add r11, r9",
        "subs r10, #1",
        "bne 5b",
        "ldr r12, [sp, #16]",
        "ldm r12, {{r0-r4}}",
        "add r0, r3",
        "add r1, r4",
        "subs r2, #1",
        "stm r12, {{r0-r2}}",
        "bne 2b",
        "add sp, #20",
        "pop {{r4-r11, pc}}",
    )
}
