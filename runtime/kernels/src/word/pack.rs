//! Packing of weights: what the families have in common.

use super::layout::up;
use super::record::Record;
use super::thresholds::{self, Short};
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// Appends words in the order of the device's bytes.
pub(crate) fn push(out: &mut Vec<u8>, words: &[i32]) {
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

/// Appends zeros up to a multiple.
pub(crate) fn fill_up(out: &mut Vec<u8>, multiple: usize) {
    out.resize(up(out.len(), multiple), 0);
}

/// The bias with the input's zero point folded in: the start of sums over the inputs themselves.
pub(crate) fn start(weights: &Weights<'_>, channel: usize, values: &[i8]) -> i32 {
    let sum = values.iter().fold(0i32, |sum, &weight| sum.wrapping_add(i32::from(weight)));
    weights.bias(channel).wrapping_sub(sum.wrapping_mul(weights.input_zero))
}

/// The record of a channel with these weights.
pub(crate) fn record<S: Short>(weights: &Weights<'_>, channel: usize, values: &[i8]) -> Record {
    let range = weights.range(channel, values.iter().copied());
    thresholds::record::<S>(weights, channel, range)
}

/// The forms of a layer whose general one costs this: short records, if they do, take less.
pub(crate) fn record_forms(weights: &Weights<'_>, first: u8, cost: u64) -> Vec<Form> {
    let mut forms = Vec::from([Form { id: first, cost }]);
    if thresholds::is_floor(weights) {
        forms.push(Form { id: first + 1, cost: cost.saturating_sub(1) });
    }
    forms
}

/// The weights of one output channel of `[O, K]`.
pub(crate) fn row<'a>(weights: &Weights<'a>, channel: usize, depth: usize) -> &'a [i8] {
    weights.values.get(channel * depth..(channel + 1) * depth).unwrap_or(&[])
}

/// The weights of one output channel of `[K, O]`.
pub(crate) fn column(weights: &Weights<'_>, channel: usize) -> Vec<i8> {
    weights.values.iter().skip(channel).step_by(weights.channels().max(1)).copied().collect()
}
