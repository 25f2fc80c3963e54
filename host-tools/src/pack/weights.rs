//! Layers with weights.

use super::{Alternative, Limits, Packed, Width};
use crate::lower::{Program, Value, ValueId};
use smidge::ops::{conv_2d, fully_connected, packed};
use smidge::{OpCode, Variant};
use smidge_format::attrs::Reader;
use smidge_format::{DType, Shape};
use smidge_kernels::packed::pack::{
    Form, Weights, conv_forms, conv_s4_forms, depthwise_forms, fully_connected_forms,
    fully_connected_s4_forms, pack_conv, pack_conv_s4, pack_depthwise, pack_fully_connected,
    pack_fully_connected_s4,
};
use smidge_kernels::packed::{
    ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, WINOGRAD, conv_layout, conv_s4_layout,
    depthwise_layout, fully_connected_layout, fully_connected_s4_layout,
};
use smidge_kernels::{Clamp, Family, Multiplier, Rounding, Window};
use std::sync::Arc;

/// The constants of a step with weights, in the order of its operands.
struct Constants {
    x: Shape,
    y: Shape,
    w: Shape,
    values: Vec<i8>,
    bias: Vec<i32>,
    factors: Vec<Multiplier>,
}

impl Constants {
    /// Reads them; `None` if one is computed, or missing.
    fn read(program: &Program, at: usize, channels: impl Fn(Shape) -> usize) -> Option<Self> {
        let step = &program.steps[at];
        let [Some(x), Some(w), bias, Some(factors)] = *step.inputs.as_slice() else { return None };
        let shape = |id: ValueId| program.values[id].shape;
        let bias = match bias {
            Some(bias) => words(&program.values[bias])?,
            None => Vec::new(),
        };
        let factors = words(&program.values[factors])?;
        let pairs = factors.as_chunks::<2>().0.iter();
        let mut factors: Vec<_> =
            pairs.map(|&[mantissa, shift]| Multiplier { mantissa, shift }).collect();
        let channels = channels(shape(w));
        if let [one] = *factors.as_slice() {
            factors = vec![one; channels];
        }
        let values = program.values[w].data.as_ref()?.iter().map(|&byte| byte as i8).collect();
        let y = shape(*step.outputs.first()?);
        let fits = factors.len() == channels && (bias.is_empty() || bias.len() == channels);
        fits.then_some(Self { x: shape(x), y, w: shape(w), values, bias, factors })
    }

    fn weights(
        &self,
        rounding: Rounding,
        (input_zero, output_zero): (i32, i32),
        clamp: Clamp<i32>,
    ) -> Weights<'_> {
        let Self { values, bias, factors, .. } = self;
        Weights { values, bias, factors, rounding, input_zero, output_zero, clamp }
    }
}

/// A constant's 32-bit integers.
fn words(value: &Value) -> Option<Vec<i32>> {
    let (words, _) = value.data.as_deref()?.as_chunks::<4>();
    Some(words.iter().map(|&bytes| i32::from_le_bytes(bytes)).collect())
}

/// Both convolutions: attributes and window, if the weights are symmetric.
fn window(program: &Program, at: usize, c: &Constants) -> Option<(conv_2d::AttrsS8, Window)> {
    let attrs = conv_2d::AttrsS8::decode(Reader::new(&program.steps[at].attrs)).ok()?;
    let [_, height, width, _] = c.w.nhwc()?;
    let window = attrs.window.over(c.x, [height, width])?;
    (attrs.weights_zero == 0).then_some((attrs, window))
}

pub(super) fn conv_2d(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
    width: Width,
) -> Option<Packed> {
    let c = Constants::read(program, at, |w| w.dim(0))?;
    let (attrs, window) = window(program, at, &c)?;
    let conv_2d::AttrsS8 { input_zero, output_zero, clamp, .. } = attrs;
    let (in_channels, out_channels) = (c.x.last(), c.y.last());
    if c.w.last() != in_channels {
        return None;
    }
    let spec = ConvSpec { window, in_channels, out_channels, input_zero, output_zero, clamp };
    let weights = c.weights(Rounding::Double, (input_zero, output_zero), clamp);
    if width == Width::Nibble {
        let forms = conv_s4_forms(family, &spec, &weights);
        let alternatives = alternatives(&forms, 4, |form| conv_s4_layout(family, form, &spec));
        let chosen = limits.choose(&alternatives)?;
        let attrs = packed_attrs(&attrs, window, &c, chosen.form)?;
        let bytes = pack_conv_s4(family, chosen.form, &spec, &weights);
        return Some(replace(
            program,
            at,
            Variant::S4Packed,
            bytes,
            &attrs,
            (chosen, alternatives),
        ));
    }
    let forms = conv_forms(family, &spec, &weights);
    let alternatives = alternatives(&forms, 8, |form| conv_layout(family, form, &spec));
    let chosen = limits.choose(&alternatives)?;
    let attrs = packed_attrs(&attrs, window, &c, chosen.form)?;
    let bytes = pack_conv(family, chosen.form, &spec, &weights);
    let winograd = chosen.form & WINOGRAD != 0;
    let variant = if winograd { Variant::S8Winograd } else { Variant::S8Packed };
    Some(replace(program, at, variant, bytes, &attrs, (chosen, alternatives)))
}

pub(super) fn depthwise_conv_2d(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
) -> Option<Packed> {
    let c = Constants::read(program, at, |w| w.dim(3))?;
    let (attrs, window) = window(program, at, &c)?;
    let conv_2d::AttrsS8 { input_zero, output_zero, clamp, .. } = attrs;
    let in_channels = c.x.last();
    let multiplier = c.y.last().checked_div(in_channels)?;
    let spec = DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp };
    let weights = c.weights(Rounding::Double, (input_zero, output_zero), clamp);
    let forms = depthwise_forms(family, &spec, &weights);
    let alternatives = alternatives(&forms, 8, |form| depthwise_layout(family, form, &spec));
    let chosen = limits.choose(&alternatives)?;
    let attrs = packed_attrs(&attrs, window, &c, chosen.form)?;
    let bytes = pack_depthwise(family, chosen.form, &spec, &weights);
    Some(replace(program, at, Variant::S8Packed, bytes, &attrs, (chosen, alternatives)))
}

fn packed_attrs(
    attrs: &conv_2d::AttrsS8,
    window: Window,
    c: &Constants,
    form: u8,
) -> Option<[u8; packed::Attrs::LEN]> {
    let after = attrs.window.after.map(usize::from);
    let &conv_2d::AttrsS8 { input_zero, output_zero, clamp, .. } = attrs;
    let channels = [c.x.last(), c.y.last()];
    packed::Attrs { form, window, after, channels, input_zero, output_zero, clamp }.encode()
}

pub(super) fn fully_connected(
    program: &mut Program,
    at: usize,
    family: Family,
    limits: &Limits,
    width: Width,
) -> Option<Packed> {
    let c = Constants::read(program, at, |w| w.dim(0))?;
    let attrs = fully_connected::AttrsS8::decode(Reader::new(&program.steps[at].attrs)).ok()?;
    let fully_connected::AttrsS8 { input_zero, weights_zero, output_zero, clamp } = attrs;
    let [batch, depth, outputs] = fully_connected::infer(c.x, c.w).ok()?;
    if weights_zero != 0 {
        return None;
    }
    let rounding =
        if program.steps[at].rounds_as_tflm { Rounding::Double } else { Rounding::Single };
    let spec = FullyConnectedSpec { batch, depth, outputs, input_zero, output_zero, clamp };
    let weights = c.weights(rounding, (input_zero, output_zero), clamp);
    if width == Width::Nibble {
        let forms = fully_connected_s4_forms(family, &spec, &weights);
        let layout = |form| fully_connected_s4_layout(family, form, &spec);
        let alternatives = alternatives(&forms, 4, layout);
        let chosen = limits.choose(&alternatives)?;
        let bytes = pack_fully_connected_s4(family, chosen.form, &spec, &weights);
        let attrs = fully_connected::AttrsPacked { form: chosen.form, spec }.encode()?;
        return Some(replace(
            program,
            at,
            Variant::S4Packed,
            bytes,
            &attrs,
            (chosen, alternatives),
        ));
    }
    let forms = fully_connected_forms(family, &spec, &weights);
    let alternatives = alternatives(&forms, 8, |form| fully_connected_layout(family, form, &spec));
    let chosen = limits.choose(&alternatives)?;
    let bytes = pack_fully_connected(family, chosen.form, &spec, &weights);
    let attrs = fully_connected::AttrsPacked { form: chosen.form, spec }.encode()?;
    Some(replace(program, at, Variant::S8Packed, bytes, &attrs, (chosen, alternatives)))
}

pub(super) fn alternatives(
    forms: &[Form],
    bits: u8,
    layout: impl Fn(u8) -> Option<Layout>,
) -> Vec<Alternative> {
    let alternative = |form: &Form| {
        let Layout { packed_len, scratch_len } = layout(form.id)?;
        let (flash_bytes, scratch_bytes) = (packed_len, scratch_len);
        Some(Alternative { form: form.id, bits, flash_bytes, scratch_bytes, cost: form.cost })
    };
    forms.iter().filter_map(alternative).collect()
}

/// Makes a step the packed one.
pub(super) fn replace(
    program: &mut Program,
    at: usize,
    variant: Variant,
    bytes: Vec<u8>,
    attrs: &[u8],
    (chosen, alternatives): (Alternative, Vec<Alternative>),
) -> Packed {
    let name = program.steps[at].name.clone();
    let code: OpCode = program.steps[at].code;
    let constant = program.add(Value {
        name: format!("{name}/packed"),
        dtype: DType::U8,
        shape: Shape::new(&[bytes.len() as u32]).expect("one dimension"),
        quant: None,
        data: Some(Arc::from(bytes)),
        source: None,
        unsigned_source: false,
        state: None,
    });
    let step = &mut program.steps[at];
    step.variant = variant;
    step.inputs = vec![step.inputs[0], Some(constant)];
    step.attrs = attrs.to_vec();
    step.scratch_len = chosen.scratch_bytes;
    Packed { step: at, code, name, chosen, alternatives }
}
