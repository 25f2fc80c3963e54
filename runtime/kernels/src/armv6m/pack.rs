//! Packing of weights.

use super::layout::{self, LANES, ROWS, UNROLL};
use crate::Multiplier;
use crate::packed::pack::{Form, Weights};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::word::layout::{as_conv, conv_size, up};
use crate::word::pack::{column, fill_up, push, record, record_forms, row, start};
use crate::word::thresholds::{Short, scaled};
use alloc::vec::Vec;

/// A product in two parts, by the upper and the lower bits of `a`, which has no sign.
struct Split;

impl Short for Split {
    const POINT: u32 = super::POINT;
    const MARK: i32 = 0;

    fn value(x: i32, a: i32, _mark: i32) -> Option<i32> {
        let (upper, lower) = super::parts(a);
        x.checked_mul(upper)?.checked_add(x.checked_mul(lower)? >> super::PART)
    }

    fn factors(factor: Multiplier, _reach: i32) -> [Option<(i32, i32)>; 3] {
        let scaled = scaled(factor, (Self::POINT + super::PART) as i32);
        scaled.map(|a| Some((u32::try_from(a?).ok()? as i32, 0)))
    }
}

/// A weight with 128 added.
const fn biased(weight: i8) -> u8 {
    weight as u8 ^ 0x80
}

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let (Some((depth, channels)), Some((_, y))) = (conv_size(spec), spec.lens()) else {
        return Vec::new();
    };
    let tiles = (y / channels).div_ceil(LANES) as u64;
    let (depth, channels) = (depth as u64, channels as u64);
    let each = 10 * depth + depth * 3 / 8 + 85;
    record_forms(weights, 0, tiles * (channels * each + 12 * depth + 300))
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some((depth, channels)) = conv_size(spec) else { return Vec::new() };
    let mut out = Vec::new();
    for channel in 0..channels {
        let values = row(weights, channel, depth);
        push(&mut out, &[start(weights, channel, values)]);
        out.resize(out.len() + up(depth, UNROLL) - depth, 0);
        out.extend(values.iter().map(|&weight| biased(weight)));
        out.extend(record::<Split>(weights, channel, values).bytes(form));
    }
    out
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    if layout::depthwise(0, spec).is_none() {
        return Vec::new();
    }
    let y = spec.lens().map_or(0, |(_, y)| y as u64);
    let taps = (spec.window.kernel[0] * spec.window.kernel[1]) as u64;
    record_forms(weights, 0, y * (3 * taps + 27))
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for channel in 0..spec.out_channels().unwrap_or(0) {
        let values = column(weights, channel);
        push(&mut out, &[start(weights, channel, &values)]);
        out.extend(record::<Split>(weights, channel, &values).bytes(form));
        out.extend(values.iter().map(|&value| value as u8));
        fill_up(&mut out, 4);
    }
    out
}

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    if layout::fully_connected(0, spec).is_none() {
        return Vec::new();
    }
    let blocks = spec.outputs.div_ceil(ROWS) as u64;
    let each = blocks * (13 * spec.depth as u64 + 150) + 6 * spec.depth as u64;
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
    if form > 1 {
        return conv(form - 2, &as_conv(spec), weights);
    }
    let (depth, outputs) = (spec.depth, spec.outputs);
    let mut out = Vec::new();
    for first in (0..outputs).step_by(ROWS) {
        let rows: Vec<_> = (first..first + ROWS)
            .map(|output| if output < outputs { row(weights, output, depth) } else { &[] })
            .collect();
        for (index, values) in rows.iter().enumerate() {
            push(&mut out, &[start(weights, first + index, values)]);
        }
        for (index, values) in rows.iter().enumerate() {
            out.extend(record::<Split>(weights, first + index, values).bytes(form));
        }
        for k in 0..up(depth, UNROLL) {
            out.extend(rows.iter().map(|row| biased(row.get(k).copied().unwrap_or(0))));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn short_products_are_the_definition() {
        crate::word::thresholds::tests::every_accumulator::<super::Split>();
    }
}
