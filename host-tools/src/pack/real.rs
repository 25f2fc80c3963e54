//! Layers of floats, for cores with vectors.

use super::weights::{alternatives, replace};
use super::{Limits, Packed};
use crate::lower::{Program, Value};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{conv_2d, fully_connected, panels};
use smidge::{OpCode, Variant};
use smidge_format::Shape;
use smidge_format::attrs::Reader;
use smidge_kernels::packed::pack::{RealValues, RealWeights, pack_real, real_forms};
use smidge_kernels::packed::{RealForm, RealSpec, real_layout};
use smidge_kernels::{Clamp, Family};

/// What a layer's attributes and shapes say.
struct Layer {
    window: WindowAttrs,
    kernel: [u16; 2],
    clamp: Clamp<f32>,
    spec: RealSpec,
}

/// `None` for a layer in groups, and where a number is too large.
fn layer(code: OpCode, attrs: &[u8], x: Shape, w: Shape, y: Shape) -> Option<Layer> {
    let (in_channels, out_channels) = (w.last(), w.dim(0));
    if code == OpCode::Conv2d {
        let conv_2d::AttrsF32 { window, clamp } =
            conv_2d::AttrsF32::decode(Reader::new(attrs)).ok()?;
        let [_, height, width, _] = w.nhwc()?;
        let kernel = [u16::try_from(height).ok()?, u16::try_from(width).ok()?];
        let spec =
            RealSpec { window: window.over(x, [height, width])?, in_channels, out_channels, clamp };
        return (x.last() == in_channels).then_some(Layer { window, kernel, clamp, spec });
    }
    let fully_connected::AttrsF32 { clamp } =
        fully_connected::AttrsF32::decode(Reader::new(attrs)).ok()?;
    let [rows, ..] = fully_connected::infer(x, w).ok()?;
    let row = Shape::new(&[1, 1, u32::try_from(rows).ok()?, w.last() as u32])?;
    let window = panels::POINT;
    let spec = RealSpec { window: window.over(row, [1, 1])?, in_channels, out_channels, clamp };
    (y.last() == out_channels).then_some(Layer { window, kernel: [1, 1], clamp, spec })
}

/// A constant's floats.
fn floats(value: &Value) -> Option<Vec<f32>> {
    let (words, _) = value.data.as_deref()?.as_chunks::<4>();
    Some(words.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

/// Packs a convolution or a fully connected layer, if its weights and its bias are constants.
pub(super) fn pack_layer(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
) -> Option<Packed> {
    let step = &program.steps[at];
    let [Some(x), Some(w), bias] = *step.inputs.as_slice() else { return None };
    let shape = |id: usize| program.values[id].shape;
    let y = shape(*step.outputs.first()?);
    let layer = layer(step.code, &step.attrs, shape(x), shape(w), y)?;
    let values = floats(&program.values[w])?;
    let bias = bias.map_or(Some(Vec::new()), |bias| floats(&program.values[bias]))?;
    let weights = RealWeights { values: RealValues::Single(&values), bias: &bias };
    let Layer { window, kernel, clamp, spec } = layer;
    let forms = real_forms(family, &spec, &weights);
    let layout = |form: u8| real_layout(family, RealForm::from_u8(form)?, &spec);
    let alternatives = alternatives(&forms, layout);
    let chosen = limits.choose(&alternatives)?;
    let bytes = pack_real(&spec, &weights);
    let attrs = panels::Attrs { form: chosen.form, kernel, window, clamp }.encode();
    let packed = replace(program, at, bytes, &attrs, chosen, alternatives);
    program.steps[at].variant = Variant::F32Packed;
    Some(packed)
}
