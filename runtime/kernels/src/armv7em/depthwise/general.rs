//! Any window: a strip's inputs are widened to 16 bits, row by row, padding included; then four
//! outputs at a time share each pair of weights (SMLAD).

use crate::armv7em::layout::{NUMBERS, Plan, STRIP};
use crate::packed::{Depthwise, DepthwiseSpec};
use crate::{Multiplier, Window};
use core::arch::asm;

/// `sum + low * low + high * high` of two pairs of 16-bit values.
#[inline(always)]
fn smlad(pair: u32, weights: u32, sum: i32) -> i32 {
    let mut total = sum;
    // SAFETY: the instruction reads and writes registers only.
    unsafe {
        asm!("smlad {0}, {1}, {2}, {0}", inout(reg) total, in(reg) pair, in(reg) weights,
            options(pure, nomem, nostack));
    }
    total
}

/// A strip of one channel that is being computed.
struct Strip<'a> {
    spec: &'a DepthwiseSpec,
    plan: Plan,
    /// The strip's inputs: `plan.rows` rows of `plan.row` values.
    values: *mut i16,
    /// The channel's weights: `plan.taps()`.
    weights: *mut i16,
    /// Number of the strip's first output along it.
    first: usize,
}

/// Distances of neighbours along and across a strip, in elements of an image `size` of `channels`.
fn steps(plan: &Plan, size: [usize; 2], channels: usize) -> (usize, usize) {
    let row = size[1] * channels;
    if plan.along == 1 { (channels, row) } else { (row, channels) }
}

/// The whole layer.
pub(super) fn depthwise(call: &Depthwise<'_>) {
    let spec = &call.spec;
    let Some(plan) = Plan::new(spec) else { return };
    let Window { batch, input, output, .. } = spec.window;
    let channels = spec.in_channels * spec.multiplier;
    let values = call.scratch.as_mut_ptr().cast::<i16>();
    // SAFETY: the scratch memory holds the strip and, behind it, a channel's weights.
    let weights = unsafe { values.add(plan.rows * plan.row) };
    let mut strip = Strip { spec, plan, values, weights, first: 0 };
    let (along, across) = (output[plan.along & 1], output[plan.along & 1 ^ 1]);
    let (y_along, y_across) = steps(&plan, output, channels);
    let mut image = call.x.as_ptr();
    let mut result = call.y.as_mut_ptr();
    for _ in 0..batch {
        let mut from = 0;
        while from < across {
            let band = plan.band.min(across - from);
            let mut record = call.packed.as_ptr();
            for channel in 0..spec.in_channels {
                for m in 0..spec.multiplier {
                    strip.expand(record);
                    for first in (0..along).step_by(STRIP) {
                        strip.first = first;
                        // SAFETY: the channel is inside the image; the outputs of this strip start
                        // inside the result, which has `along` of them in steps of `y_along`,
                        // and `across` in steps of `y_across`.
                        unsafe {
                            strip.build(image.add(channel), from, band);
                            let at = first * y_along + from * y_across;
                            let y = result.add(at + channel * spec.multiplier + m);
                            let count = (along - first).min(STRIP);
                            strip.outputs(record, band, y, (count, y_along), y_across);
                        }
                    }
                    // SAFETY: the packed constant has a record for every output channel.
                    record = unsafe { record.add(plan.record()) };
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

impl Strip<'_> {
    /// Widens the weights of a channel.
    fn expand(&self, record: *const u8) {
        for tap in 0..self.plan.taps() {
            // SAFETY: a record has `taps` weights behind its numbers, the scratch memory room for
            // them.
            unsafe {
                let weight = record.add(NUMBERS + tap).cast::<i8>().read();
                self.weights.add(tap).write(weight.into());
            }
        }
    }

    /// Widens the inputs of `band` outputs across, from number `from` on.
    ///
    /// # Safety
    /// `channel` is the first element of a channel of an image of the layer.
    unsafe fn build(&self, channel: *const i8, from: usize, band: usize) {
        let (plan, w) = (&self.plan, &self.spec.window);
        let (axis, other) = (plan.along & 1, plan.along & 1 ^ 1);
        let (x_along, x_across) = steps(plan, w.input, self.spec.in_channels);
        let is_dense = plan.apart < plan.pairs;
        let (runs, run) = if is_dense { (1, plan.row) } else { (STRIP, plan.pairs) };
        let start = (self.first * w.stride[axis]).wrapping_sub(w.pad[axis]);
        let mut across = (from * w.stride[other]).wrapping_sub(w.pad[other]);
        let mut to = self.values;
        // Fewer rows than the strip has, for the last band.
        for _ in 0..plan.rows - (plan.band - band) * w.stride[other] {
            let is_row = across < w.input[other];
            let mut left = start;
            for _ in 0..runs {
                let mut at = left;
                for _ in 0..run {
                    let is_inside = is_row && at < w.input[axis];
                    // SAFETY: the place is inside the image, and `rows * row` values are written.
                    unsafe {
                        to.write(if is_inside {
                            channel.add(across * x_across + at * x_along).read().into()
                        } else {
                            self.spec.input_zero as i16
                        });
                        to = to.add(1);
                    }
                    at = at.wrapping_add(w.dilation[axis]);
                }
                left = left.wrapping_add(w.stride[axis]);
            }
            across = across.wrapping_add(w.dilation[other]);
        }
    }

    /// Computes the outputs of the strip: `count` in steps of `along`, `band` in steps of `across`.
    ///
    /// # Safety
    /// All of them are inside the result, the first at `y`.
    unsafe fn outputs(
        &self,
        record: *const u8,
        band: usize,
        mut y: *mut i8,
        (count, along): (usize, usize),
        across: usize,
    ) {
        let (plan, spec) = (&self.plan, self.spec);
        // SAFETY: a record starts with three numbers, at a multiple of four.
        let [bias, mantissa, shift] = unsafe { record.cast::<[i32; 3]>().read() };
        let factor = Multiplier { mantissa, shift };
        let step = spec.window.stride[plan.along & 1 ^ 1] * plan.row;
        let mut row = self.values.cast_const();
        for _ in 0..band {
            // SAFETY: `band` outputs across read rows of the strip only.
            let sums = unsafe { self.sums(row, bias) };
            let mut to = y;
            for &sum in sums.iter().take(count) {
                let scaled = factor.double(sum).wrapping_add(spec.output_zero);
                // SAFETY: the caller vouches for the outputs.
                unsafe {
                    to.write(spec.clamp.apply(scaled) as i8);
                    to = to.wrapping_add(along);
                }
            }
            y = y.wrapping_add(across);
            row = row.wrapping_add(step);
        }
    }

    /// The accumulators of four outputs whose inputs start at `row`.
    ///
    /// # Safety
    /// `plan.across` rows of the strip start there.
    unsafe fn sums(&self, row: *const i16, bias: i32) -> [i32; STRIP] {
        let plan = &self.plan;
        let mut sums = [bias; STRIP];
        let mut weights = self.weights.cast::<u32>().cast_const();
        let mut from = row;
        for _ in 0..plan.across {
            // SAFETY: the row holds `pairs` values at three times `apart` and before; words may
            // start at any value.
            unsafe {
                let pair = |from: *const i16, at: usize| {
                    from.add(at * plan.apart).cast::<u32>().read_unaligned()
                };
                let mut at = from;
                for _ in 0..plan.pairs / 2 {
                    let weight = weights.read_unaligned();
                    weights = weights.add(1);
                    let [a, b, c, d] = [pair(at, 0), pair(at, 1), pair(at, 2), pair(at, 3)];
                    sums[0] = smlad(a, weight, sums[0]);
                    sums[1] = smlad(b, weight, sums[1]);
                    sums[2] = smlad(c, weight, sums[2]);
                    sums[3] = smlad(d, weight, sums[3]);
                    at = at.add(2);
                }
                from = from.add(plan.row);
            }
        }
        sums
    }
}
