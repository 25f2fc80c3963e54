//! DEPTHWISE_CONV_2D: forms and packed constants.

use super::requant::{Short, Steps};
use crate::Multiplier;
use crate::armv7em::layout::{
    GENERAL, Plan, SHORT, SHORT_SHIFT, TWICE, Three, depthwise as layout,
};
use crate::packed::DepthwiseSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let mut forms = Vec::new();
    let Some(cost) = general_cost(spec) else { return forms };
    forms.push(Form { id: GENERAL, cost });
    let Some(three) = Three::new(spec) else { return forms };
    for id in [SHORT, TWICE] {
        if numbers(id, spec, weights).is_some() {
            forms.push(Form { id, cost: three_cost(id, spec, &three) });
        }
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    match form {
        GENERAL => general(spec, weights).unwrap_or_default(),
        SHORT | TWICE => three(form, spec, weights).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// `bias` with the input's zero point folded in: all weights meet a value, the zero point outside
/// the image.
fn folded_bias(spec: &DepthwiseSpec, weights: &Weights<'_>, channel: usize) -> i32 {
    let sum = taps(spec, weights, channel).fold(0i32, |sum, w| sum.wrapping_add(i32::from(w)));
    weights.bias(channel).wrapping_sub(spec.input_zero.wrapping_mul(sum))
}

/// Weights of an output channel, row by row.
fn taps<'a>(
    spec: &DepthwiseSpec,
    weights: &Weights<'a>,
    channel: usize,
) -> impl Iterator<Item = i8> + use<'a> {
    let step = (spec.in_channels * spec.multiplier).max(1);
    weights.values.iter().skip(channel).step_by(step).copied()
}

fn general(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<u8>> {
    let plan = Plan::new(spec)?;
    let kernel = spec.window.kernel;
    let mut packed = Vec::with_capacity(layout(GENERAL, spec)?.packed_len);
    for (channel, factor) in weights.factors.iter().enumerate() {
        let end = packed.len() + plan.record();
        for number in [folded_bias(spec, weights, channel), factor.mantissa, factor.shift] {
            packed.extend(number.to_le_bytes());
        }
        let all: Vec<i8> = taps(spec, weights, channel).collect();
        for across in 0..plan.across {
            for along in 0..plan.pairs {
                let (y, x) = if plan.along == 1 { (across, along) } else { (along, across) };
                let inside = y < kernel[0] && x < kernel[1];
                packed.push(if inside { all[y * kernel[1] + x] as u8 } else { 0 });
            }
        }
        packed.resize(end, 0);
    }
    Some(packed)
}

/// Instructions of the general form.
fn general_cost(spec: &DepthwiseSpec) -> Option<u64> {
    let plan = Plan::new(spec)?;
    let w = &spec.window;
    let outputs = [w.output[plan.along], w.output[plan.along ^ 1]].map(|n| n as u64);
    let strips = outputs[0].div_ceil(4) * spec.out_channels()? as u64 * w.batch as u64;
    let bands = outputs[1].div_ceil(plan.band as u64);
    let build = bands * (plan.rows * (20 + 9 * plan.row)) as u64;
    let tile = outputs[1] * (140 + plan.across * (8 + 11 * plan.pairs / 2)) as u64;
    Some(strips * (build + tile))
}

/// Numbers of every channel, with the scale of its accumulators; `None` if the arithmetic of the
/// form is not the definition's for one of them.
fn numbers(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<(Short, u32)>> {
    let channel = |(channel, factor): (usize, &Multiplier)| {
        let range = weights.range(channel, taps(spec, weights, channel))?;
        let (scale, steps) = match form {
            // Weights are scaled, so that all channels have the same shift.
            SHORT => (SHORT_SHIFT as i32 + 1 + factor.shift, Steps::Truncated),
            _ => (1, Steps::Both),
        };
        let scale = u32::try_from(scale).ok().filter(|scale| *scale <= 8)?;
        Some((Short::prove(weights, channel, range, scale, steps)?, scale))
    };
    weights.factors.iter().enumerate().map(channel).collect()
}

fn three(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(layout(form, spec)?.packed_len);
    for (channel, (short, scale)) in numbers(form, spec, weights)?.into_iter().enumerate() {
        let bias = folded_bias(spec, weights, channel).wrapping_shl(scale);
        for number in [bias, short.mantissa, short.addend] {
            packed.extend(number.to_le_bytes());
        }
        packed.extend(taps(spec, weights, channel).map(|weight| weight as u8));
        packed.extend([scale as u8, short.shift as u8, 0]);
    }
    Some(packed)
}

/// Instructions of the kernels of 3x3.
fn three_cost(form: u8, spec: &DepthwiseSpec, three: &Three) -> u64 {
    let w = &spec.window;
    let [rows, columns] = w.output.map(|n| n.div_ceil(2) as u64);
    let channels = (spec.in_channels * w.batch) as u64;
    let tile = if three.stride == 1 { 47 } else { 53 } + if form == TWICE { 10 } else { 0 };
    let build = if three.stride == 1 { 11 } else { 40 };
    channels * (60 + columns * (50 + rows * (tile + build)))
}
