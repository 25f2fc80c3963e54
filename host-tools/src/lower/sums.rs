//! Bounds of accumulators: for each output channel, `sum of |w - zero point| * largest |x - zero
//! point| + |bias|`. A layer whose sums could leave their type is refused.

use super::node::NodeCx;
use super::refusal::Refusal;
use smidge_graph::{DType, Tensor};

/// The largest magnitude of a sum of 32 bits.
pub(super) const NARROW: i64 = i32::MAX as i64;
/// The largest magnitude of a sum of 64 bits that can be requantized.
pub(super) const WIDE: i64 = (1 << 47) - 1;

/// What the sums of a layer are made of.
pub(super) struct Layer<'a> {
    pub weights: &'a Tensor,
    pub weights_zero: i32,
    /// The operand that is the bias.
    pub bias: usize,
    /// The axis of the weights along which outputs are numbered.
    pub axis: usize,
    /// The largest `|x - zero point|`.
    pub reach: i64,
    /// The largest magnitude that a sum may have.
    pub limit: i64,
}

/// The largest `|x - zero point|` of int8.
pub(super) fn reach_s8(zero: i32) -> i64 {
    i64::from((zero + 128).max(127 - zero))
}

/// The largest magnitude of each output channel's sum. Fails if one could leave its type. Operands
/// that are computed count with the largest weight of their type, and with no bias.
pub(super) fn check(cx: &NodeCx<'_>, layer: &Layer<'_>) -> Result<Vec<i64>, Refusal> {
    let bias = cx.node.input(layer.bias).and_then(|id| cx.graph.tensor(id).integers());
    let bias = |channel: usize| {
        let bias = bias.as_ref().and_then(|bias| bias.get(channel));
        bias.copied().unwrap_or(0).saturating_abs()
    };
    let sums = magnitudes(layer).into_iter().enumerate();
    let bound = |(channel, weights): (usize, i64)| {
        let largest = weights.saturating_mul(layer.reach).saturating_add(bias(channel));
        let fits = largest <= layer.limit;
        fits.then_some(largest).ok_or_else(|| Refusal::sums(channel, largest, layer.limit))
    };
    sums.map(bound).collect()
}

/// The sum of `|w - zero point|` of each output channel.
fn magnitudes(layer: &Layer<'_>) -> Vec<i64> {
    let w = layer.weights;
    let zero = i64::from(layer.weights_zero);
    let channels = w.shape.get(layer.axis).copied().unwrap_or(0);
    let taps = w.element_count().checked_div(channels).unwrap_or(0) as i64;
    let Some(values) = w.integers() else {
        let lowest = if w.dtype == DType::I4 { -8 } else { -128 };
        return vec![taps.saturating_mul((zero - lowest).max(-1 - lowest - zero)); channels];
    };
    let inner: usize = w.shape.iter().skip(layer.axis + 1).product();
    let mut sums = vec![0i64; channels];
    for (at, value) in values.into_iter().enumerate() {
        sums[at / inner.max(1) % channels] += (value - zero).abs();
    }
    sums
}
