//! Packing of weights.

use super::layout::{
    BLOCK, CONV_PANEL, DENSE_PANEL, DOUBLE, FLOOR, GROUP, NEAR, PLAIN, Runs, SINGLE,
    conv as conv_layout, depthwise_row, fully_connected as fully_connected_layout,
};
use crate::packed::pack::{Form, Weights, same_steps};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::{Multiplier, Rounding};
use alloc::vec;
use alloc::vec::Vec;

/// The numbers of a channel. The bias has the sum of its `weights` times what was added to each input:
/// 128 for unsigned bytes, and minus the zero point.
fn numbers(form: u8, weights: &Weights<'_>, channel: usize, sum: i32) -> [i32; 4] {
    let Multiplier { mantissa, shift } = weights.factors.get(channel).copied().unwrap_or_default();
    let raised = 128 + weights.input_zero;
    let bias = weights.bias(channel).wrapping_sub(sum.wrapping_mul(raised));
    let zero = i64::from(weights.output_zero);
    let [third, right] = match form {
        PLAIN | FLOOR | NEAR => shortened(form, shift, zero).unwrap_or_default(),
        SINGLE => [0, 31 - shift],
        _ => [shift.max(0), (-shift).max(0)],
    };
    [bias, mantissa, third, right]
}

/// Offset and shift of a channel in a form that saturates.
fn shortened(form: u8, shift: i32, zero: i64) -> Option<[i32; 2]> {
    // NEAR shifts a word that is twice as large.
    let right = if form == NEAR { -shift } else { -shift - 1 };
    if !(1..=31).contains(&right) {
        return None;
    }
    let offset = (1 << (right - 1)) + (zero << right);
    Some([i32::try_from(offset).ok()?, right])
}

/// What such a form makes of a sum; `None` where a step of it overflows.
fn saturated(form: u8, mantissa: i32, [offset, right]: [i32; 2], sum: i32) -> Option<i32> {
    let product = i64::from(sum) * i64::from(mantissa);
    let (high, offset) = match form {
        PLAIN => (product >> 32, offset.into()),
        FLOOR => ((product + (1 << 30)) >> 32, offset.into()),
        _ => {
            sum.checked_mul(2)?;
            let high = (2 * product + (1 << 31)) >> 32;
            (high, i64::from(offset) + (high >> 31))
        }
    };
    let shifted = i32::try_from(high + offset).ok()? >> right;
    Some(shifted.clamp(i8::MIN.into(), i8::MAX.into()))
}

/// Whether a form that saturates is right for a channel with these weights.
fn is_right(
    form: u8,
    weights: &Weights<'_>,
    channel: usize,
    values: impl Iterator<Item = i8>,
) -> bool {
    let Multiplier { mantissa, shift } = weights.factors.get(channel).copied().unwrap_or_default();
    let (Some(range), Some(short)) =
        (weights.range(channel, values), shortened(form, shift, weights.output_zero.into()))
    else {
        return false;
    };
    // Steps rise with the sum, so that overflow would show at an end.
    let ends = [*range.start(), *range.end()];
    mantissa >= 0
        && ends.iter().all(|&end| saturated(form, mantissa, short, end).is_some())
        && same_steps(
            range,
            |sum| weights.requantize(channel, sum),
            |sum| saturated(form, mantissa, short, sum).unwrap_or_default(),
        )
}

/// The forms of a layer, the general one first, then the cheapest that saturates and is right.
/// `weight(channel, i)` are the weights, `depth` for each channel.
fn forms(
    general: u8,
    weights: &Weights<'_>,
    depth: usize,
    weight: impl Fn(usize, usize) -> i8,
    (cost, outputs): (u64, u64),
) -> Vec<Form> {
    let mut forms = vec![Form { id: general, cost: cost + outputs }];
    let right = |form: &u8| {
        (0..weights.channels())
            .all(|c| is_right(*form, weights, c, (0..depth).map(|i| weight(c, i))))
    };
    if let Some(id) = [PLAIN, FLOOR, NEAR].into_iter().find(right) {
        forms.push(Form { id, cost });
    }
    forms
}

/// The panels of a layer: `weight(channel, group, value)` for their channels, then their numbers.
fn panels(
    form: u8,
    weights: &Weights<'_>,
    panel: usize,
    groups: usize,
    weight: impl Fn(usize, usize, usize) -> i8,
) -> Vec<u8> {
    let channels = weights.channels();
    let mut bytes = Vec::new();
    for first in (0..channels).step_by(panel * BLOCK) {
        let all = (channels - first).next_multiple_of(BLOCK).min(panel * BLOCK);
        let mut sums = vec![0i32; all];
        for group in 0..groups {
            for (lane, sum) in sums.iter_mut().enumerate() {
                for value in 0..GROUP {
                    let channel = first + lane;
                    let w = if channel < channels { weight(channel, group, value) } else { 0 };
                    *sum += i32::from(w);
                    bytes.push(w as u8);
                }
            }
        }
        let all: Vec<[i32; 4]> = sums
            .iter()
            .enumerate()
            .map(|(i, &sum)| numbers(form, weights, first + i, sum))
            .collect();
        for block in all.chunks(BLOCK) {
            for number in 0..4 {
                block.iter().for_each(|numbers| bytes.extend(numbers[number].to_le_bytes()));
            }
        }
    }
    bytes
}

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let fits = conv_layout(DOUBLE, spec).is_some() && weights.rounding == Rounding::Double;
    let outputs = spec.lens().map_or(0, |(_, y)| y as u64);
    let depth = spec.depth().unwrap_or(0);
    let cost = outputs * depth as u64 / 64 + outputs * 2;
    if !fits {
        return Vec::new();
    }
    let weight = |channel: usize, i: usize| weights.values[channel * depth + i];
    forms(DOUBLE, weights, depth, weight, (cost, outputs))
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let (Some(runs), Some(depth)) = (Runs::new(&spec.window, spec.in_channels), spec.depth())
    else {
        return Vec::new();
    };
    let (each, groups) = (runs.groups(), runs.all_groups().unwrap_or(0));
    panels(form, weights, CONV_PANEL, groups, |channel, group, value| {
        let (run, at) = (group / each, group % each * GROUP + value);
        if at < runs.len { weights.values[channel * depth + run * runs.len + at] } else { 0 }
    })
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let fits = super::layout::depthwise(DOUBLE, spec).is_some();
    let outputs = spec.lens().map_or(0, |(_, y)| y as u64);
    let taps = (spec.window.kernel[0] * spec.window.kernel[1]) as u64;
    if !fits || weights.rounding != Rounding::Double {
        return Vec::new();
    }
    let channels = weights.channels();
    let weight = |channel: usize, tap: usize| weights.values[tap * channels + channel];
    let cost = outputs * (2 * taps + 20) / 16;
    forms(DOUBLE, weights, taps as usize, weight, (cost, outputs))
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some(layout) = super::layout::depthwise(form, spec) else { return Vec::new() };
    let channels = weights.channels();
    let row = depthwise_row(channels);
    let taps = spec.window.kernel[0] * spec.window.kernel[1];
    let mut bytes = Vec::with_capacity(layout.packed_len);
    let weight = |tap: usize, channel: usize| i32::from(weights.values[tap * channels + channel]);
    for tap in 0..taps {
        (0..row).for_each(|i| bytes.extend(weight(tap, i % channels).to_le_bytes()));
    }
    let all: Vec<[i32; 4]> = (0..channels)
        .map(|channel| {
            let sum = (0..taps).map(|tap| weight(tap, channel)).sum();
            numbers(form, weights, channel, sum)
        })
        .collect();
    for number in [0, 1, 2, 3] {
        (0..row).for_each(|i| bytes.extend(all[i % channels][number].to_le_bytes()));
    }
    bytes
}

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    let id = if weights.rounding == Rounding::Double { DOUBLE } else { SINGLE };
    let cost = (spec.batch * spec.outputs) as u64 * (spec.depth as u64 / 64 + 2);
    if fully_connected_layout(id, spec).is_none() {
        return Vec::new();
    }
    let depth = spec.depth;
    let weight = |channel: usize, i: usize| weights.values[channel * depth + i];
    forms(id, weights, depth, weight, (cost, (spec.batch * spec.outputs) as u64))
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let groups = spec.depth.div_ceil(GROUP);
    panels(form, weights, DENSE_PANEL, groups, |channel, group, value| {
        let at = group * GROUP + value;
        if at < spec.depth { weights.values[channel * spec.depth + at] } else { 0 }
    })
}
