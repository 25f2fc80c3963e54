//! Packing of weights.

use super::layout::{BLOCK, LANES, ROWS};
use crate::Multiplier;
use crate::packed::pack::{Form, Weights};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::word::layout::{as_conv, conv_size};
use crate::word::pack::{column, fill_up, push, record, record_forms, row, start};
use crate::word::thresholds::{Short, scaled};
use alloc::vec::Vec;

/// The high half of `x * 2^mark` times `a`.
struct High;

impl Short for High {
    const POINT: u32 = super::POINT;
    const MARK: i32 = 31;

    fn value(x: i32, a: i32, mark: i32) -> Option<i32> {
        i32::try_from(i64::from(x) << mark).is_ok().then(|| super::value(x, a, mark))
    }

    fn factors(factor: Multiplier, reach: i32) -> [Option<(i32, i32)>; 3] {
        // As far to the left as all accumulators of interest go, and as the factor fits.
        let room = (reach.unsigned_abs() + 32).leading_zeros() as i32 - 1;
        let fit = |mark: i32| scaled(factor, Self::POINT as i32 + 32 - mark);
        let is_short = |mark: &i32| fit(*mark)[0].is_some_and(|a| i32::try_from(a).is_ok());
        let Some(mark) = (0..=room.clamp(0, 24)).rev().find(is_short) else { return [None; 3] };
        fit(mark).map(|a| Some((i32::try_from(a?).ok()?, mark)))
    }
}

/// Channels in blocks: starts, records, interleaved weights.
fn blocks(form: u8, weights: &Weights<'_>, block: usize, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let channels = weights.channels();
    for first in (0..channels).step_by(block) {
        let rows: Vec<_> = (first..first + block)
            .map(|channel| if channel < channels { row(weights, channel, depth) } else { &[] })
            .collect();
        for (index, values) in rows.iter().enumerate() {
            push(&mut out, &[start(weights, first + index, values)]);
        }
        for (index, values) in rows.iter().enumerate() {
            out.extend(record::<High>(weights, first + index, values).bytes(form));
        }
        for k in 0..depth {
            out.extend(rows.iter().map(|row| row.get(k).copied().unwrap_or(0) as u8));
        }
    }
    out
}

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let (Some((depth, channels)), Some((_, y))) = (conv_size(spec), spec.lens()) else {
        return Vec::new();
    };
    let tiles = (y / channels).div_ceil(LANES) as u64;
    let blocks = channels.div_ceil(BLOCK) as u64;
    let depth = depth as u64;
    let cost = tiles * (blocks * (42 * depth + 240) + 10 * depth + 200);
    record_forms(weights, 0, cost)
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some((depth, _)) = conv_size(spec) else { return Vec::new() };
    blocks(form, weights, BLOCK, depth)
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    if super::layout::depthwise(0, spec).is_none() {
        return Vec::new();
    }
    let y = spec.lens().map_or(0, |(_, y)| y as u64);
    let taps = (spec.window.kernel[0] * spec.window.kernel[1]) as u64;
    record_forms(weights, 0, y * (3 * taps + 20))
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for channel in 0..spec.out_channels().unwrap_or(0) {
        let values = column(weights, channel);
        push(&mut out, &[start(weights, channel, &values)]);
        out.extend(record::<High>(weights, channel, &values).bytes(form));
        out.extend(values.iter().map(|&value| value as u8));
        fill_up(&mut out, 4);
    }
    out
}

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    if super::layout::fully_connected(0, spec).is_none() {
        return Vec::new();
    }
    let blocks = spec.outputs.div_ceil(ROWS) as u64;
    let each = blocks * (26 * spec.depth as u64 + 150);
    let mut forms = record_forms(weights, 0, spec.batch as u64 * each);
    if spec.batch > 1 {
        let conv = conv_forms(&as_conv(spec), weights);
        forms.extend(conv.into_iter().map(|form| Form { id: form.id + 2, ..form }));
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    blocks(form, weights, if form < 2 { ROWS } else { BLOCK }, spec.depth)
}

#[cfg(test)]
mod tests {
    #[test]
    fn short_products_are_the_definition() {
        crate::word::thresholds::tests::every_accumulator::<super::High>();
    }
}
