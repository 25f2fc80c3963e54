//! Packing of depthwise convolutions.

use super::numbers::{Choice, bias, word};
use crate::mve::layout::{FULL, Planes, SINGLE};
use crate::packed::DepthwiseSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The weights of a channel, `[Kh, Kw]`.
fn channel(spec: &DepthwiseSpec, weights: &Weights<'_>, channel: usize) -> Vec<i8> {
    let taps = spec.window.kernel[0] * spec.window.kernel[1];
    let channels = weights.channels();
    let at = |tap: usize| weights.values.get(tap * channels + channel).copied().unwrap_or(0);
    (0..taps).map(at).collect()
}

fn choice(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Choice {
    Choice::of(weights, |o| channel(spec, weights, o).into_iter())
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let Some(plan) = Planes::of(spec) else { return Vec::new() };
    let Some((_, outputs)) = spec.lens() else { return Vec::new() };
    let choice = choice(spec, weights);
    let [rows, _] = spec.window.kernel;
    let cost = |id: u8| {
        let each = if id == SINGLE { 50 } else { 15 };
        outputs as u64 * (plan.steps as u64 * 3 + rows as u64 + each)
    };
    let forms = choice.forms(weights).into_iter().map(|(id, _)| id).filter(|&id| id <= SINGLE);
    forms.map(|id| Form { id, cost: cost(id) }).collect()
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some(plan) = Planes::of(spec) else { return Vec::new() };
    let full = if form == FULL { choice(spec, weights).full } else { None }.unwrap_or_default();
    let [rows, columns] = spec.window.kernel;
    let mut packed = Vec::with_capacity(weights.channels() * plan.block);
    for o in 0..weights.channels() {
        let values = channel(spec, weights, o);
        word(&mut packed, bias(weights, o, values.iter().copied()));
        if form == SINGLE {
            let factor = weights.factors.get(o).copied().unwrap_or_default();
            [factor.mantissa, factor.shift, 0, 0, 0, 0, 0].map(|value| word(&mut packed, value));
        } else {
            let numbers = full.get(o).copied().unwrap_or_default();
            let fields = [numbers.left, numbers.mantissa, -numbers.mask, numbers.right, 0, 0, 0];
            fields.map(|value| word(&mut packed, value));
        }
        let ordered = (0..columns).flat_map(|x| (0..rows).map(move |y| y * columns + x));
        let ordered: Vec<i8> = ordered.filter_map(|tap| values.get(tap).copied()).collect();
        let at = |i: usize| ordered.get(i).copied().unwrap_or(0) as u8;
        packed.extend((0..16 * plan.steps).map(at));
    }
    packed
}
