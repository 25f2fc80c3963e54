//! DEPTHWISE_CONV_2D: forms and packed constants.

use crate::armv7em::layout::{GENERAL, Plan, depthwise as layout};
use crate::packed::DepthwiseSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let _ = weights;
    let mut forms = Vec::new();
    if let Some(cost) = general_cost(spec) {
        forms.push(Form { id: GENERAL, cost });
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    match form {
        GENERAL => general(spec, weights).unwrap_or_default(),
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
