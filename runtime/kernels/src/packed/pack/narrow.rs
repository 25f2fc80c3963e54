//! Packing of weights of four bits.

use super::{Form, Weights, conv_forms, fully_connected_forms, pack_conv, pack_fully_connected};
use crate::cpu::Family;
use crate::packed::narrow::{conv_stretches, fully_connected_stretches};
use crate::packed::{
    ConvSpec, FullyConnectedSpec, Layout, Stretches, conv_s4_layout, fully_connected_s4_layout,
};
use alloc::vec::Vec;

/// The forms of those that can have weights of four bits; making bytes of one costs an instruction
/// at most.
fn narrow(
    forms: Vec<Form>,
    weights: &Weights<'_>,
    layout: impl Fn(u8) -> Option<Layout>,
    cost: impl Fn(u8) -> u64,
) -> Vec<Form> {
    let fits = weights.values.iter().all(|weight| (-8..8).contains(weight));
    let forms = forms.into_iter().filter(|form| fits && layout(form.id).is_some());
    forms.map(|form| Form { cost: form.cost + cost(form.id), ..form }).collect()
}

/// The forms that a convolution with these weights can have with four bits for each: empty if one
/// needs more, or the family has no kernel for it.
pub fn conv_s4_forms(family: Family, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let forms = conv_forms(family, spec, weights);
    narrow(
        forms,
        weights,
        |form| conv_s4_layout(family, form, spec),
        |form| match family {
            Family::Armv7em => crate::armv7em::pack::conv_s4_cost(form, spec),
            _ => weights.values.len() as u64 / 4,
        },
    )
}

/// As [`conv_s4_forms`], for a fully connected layer.
pub fn fully_connected_s4_forms(
    family: Family,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<Form> {
    let forms = fully_connected_forms(family, spec, weights);
    let layout = |form| fully_connected_s4_layout(family, form, spec);
    let each = if family == Family::Armv7em { 1 } else { 4 };
    narrow(forms, weights, layout, |_| weights.values.len() as u64 / each)
}

/// The packed constant of a form that [`conv_s4_forms`] offered; as long as the layout says.
pub fn pack_conv_s4(family: Family, form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let bytes = pack_conv(family, form, spec, weights);
    match conv_stretches(family, form, spec) {
        Some(stretches) => halve(stretches, &bytes),
        None => crate::armv7em::pack::halve_conv(form, spec, &bytes),
    }
}

/// As [`pack_conv_s4`], for a fully connected layer.
pub fn pack_fully_connected_s4(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let bytes = pack_fully_connected(family, form, spec, weights);
    match fully_connected_stretches(family, form, spec) {
        Some(stretches) => halve(stretches, &bytes),
        None => crate::armv7em::pack::halve_fully_connected(spec, &bytes),
    }
}

/// Two weights to a byte.
fn halve(stretches: Stretches, bytes: &[u8]) -> Vec<u8> {
    let (mut narrow, mut rest) = (Vec::new(), bytes);
    stretches.each(|bytes, weights| {
        let (stay, behind) = rest.split_at(bytes);
        let (values, behind) = behind.split_at(weights);
        narrow.extend(stay);
        let half = weights.div_ceil(2);
        narrow.extend((0..half).map(|i| {
            let second = values.get(half + i).copied().unwrap_or(0);
            (values[i] & 15) | second << 4
        }));
        rest = behind;
    });
    debug_assert!(rest.is_empty());
    narrow
}
