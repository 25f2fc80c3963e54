//! Packing of convolutions.

use super::numbers::{Choice, bias, numbers, vectors, words};
use crate::mve::layout::{AWAY, BOUNDED, FULL, LEAN, NIBBLES, Plan};
use crate::packed::ConvSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The weights of a channel.
fn channel<'a>(depth: usize, weights: &Weights<'a>, channel: usize) -> &'a [i8] {
    weights.values.get(channel * depth..(channel + 1) * depth).unwrap_or_default()
}

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let Some(plan) = Plan::of(FULL, spec) else { return Vec::new() };
    let (Some(depth), Some((_, outputs))) = (spec.depth(), spec.lens()) else { return Vec::new() };
    let choice = Choice::of(weights, |o| channel(depth, weights, o).iter().copied());
    let tiles = (outputs.div_ceil(8)) as u64;
    let steps = plan.steps as u64;
    let vectors = |id: u8| match id {
        NIBBLES => 16 * steps.next_multiple_of(2) + steps.div_ceil(4) * 2,
        // Windows of few vectors stay in registers.
        LEAN | AWAY | BOUNDED if steps <= 4 => 14 * steps - 2 * steps.min(2),
        _ => 14 * steps + steps.div_ceil(9) * 2 + 5,
    };
    let forms = choice.forms(weights).into_iter();
    forms.map(|(id, each)| Form { id, cost: tiles * (vectors(id) + each + 3) }).collect()
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let (Some(plan), Some(depth)) = (Plan::of(form, spec), spec.depth()) else { return Vec::new() };
    let full = if form == FULL {
        Choice::of(weights, |o| channel(depth, weights, o).iter().copied()).full
    } else {
        None
    };
    let full = full.unwrap_or_default();
    let mut packed = Vec::with_capacity(plan.tiles * plan.block);
    for tile in (0..plan.tiles).rev() {
        let channels: [usize; 4] = core::array::from_fn(|i| tile * 4 + i);
        let ordered = channels.map(|o| columns_first(spec, channel(depth, weights, o)));
        for _pixel in 0..2 {
            for (&o, values) in channels.iter().zip(&ordered) {
                words(&mut packed, &[bias(form, weights, o, values.iter().copied())]);
            }
        }
        vectors(&mut packed, form, plan.steps, &ordered);
        numbers(&mut packed, form, weights, &full, &channels);
    }
    packed
}

/// The weights of a channel, `[Kh, Kw, I]`, as `[Kw, Kh, I]`.
fn columns_first(spec: &ConvSpec, values: &[i8]) -> Vec<i8> {
    let ([rows, columns], depth) = (spec.window.kernel, spec.in_channels);
    let mut ordered = Vec::with_capacity(values.len());
    for column in 0..columns {
        for row in 0..rows {
            let start = (row * columns + column) * depth;
            ordered.extend_from_slice(values.get(start..start + depth).unwrap_or_default());
        }
    }
    ordered
}
