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

/// What is the same for all strips, by axis: along a strip, and across.
#[derive(Clone, Copy)]
struct Axis {
    input: usize,
    output: usize,
    stride: usize,
    dilation: usize,
    pad: usize,
    /// Elements from one input to the next, and from one output to the next.
    x_step: usize,
    y_step: usize,
}

impl Axis {
    fn new(spec: &DepthwiseSpec, axis: usize) -> Self {
        let (w, axis) = (&spec.window, axis & 1);
        let of_row = |size: [usize; 2]| if axis == 0 { size[1] } else { 1 };
        Self {
            input: w.input[axis],
            output: w.output[axis],
            stride: w.stride[axis],
            dilation: w.dilation[axis],
            pad: w.pad[axis],
            x_step: of_row(w.input) * spec.in_channels,
            y_step: of_row(w.output) * spec.in_channels * spec.multiplier,
        }
    }
}

/// A layer that is being computed.
struct Layer {
    plan: Plan,
    along: Axis,
    across: Axis,
    zero: i32,
    /// The strip's inputs: `plan.rows` rows of `plan.row` values.
    values: *mut i16,
    strip: Strip,
}

/// The whole layer.
#[inline(never)]
pub(super) fn depthwise(call: &Depthwise<'_>) {
    let spec = call.spec;
    let Some(plan) = Plan::new(spec) else { return };
    let (along, across) = (Axis::new(spec, plan.along), Axis::new(spec, plan.along ^ 1));
    let values = call.scratch.as_mut_ptr().cast::<i16>();
    let strip = Strip {
        row: values,
        y: call.y.as_mut_ptr(),
        band: 0,
        row_step: across.stride * plan.row * 2,
        across_step: across.y_step,
        along_step: along.y_step,
        count: 0,
        weights: values.wrapping_add(plan.rows * plan.row),
        pairs: plan.pairs / 2,
        across: plan.across,
        apart: plan.apart * 2,
        skip: (plan.row - plan.pairs) * 2,
        bias: 0,
        mantissa: 0,
        left: 0,
        right: 0,
        half: 0,
        rounds: 0,
        zero: spec.output_zero,
        min: spec.clamp.min,
        max: spec.clamp.max,
    };
    let mut layer = Layer { plan, along, across, zero: spec.input_zero, values, strip };
    let Window { batch, input, output, .. } = spec.window;
    let mut image = call.x.as_ptr();
    let mut result = call.y.as_mut_ptr();
    for _ in 0..batch {
        let mut from = 0;
        while from < across.output {
            let band = plan.band.min(across.output - from);
            let (mut record, mut channel, mut y) = (call.packed.as_ptr(), image, result);
            for _ in 0..spec.in_channels {
                for _ in 0..spec.multiplier {
                    // SAFETY: the channel is inside the image, the output channel inside the
                    // result; the packed constant has a record for each, and the scratch memory is
                    // as long as the plan says.
                    unsafe { layer.strips(record, channel, y, [from, band]) };
                    record = record.wrapping_add(plan.record());
                    y = y.wrapping_add(1);
                }
                channel = channel.wrapping_add(1);
            }
            from += band;
        }
        image = image.wrapping_add(input[0] * input[1] * spec.in_channels);
        result = result.wrapping_add(output[0] * output[1] * spec.in_channels * spec.multiplier);
    }
}

impl Layer {
    /// All strips of `band` outputs across, from number `from` on, of a channel.
    ///
    /// # Safety
    /// `image` and `y` are the first elements of channels of an image and a result of the layer,
    /// `record` is that of the output channel.
    #[inline(never)]
    unsafe fn strips(
        &mut self,
        record: *const u8,
        image: *const i8,
        y: *mut i8,
        [from, band]: [usize; 2],
    ) {
        let run = Run { left: 0, inside: self.plan.taps(), right: 0, zero: 0 };
        let strip = &mut self.strip;
        // SAFETY: the weights have their room behind the strip; a record starts with three numbers, at
        // a multiple of four, and has `taps` weights behind them.
        let shift = unsafe {
            let weights = record.add(NUMBERS).cast::<i8>();
            widen(self.values.add(self.plan.rows * self.plan.row), weights, 1, &run);
            let [bias, mantissa, shift] = record.cast::<[i32; 3]>().read();
            (strip.bias, strip.mantissa) = (bias, mantissa);
            shift
        };
        strip.left = shift.max(0) as u32;
        strip.right = shift.min(0).unsigned_abs();
        strip.half = strip.right.saturating_sub(1);
        strip.rounds = -i32::from(shift < 0);
        let mut first = 0;
        while first < self.along.output {
            // SAFETY: as this function's; the outputs start inside the result, which has as many
            // along and across in these steps.
            unsafe {
                self.build(image, [first, from], band);
                let strip = &mut self.strip;
                strip.row = self.values;
                strip.y = y.add(first * strip.along_step + from * strip.across_step);
                strip.band = band;
                strip.count = (self.along.output - first).min(STRIP);
                outputs(strip);
            }
            first += STRIP;
        }
    }

    /// Widens the inputs of `band` outputs across, from number `from` on, and four along, from
    /// number `first` on.
    ///
    /// # Safety
    /// As [`Layer::strips`].
    #[inline(never)]
    unsafe fn build(&self, image: *const i8, [first, from]: [usize; 2], band: usize) {
        let Self { plan, along, across, .. } = self;
        let is_dense = plan.apart < plan.pairs;
        let (mut runs, len) = if is_dense { (1, plan.row) } else { (STRIP, plan.pairs) };
        let mut start = (first * along.stride).wrapping_sub(along.pad);
        let top = (from * across.stride).wrapping_sub(across.pad);
        // Fewer rows than the strip has, for the last band.
        let rows = plan.rows - (plan.band - band) * across.stride;
        let mut column = self.values;
        while runs > 0 {
            let mut run = Run { left: 0, inside: 0, right: len, zero: self.zero };
            let mut at = start;
            while run.right > 0 && at >= along.input {
                (run.left, run.right) = (run.left + 1, run.right - 1);
                at = at.wrapping_add(along.dilation);
            }
            let left = at;
            while run.right > 0 && at < along.input {
                (run.inside, run.right) = (run.inside + 1, run.right - 1);
                at = at.wrapping_add(along.dilation);
            }
            let outside = Run { left: len, inside: 0, right: 0, zero: self.zero };
            let (mut to, mut row, mut y) = (column, rows, top);
            while row > 0 {
                let run = if y < across.input { &run } else { &outside };
                let from =
                    y.wrapping_mul(across.x_step).wrapping_add(left.wrapping_mul(along.x_step));
                let from = image.wrapping_add(from);
                // SAFETY: what is read is inside the image; the strip has this row.
                unsafe { widen(to, from, along.x_step * along.dilation, run) };
                to = to.wrapping_add(plan.row);
                y = y.wrapping_add(across.dilation);
                row -= 1;
            }
            start = start.wrapping_add(along.stride);
            column = column.wrapping_add(plan.pairs);
            runs -= 1;
        }
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
