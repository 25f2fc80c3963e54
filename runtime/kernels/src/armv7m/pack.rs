//! Packing of weights.

use super::layout::{self, CHUNK, FIELD, LANES, ROWS, UNROLL};
use super::scale::Scale;
use crate::packed::pack::{Form, Weights};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::word::layout::{as_conv, conv_size};
use crate::word::pack::{column, fill_up, push, row, start};
use alloc::vec::Vec;

/// The numbers of a channel with these weights.
fn numbers(out: &mut Vec<u8>, weights: &Weights<'_>, channel: usize, values: &[i8]) {
    push(out, &[start(weights, channel, values)]);
    push(out, &scale(weights, channel, values).words());
}

/// The factor of a channel with these weights.
fn scale(weights: &Weights<'_>, channel: usize, values: &[i8]) -> Scale {
    let range = weights.range(channel, values.iter().copied());
    let reach = range.map(|range| range.start().unsigned_abs().max(range.end().unsigned_abs()));
    let factor = weights.factors.get(channel).copied().unwrap_or_default();
    Scale::new(factor, weights.rounding, reach)
}

/// The least and the greatest sum of products of these weights and inputs.
fn bounds(values: &[i8]) -> (i64, i64) {
    values.iter().map(|&weight| i64::from(weight)).fold((0, 0), |(least, most), weight| {
        let (a, b) = (weight * -128, weight * 127);
        (least + a.min(b), most + a.max(b))
    })
}

/// Whether all sums of these weights fit the low field.
fn fits(values: &[i8]) -> bool {
    let (least, most) = bounds(values);
    most - least < 1 << FIELD
}

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let (Some((depth, channels)), Some((_, y))) = (conv_size(spec), spec.lens()) else {
        return Vec::new();
    };
    let tiles = (y / channels).div_ceil(LANES) as u64;
    let each = 6 * depth as u64 + 90;
    let cost = |chunks: usize| tiles * (channels as u64 * (each + 20 * chunks as u64) + 200);
    let mut forms = Vec::from([Form { id: 0, cost: cost(depth.div_ceil(CHUNK)) }]);
    if depth > CHUNK && (0..channels).all(|channel| fits(row(weights, channel, depth))) {
        forms.push(Form { id: 1, cost: cost(1) });
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some((depth, channels)) = conv_size(spec) else { return Vec::new() };
    let mut out = Vec::new();
    for channel in 0..channels {
        let values = row(weights, channel, depth);
        push(&mut out, &[start(weights, channel, values)]);
        for values in values.chunks(layout::chunk(form, depth)) {
            push(&mut out, &[-bounds(values).0 as i32]);
            out.extend(values.iter().map(|&value| value as u8));
            fill_up(&mut out, UNROLL);
        }
        push(&mut out, &scale(weights, channel, values).words());
    }
    out
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, _weights: &Weights<'_>) -> Vec<Form> {
    if layout::depthwise(0, spec).is_none() {
        return Vec::new();
    }
    let y = spec.lens().map_or(0, |(_, y)| y as u64);
    let taps = (spec.window.kernel[0] * spec.window.kernel[1]) as u64;
    Vec::from([Form { id: 0, cost: y * (2 * taps + 20) }])
}

/// The packed constant of a form.
pub(crate) fn depthwise(_form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for channel in 0..spec.out_channels().unwrap_or(0) {
        let values = column(weights, channel);
        numbers(&mut out, weights, channel, &values);
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
    let each = blocks * (18 * spec.depth as u64 + 150);
    let mut forms = Vec::from([Form { id: 0, cost: spec.batch as u64 * each }]);
    if spec.batch > 1 {
        let conv = conv_forms(&as_conv(spec), weights);
        forms.extend(conv.into_iter().map(|form| Form { id: form.id + 1, cost: form.cost }));
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    if form > 0 {
        return conv(form - 1, &as_conv(spec), weights);
    }
    let (depth, outputs) = (spec.depth, spec.outputs);
    let mut out = Vec::new();
    for first in (0..outputs).step_by(ROWS) {
        let rows: Vec<_> = (first..first + ROWS)
            .map(|output| if output < outputs { row(weights, output, depth) } else { &[] })
            .collect();
        for (index, values) in rows.iter().enumerate() {
            numbers(&mut out, weights, first + index, values);
        }
        for k in 0..depth {
            out.extend(rows.iter().map(|row| row.get(k).copied().unwrap_or(0) as u8));
        }
    }
    out
}
