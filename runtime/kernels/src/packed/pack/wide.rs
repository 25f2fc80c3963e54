//! Packing of layers with 16-bit activations.

use super::Form;
use crate::cpu::Family;
use crate::packed::{WideForm, WideSpec, wide_layout};
use crate::panel::pack::pack;
use alloc::vec::Vec;

/// Weights, bias and factors of a layer with 16-bit activations.
#[derive(Clone, Copy, Debug)]
pub struct WideWeights<'a> {
    /// How accumulators are requantized.
    pub form: WideForm,
    /// Weights in the order of the source: `[O, Kh, Kw, I]` or `[O, I]`.
    pub values: &'a [i8],
    /// Bias of each output channel; empty for none.
    pub bias: &'a [i64],
    /// Factor of each output channel: mantissa and shift, or the mantissa's lower and upper half and
    /// the shift.
    pub factors: &'a [[i32; 3]],
}

/// The forms that a layer with 16-bit activations can have, empty if the family has no kernel for it.
pub fn wide_forms(family: Family, spec: &WideSpec, weights: &WideWeights<'_>) -> Vec<Form> {
    let Some((_, outputs)) = spec.lens().filter(|_| wide_layout(family, spec).is_some()) else {
        return Vec::new();
    };
    // An instruction for each vector of products, and many for each of the outputs.
    let depth = spec.shape().depth().unwrap_or(0) as u64;
    let lanes = if family == Family::X86 { 16 } else { 4 };
    let each = if weights.form == WideForm::Real { 80 } else { 20 };
    Vec::from([Form {
        id: weights.form as u8,
        cost: outputs as u64 * (depth * 5 / 4 / lanes + each),
    }])
}

/// The packed constant of a form that [`wide_forms`] offered; as long as the layout says.
pub fn pack_wide(spec: &WideSpec, weights: &WideWeights<'_>) -> Vec<u8> {
    pack(
        &spec.shape(),
        |bytes, channels, width| {
            let channels = channels.start..channels.start + width;
            for channel in channels.clone() {
                bytes.extend(weights.bias.get(channel).copied().unwrap_or(0).to_le_bytes());
            }
            for channel in channels {
                let factor = weights.factors.get(channel).copied().unwrap_or_default();
                bytes.extend(factor.into_iter().flat_map(i32::to_le_bytes));
            }
        },
        |bytes, index| {
            let weight = index.and_then(|index| weights.values.get(index).copied());
            bytes.push(weight.unwrap_or(0) as u8);
        },
    )
}
