//! FULLY_CONNECTED: forms and packed constants. Superposed weights are explained in `conv`.

use super::pairs::{bias, four_by_four, numbers, run_order, superpose};
use super::requant::{Short, Steps};
use crate::Rounding;
use crate::armv7em::layout::fully_connected::{self as layout, GROUP};
use crate::packed::pack::{Form, Weights};
use crate::packed::{ALL_FORMS, FullyConnectedSpec};
use alloc::vec::Vec;

/// Bits by which the kernel shifts accumulators before it requantizes them.
const SCALE: u32 = 9;

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    if layout::fully_connected(ALL_FORMS, layout::GENERAL, spec).is_none() {
        return Vec::new();
    }
    let (depth, groups) = (spec.depth as u64, spec.outputs.div_ceil(GROUP) as u64);
    let cost = |element: u64, rest: u64| {
        spec.batch as u64 * (groups * (depth * element + rest) + 2 * depth)
    };
    let mut forms = Vec::from([Form { id: layout::GENERAL, cost: cost(16, 400) }]);
    let id = match weights.rounding {
        Rounding::Single => layout::SINGLE,
        Rounding::Double => layout::DOUBLE,
    };
    if superposed(id, spec, weights).is_some() {
        forms.push(Form { id, cost: cost(7, 80) });
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let words = match form {
        layout::GENERAL => general(spec, weights),
        _ => superposed(form, spec, weights),
    };
    words.unwrap_or_default().into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Weights of a channel.
fn values<'a>(
    spec: &FullyConnectedSpec,
    weights: &Weights<'a>,
    channel: usize,
) -> Option<&'a [i8]> {
    weights.values.get(channel * spec.depth..(channel + 1) * spec.depth)
}

/// For each channel bias and factor, then the weights of all.
fn general(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Option<Vec<u32>> {
    let order = run_order(0, spec.depth);
    let mut words = Vec::new();
    for channel in 0..spec.outputs {
        words.extend(numbers(weights, channel, values(spec, weights, channel)?)?);
    }
    for channel in 0..spec.outputs {
        words.extend(four_by_four(&order, values(spec, weights, channel)?));
    }
    Some(words)
}

/// For every eight channels the biases, the weights, and the numbers of requantization. The last
/// eight end with the last channel; less than eight are followed by channels of zeros.
fn superposed(form: u8, spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Option<Vec<u32>> {
    let steps = if form == layout::DOUBLE { Steps::Signed } else { Steps::Truncated };
    let order = run_order(0, spec.depth);
    let zeros = &Vec::from_iter(core::iter::repeat_n(0i8, spec.depth))[..];
    let mut words = Vec::new();
    for first in (0..spec.outputs).step_by(GROUP) {
        let first = first.min(spec.outputs.saturating_sub(GROUP));
        let channels = (first..first + GROUP).map(|channel| {
            let values = values(spec, weights, channel);
            (channel, values.unwrap_or(zeros), values.is_some())
        });
        let channels: Vec<_> = channels.collect();
        let mut numbers = Vec::new();
        let mut sums = Vec::new();
        for &(channel, values, exists) in &channels {
            if !exists {
                sums.push(0);
                numbers.extend([0; 3]);
                continue;
            }
            let range = weights.range(channel, values.iter().copied())?;
            let short = Short::prove(weights, channel, range, SCALE, steps)?;
            sums.push(2 * bias(weights, channel, values));
            numbers.extend(short.words());
        }
        // Both sums of two channels, then of the next two.
        for two in sums.chunks(2) {
            words.extend([(two[0] + (two[1] << 8)) as u32, two[0] as u32]);
        }
        for &pair in &order {
            for two in channels.chunks(2) {
                words.push(superpose(pair, two[0].1, Some(two[1].1))?);
            }
        }
        words.extend(numbers);
    }
    Some(words)
}
