//! Packing of fully connected layers.

use super::numbers::{Choice, bias, numbers, vectors, words};
use crate::mve::layout::{BOUNDED, Dense, FULL, NIBBLES, ONE};
use crate::packed::FullyConnectedSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// Where the outputs of a block are in it.
const ORDER: [usize; 8] = [0, 2, 4, 6, 1, 3, 5, 7];

/// The weights of an output.
fn output<'a>(depth: usize, weights: &Weights<'a>, output: usize) -> &'a [i8] {
    weights.values.get(output * depth..(output + 1) * depth).unwrap_or_default()
}

fn choice(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Choice {
    Choice::of(weights, |o| output(spec.depth, weights, o).iter().copied())
}

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    let Some(plan) = Dense::of(FULL, spec) else { return Vec::new() };
    let choice = choice(spec, weights);
    let blocks = (spec.batch * plan.blocks) as u64;
    let mut forms = choice.forms(weights);
    forms.retain(|&(id, _)| id != BOUNDED && id != NIBBLES);
    if choice.one.is_some() {
        forms.push((ONE, 25));
        if choice.nibbles {
            forms.push((NIBBLES, 25));
        }
    }
    let steps = plan.steps as u64;
    let vectors = |id: u8| match id {
        NIBBLES => 21 * steps.next_multiple_of(2),
        _ => 17 * steps,
    };
    let cost = |id: u8, each: u64| blocks * (vectors(id) + steps.div_ceil(4) * 2 + 6 + each);
    forms.into_iter().map(|(id, each)| Form { id, cost: cost(id, each) }).collect()
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let Some(plan) = Dense::of(form, spec) else { return Vec::new() };
    let needs = matches!(form, FULL | ONE | NIBBLES);
    let choice = if needs { choice(spec, weights) } else { Choice::default() };
    let full = choice.full.as_deref().unwrap_or_default();
    let mut packed = Vec::with_capacity(plan.head + plan.blocks * plan.block);
    let one = matches!(form, ONE | NIBBLES);
    if one {
        // Sums of weights of four bits are 16 times what they mean.
        let raised = if form == NIBBLES { 4 } else { 0 };
        let numbers = choice.one.unwrap_or_default();
        words(&mut packed, &[numbers.left - raised, numbers.mantissa, numbers.right, 0]);
    }
    for block in 0..plan.blocks {
        let outputs = ORDER.map(|i| block * 8 + i);
        let values = outputs.map(|o| output(spec.depth, weights, o));
        for (&o, values) in outputs.iter().zip(values) {
            words(&mut packed, &[bias(form, weights, o, values.iter().copied())]);
        }
        vectors(&mut packed, form, plan.steps, &values);
        if !one {
            numbers(&mut packed, form, weights, full, &outputs);
        }
    }
    packed
}
