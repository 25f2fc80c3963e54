//! Packing of layers of floats.

use super::Form;
use crate::cpu::Family;
use crate::packed::{RealForm, RealSpec, real_layout};
use crate::panel::pack::pack;
use alloc::vec::Vec;

/// Weights of floats in the order of the source: `[O, Kh, Kw, I]` or `[O, I]`.
#[derive(Clone, Copy, Debug)]
pub enum RealValues<'a> {
    /// float32.
    Single(&'a [f32]),
    /// float16, as bits.
    Half(&'a [u16]),
}

impl RealValues<'_> {
    /// The form that stores them as they are.
    pub const fn form(&self) -> RealForm {
        match self {
            Self::Single(_) => RealForm::Single,
            Self::Half(_) => RealForm::Half,
        }
    }
}

/// Weights and bias of a layer of floats.
#[derive(Clone, Copy, Debug)]
pub struct RealWeights<'a> {
    /// Weights.
    pub values: RealValues<'a>,
    /// Bias of each output channel; empty for none.
    pub bias: &'a [f32],
}

/// The forms that a layer of floats with these weights can have, empty if the family has no kernel
/// for it.
pub fn real_forms(family: Family, spec: &RealSpec, weights: &RealWeights<'_>) -> Vec<Form> {
    let form = weights.values.form();
    let Some((_, outputs)) = spec.lens().filter(|_| real_layout(family, form, spec).is_some())
    else {
        return Vec::new();
    };
    // Two instructions for each vector of products, and some for the sums.
    let depth = spec.shape().depth().unwrap_or(0) as u64;
    let lanes = if family == Family::X86 { 16 } else { 4 };
    let cost = outputs as u64 * (depth * 5 / 2 + 8) / lanes;
    Vec::from([Form { id: form as u8, cost }])
}

/// The packed constant of a form that [`real_forms`] offered; as long as the layout says.
pub fn pack_real(spec: &RealSpec, weights: &RealWeights<'_>) -> Vec<u8> {
    let bias = |channel: usize| weights.bias.get(channel).copied().unwrap_or(0.0);
    pack(
        &spec.shape(),
        |bytes, channels, width| {
            let numbers = (channels.start..channels.start + width).map(bias);
            bytes.extend(numbers.flat_map(f32::to_le_bytes));
        },
        |bytes, index| {
            fn at<T: Copy + Default>(values: &[T], index: Option<usize>) -> T {
                index.and_then(|index| values.get(index).copied()).unwrap_or_default()
            }
            match weights.values {
                RealValues::Single(values) => bytes.extend(at(values, index).to_le_bytes()),
                RealValues::Half(values) => bytes.extend(at(values, index).to_le_bytes()),
            }
        },
    )
}
