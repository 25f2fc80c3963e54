//! A layer's numbers before packing.

use crate::{Clamp, Multiplier, Rounding};
use core::ops::RangeInclusive;

/// Weights, bias and requantization of a layer in the order of the source: `[O, Kh, Kw, I]` for
/// CONV_2D, `[1, Kh, Kw, O]` for DEPTHWISE_CONV_2D, `[O, I]` for FULLY_CONNECTED. Weights are
/// symmetric (zero point 0).
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// Weights.
    pub values: &'a [i8],
    /// Bias of each output channel; empty for none.
    pub bias: &'a [i32],
    /// Factor of each output channel.
    pub factors: &'a [Multiplier],
    /// How accumulators are rounded.
    pub rounding: Rounding,
    /// The input's zero point.
    pub input_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl Weights<'_> {
    /// Number of output channels.
    pub fn channels(&self) -> usize {
        self.factors.len()
    }

    /// Bias of an output channel.
    pub fn bias(&self, channel: usize) -> i32 {
        self.bias.get(channel).copied().unwrap_or(0)
    }

    /// What the reference makes of an accumulator: the definition of requantization.
    pub fn requantize(&self, channel: usize, accumulator: i32) -> i32 {
        let factor = self.factors.get(channel).copied().unwrap_or_default();
        let scaled = self.rounding.apply(factor, accumulator);
        self.clamp.apply(scaled.wrapping_add(self.output_zero))
    }

    /// All values that the accumulator of a channel can have, bias included, from the channel's
    /// `weights`: an input minus its zero point is in `[-128 - zero, 127 - zero]`. `None` if they do
    /// not fit 32 bits.
    pub fn range(
        &self,
        channel: usize,
        weights: impl Iterator<Item = i8>,
    ) -> Option<RangeInclusive<i32>> {
        let (least, most) = (-128 - i64::from(self.input_zero), 127 - i64::from(self.input_zero));
        let bias = i64::from(self.bias(channel));
        let (mut low, mut high) = (bias, bias);
        for weight in weights.map(i64::from) {
            low += (weight * least).min(weight * most);
            high += (weight * least).max(weight * most);
        }
        Some(i32::try_from(low).ok()?..=i32::try_from(high).ok()?)
    }
}
