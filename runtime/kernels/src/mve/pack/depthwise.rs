//! Packing of depthwise convolutions.

use super::numbers::{Choice, bias, words};
use crate::mve::layout::{self, AWAY, FULL, LEAN, ONE_CHANNEL, Planes, QUADS, Quads, SINGLE};
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
    let rows = spec.window.kernel[plan.across & 1] as u64;
    let output = spec.window.output;
    let tiles = output[plan.along & 1].div_ceil(8) * output[plan.across & 1];
    let tiles = (spec.window.batch * tiles * weights.channels()) as u64;
    let cost = |id: u8| {
        let each = if id == SINGLE { 400 } else { 60 };
        tiles * (plan.steps as u64 * 26 + each + 8 * rows)
    };
    let forms = choice.forms(weights).into_iter().map(|(id, _)| id).filter(|&id| id <= SINGLE);
    let mut forms: Vec<Form> = forms.map(|id| Form { id, cost: cost(id) }).collect();
    if let Some(quads) = Quads::of(QUADS, spec) {
        let [along, across] = [quads.along, quads.across].map(|axis| spec.window.output[axis & 1]);
        let tiles = (along.div_ceil(4) * across.div_ceil(2) * weights.channels()) as u64;
        let inputs = outputs as u64 * (quads.stride * quads.stride) as u64;
        let tile = [27, 34][quads.stride & 1 ^ 1];
        let numbers =
            choice.forms(weights).into_iter().filter(|&(id, _)| matches!(id, FULL | LEAN | AWAY));
        forms.extend(numbers.map(|(id, each)| Form {
            id: QUADS + id,
            cost: tiles * (tile + each - 18) + inputs * 6 / 10,
        }));
    }
    if let Some(conv) = layout::one_channel(spec) {
        let values = channels_first(spec, weights);
        let same = super::conv_forms(&conv, &Weights { values: &values, ..*weights });
        forms.extend(same.into_iter().map(|form| Form { id: ONE_CHANNEL + form.id, ..form }));
    }
    forms
}

/// Weights in the order of a convolution's.
fn channels_first(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<i8> {
    (0..weights.channels()).flat_map(|o| channel(spec, weights, o)).collect()
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    if form >= ONE_CHANNEL {
        let values = channels_first(spec, weights);
        let Some(conv) = layout::one_channel(spec) else { return Vec::new() };
        return super::conv(form - ONE_CHANNEL, &conv, &Weights { values: &values, ..*weights });
    }
    if form >= QUADS {
        return quads(form, spec, weights);
    }
    let Some(plan) = Planes::of(spec) else { return Vec::new() };
    let full = if form == FULL { choice(spec, weights).full } else { None }.unwrap_or_default();
    let [_, columns] = spec.window.kernel;
    let mut packed = Vec::with_capacity(weights.channels() * plan.block);
    for o in 0..weights.channels() {
        let values = channel(spec, weights, o);
        words(&mut packed, &[bias(form, weights, o, values.iter().copied())]);
        if form == SINGLE {
            let factor = weights.factors.get(o).copied().unwrap_or_default();
            words(&mut packed, &[factor.mantissa, factor.shift, 0, 0, 0, 0, 0]);
        } else {
            let numbers = full.get(o).copied().unwrap_or_default();
            let fields = [numbers.left, numbers.mantissa, -numbers.mask, numbers.right, 0, 0, 0];
            words(&mut packed, &fields);
        }
        let steps = [columns, 1];
        let [along, across] = [plan.along & 1, plan.across & 1];
        let tap = |j: usize, k: usize| j * steps[along] + k * steps[across];
        let ordered = (0..spec.window.kernel[along])
            .flat_map(|j| (0..spec.window.kernel[across]).map(move |k| tap(j, k)));
        let ordered: Vec<i8> = ordered.filter_map(|tap| values.get(tap).copied()).collect();
        let at = |i: usize| ordered.get(i).copied().unwrap_or(0) as u8;
        packed.extend((0..16 * plan.steps).map(at));
    }
    packed
}

/// The packed constant of a form in quads.
fn quads(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let Some(plan) = Quads::of(form, spec) else { return Vec::new() };
    let full = choice(spec, weights).full.unwrap_or_default();
    let mut packed = Vec::with_capacity(weights.channels() * plan.block);
    for o in 0..weights.channels() {
        let values = channel(spec, weights, o);
        let at = |along: usize, across: usize| {
            let tap = if plan.along == 1 { across * 3 + along } else { along * 3 + across };
            values.get(tap).copied().unwrap_or(0)
        };
        let column = |along: usize| {
            i32::from_le_bytes([at(along, 0), at(along, 1), at(along, 2), 0].map(|w| w as u8))
        };
        let bias = bias(form, weights, o, values.iter().copied());
        let numbers = full.get(o).copied().unwrap_or_default();
        let factors = [numbers.mantissa, numbers.right];
        words(&mut packed, &[column(0), bias, column(1), factors[0], column(2), factors[1]]);
        if form == QUADS + FULL {
            words(&mut packed, &[numbers.left, -numbers.mask]);
        }
    }
    packed
}
