//! Layers of floats, for cores with vectors.

use super::panels::Layer;
use super::weights::{alternatives, replace};
use super::{Limits, Packed};
use crate::lower::{Program, Value};
use smidge::ops::{conv_2d, fully_connected, panels};
use smidge::{OpCode, Variant};
use smidge_format::DType;
use smidge_format::attrs::Reader;
use smidge_kernels::packed::pack::{RealValues, RealWeights, pack_real, real_forms};
use smidge_kernels::packed::{RealForm, RealSpec, real_layout};
use smidge_kernels::scalar::float16::Half;
use smidge_kernels::{Clamp, Family};
use std::sync::Arc;

/// A constant's floats.
fn floats(value: &Value) -> Option<Vec<f32>> {
    let (words, _) = value.data.as_deref()?.as_chunks::<4>();
    Some(words.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

/// A constant's float16, as bits.
fn halves(value: &Value) -> Option<Vec<u16>> {
    let (halves, _) = value.data.as_deref()?.as_chunks::<2>();
    Some(halves.iter().map(|&bytes| u16::from_le_bytes(bytes)).collect())
}

/// Packs a convolution or a fully connected layer, if its weights and its bias are constants.
pub(super) fn pack_layer(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
) -> Option<Packed> {
    let step = &program.steps[at];
    let [Some(_), Some(w), bias] = *step.inputs.as_slice() else { return None };
    let from = Reader::new(&step.attrs);
    let (window, clamp): (_, Clamp<f32>) = match step.code {
        OpCode::Conv2d => {
            let attrs = conv_2d::AttrsF32::decode(from).ok()?;
            (attrs.window, attrs.clamp)
        }
        _ => (panels::POINT, fully_connected::AttrsF32::decode(from).ok()?.clamp),
    };
    let Layer { kernel, image, in_channels, out_channels } = Layer::new(program, step, &window)?;
    let spec = RealSpec { window: image, in_channels, out_channels, clamp };
    let weights = &program.values[w];
    let (singles, bits);
    let (values, width) = if weights.dtype == DType::F16 {
        bits = halves(weights)?;
        (RealValues::Half(&bits), 16)
    } else {
        singles = floats(weights)?;
        (RealValues::Single(&singles), 32)
    };
    let bias = bias.map_or(Some(Vec::new()), |bias| floats(&program.values[bias]))?;
    let weights = RealWeights { values, bias: &bias };
    let forms = real_forms(family, &spec, &weights);
    let layout = |form: u8| real_layout(family, RealForm::from_u8(form)?, &spec);
    let alternatives = alternatives(&forms, width, layout);
    let chosen = limits.choose(&alternatives)?;
    let bytes = pack_real(&spec, &weights);
    let attrs = panels::Attrs { form: chosen.form, kernel, window, clamp }.encode();
    Some(replace(program, at, Variant::F32Packed, bytes, &attrs, (chosen, alternatives)))
}

/// Makes float32 of a depthwise layer's float16 weights where a core has vectors for those: they are
/// fewer than those of other layers.
pub(super) fn widen(program: &mut Program, at: usize) -> Option<()> {
    let old = program.steps[at].inputs.get(1).copied().flatten()?;
    let value = &program.values[old];
    let floats = halves(value)?.into_iter().map(|bits| Half(bits).to_f32());
    let data: Vec<u8> = floats.flat_map(f32::to_le_bytes).collect();
    let value =
        Value { dtype: DType::F32, data: Some(Arc::from(data)), source: None, ..value.clone() };
    let new = program.add(value);
    let step = &mut program.steps[at];
    step.inputs[1] = Some(new);
    step.variant = Variant::F32;
    Some(())
}
