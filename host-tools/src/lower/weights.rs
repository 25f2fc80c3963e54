//! Operators with weights.

use super::Rounding;
use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use super::sums::{self, Layer, NARROW, WIDE, reach_s8};
use super::window::window_attrs;
use smidge::ops::s16::weights::{self as s16, SumsKind};
use smidge::ops::window::WindowAttrs;
use smidge::ops::{conv_2d, fully_connected, hybrid as hybrid_op};
use smidge::{OpCode, Variant};
use smidge_graph::op::{Conv2d, DepthwiseConv2d, FullyConnected, WeightsFormat};
use smidge_graph::{Activation, DType, Padding, Tensor};
use smidge_kernels::Multiplier;
use smidge_kernels::requant::REDUCED_SHIFT_MAX;
use smidge_quant::multiplier::{
    conv_factor, dense_factor, quantize_multiplier, real_factor, unsigned_conv_factor,
};

/// What both convolutions have: `kernel` is the weights' height and width, `channel_axis` their
/// output channels.
struct Conv {
    code: OpCode,
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
    activation: Activation,
    channel_axis: usize,
}

pub(super) fn conv_2d(cx: &mut NodeCx<'_>, attrs: &Conv2d) -> Result<(), Refusal> {
    let Conv2d { stride, dilation, padding, activation } = *attrs;
    let code = OpCode::Conv2d;
    conv(cx, &Conv { code, stride, dilation, padding, activation, channel_axis: 0 })
}

pub(super) fn depthwise_conv_2d(
    cx: &mut NodeCx<'_>,
    attrs: &DepthwiseConv2d,
) -> Result<(), Refusal> {
    let DepthwiseConv2d { stride, dilation, padding, activation, .. } = *attrs;
    let code = OpCode::DepthwiseConv2d;
    conv(cx, &Conv { code, stride, dilation, padding, activation, channel_axis: 3 })
}

fn conv(cx: &mut NodeCx<'_>, conv: &Conv) -> Result<(), Refusal> {
    let (x, w) = (cx.input(0)?, cx.input(1)?);
    let [_, height, width, _] = *w.shape.as_slice() else {
        return Err(Refusal::shape(format!("weights have shape {:?}", w.shape)));
    };
    let window = window_attrs(x, [height, width], conv.stride, conv.dilation, conv.padding)?;
    match cx.kind()? {
        Kind::S8 => {
            let variant = variant_s8(cx)?;
            let (input, output) = cx.affine_pair()?;
            let channels = w.shape[conv.channel_axis];
            let (scales, weights_zero) = weight_scales(cx, w, channels, conv.channel_axis)?;
            let factor =
                if x.source_dtype == DType::U8 { unsigned_conv_factor } else { conv_factor };
            let factors: Vec<_> =
                scales.iter().map(|&s| factor(input.scale, s, output.scale)).collect();
            let (weights, axis, reach) = (w, conv.channel_axis, reach_s8(input.zero));
            sums::check(cx, &Layer { weights, weights_zero, bias: 2, axis, reach, limit: NARROW })?;
            let clamp = cx.clamp_s8(conv.activation, output)?;
            let (input_zero, output_zero) = (input.zero, output.zero);
            let attrs = conv_2d::AttrsS8 { window, input_zero, weights_zero, output_zero, clamp };
            let operands = operands_s8(cx, &factors)?;
            cx.emit(conv.code, variant, operands, &attrs.encode())
        }
        Kind::S16 => conv_s16(cx, conv, w, window),
        Kind::F32 if w.dtype == DType::I8 => {
            let image = x.shape[1..].iter().product();
            // Inputs of weights with one scale have none but that.
            let symmetric = w.quant.as_ref().is_some_and(|quant| quant.scale.len() == 1);
            let symmetric = symmetric && conv.code == OpCode::Conv2d;
            let attrs = (window, conv.activation, symmetric);
            hybrid(cx, conv.code, (w.shape[conv.channel_axis], conv.channel_axis), attrs, image)
        }
        Kind::F32 => {
            let operands = operands_f32(cx)?;
            let attrs = conv_2d::AttrsF32 { window, clamp: cx.clamp_f32(conv.activation)? };
            cx.emit(conv.code, Variant::F32, operands, &attrs.encode())
        }
    }
}

/// The number of rows of weights.
fn rows_of(w: &Tensor) -> Result<usize, Refusal> {
    let rows = w.shape.first().copied();
    rows.ok_or_else(|| Refusal::shape(format!("weights have shape {:?}", w.shape)))
}

/// The factor from sums to the output's scale.
fn real(input: f32, weights: f32, output: f32) -> f64 {
    f64::from(input) * f64::from(weights) / f64::from(output)
}

/// The variant with int8 activations for the weights' type.
fn variant_s8(cx: &NodeCx<'_>) -> Result<Variant, Refusal> {
    match cx.input(1)?.dtype {
        DType::I8 => Ok(Variant::S8),
        DType::I4 if cx.input(1)?.data.is_some() => Ok(Variant::S4),
        DType::I4 => Err(Refusal::not_constant("the weights of four bits")),
        _ => Err(cx.types()),
    }
}

/// How a layer with int16 activations sums: as its bias's type says, or in 64 bits without one.
fn sums_s16(cx: &NodeCx<'_>) -> Result<SumsKind, Refusal> {
    match cx.node.input(2).map(|id| cx.graph.tensor(id).dtype) {
        Some(DType::I32) => Ok(SumsKind::Narrow),
        Some(DType::I64) | None => Ok(SumsKind::Wide),
        Some(_) => Err(cx.types()),
    }
}

/// Checks a layer with int16 activations, whose output channels are along `axis` of its weights,
/// and gives scales of input and output, and those of the weights.
fn scales_s16(
    cx: &NodeCx<'_>,
    axis: usize,
    sums: SumsKind,
) -> Result<(f32, f32, Vec<f32>), Refusal> {
    let weights = cx.expect(1, DType::I8)?;
    let (input, output) = cx.symmetric_pair()?;
    let channels = if axis == 0 { rows_of(weights)? } else { weights.shape[axis] };
    let (scales, weights_zero) = weight_scales(cx, weights, channels, axis)?;
    if weights_zero != 0 {
        let reason = format!("weights `{}` have zero point {weights_zero}, not 0", weights.name);
        return Err(Refusal::quantization(reason));
    }
    let limit = if sums == SumsKind::Narrow { NARROW } else { WIDE };
    sums::check(cx, &Layer { weights, weights_zero, bias: 2, axis, reach: 1 << 15, limit })?;
    Ok((input, output, scales))
}

/// Factors of a layer with int16 activations as a constant.
fn factors_s16(
    cx: &mut NodeCx<'_>,
    sums: SumsKind,
    reals: &[f64],
) -> Result<super::ValueId, Refusal> {
    if sums == SumsKind::Real {
        let triples = reals.iter().map(|&real| real_factor(real));
        let triples = triples
            .flat_map(|f| [f.mantissa as i32, (f.mantissa >> 32) as i32, f.shift])
            .collect::<Vec<_>>();
        return Ok(cx.numbers("factors", &triples, 3));
    }
    let factors: Vec<_> = reals.iter().map(|&real| quantize_multiplier(real)).collect();
    if sums == SumsKind::Wide && factors.iter().any(|f| f.shift > REDUCED_SHIFT_MAX) {
        return Err(Refusal::quantization("the output's scale is too small for the others"));
    }
    Ok(cx.factors(&factors))
}

fn conv_s16(
    cx: &mut NodeCx<'_>,
    conv: &Conv,
    w: &Tensor,
    window: WindowAttrs,
) -> Result<(), Refusal> {
    let sums = sums_s16(cx)?;
    let (input, output, scales) = scales_s16(cx, conv.channel_axis, sums)?;
    let reals: Vec<_> = scales.iter().map(|&scale| real(input, scale, output)).collect();
    debug_assert_eq!(reals.len(), w.shape[conv.channel_axis]);
    let factors = factors_s16(cx, sums, &reals)?;
    let clamp = cx.clamp_s16(conv.activation, output)?;
    let operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?, Some(factors)];
    let attrs = s16::ConvAttrs { window, sums, clamp };
    cx.emit(conv.code, Variant::S16, operands, &attrs.encode())
}

/// TensorFlow Lite multiplies the sums of fully connected layers by real numbers; only its Micro
/// form uses fixed point.
fn fully_connected_s16(cx: &mut NodeCx<'_>, activation: Activation) -> Result<(), Refusal> {
    let sums = match (sums_s16(cx)?, cx.options.rounding) {
        (SumsKind::Wide, Rounding::Tflite) => SumsKind::Real,
        (sums, _) => sums,
    };
    let (input, output, scales) = scales_s16(cx, 0, sums)?;
    let shared = cx.input(1)?.quant.as_ref().is_some_and(|quant| quant.scale.len() == 1);
    let scales = if shared { &scales[..1] } else { &scales[..] };
    let reals: Vec<_> = scales.iter().map(|&scale| real(input, scale, output)).collect();
    let factors = factors_s16(cx, sums, &reals)?;
    let clamp = cx.clamp_s16(activation, output)?;
    let operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?, Some(factors)];
    let attrs = s16::DenseAttrs { sums, clamp };
    cx.emit(OpCode::FullyConnected, Variant::S16, operands, &attrs.encode())
}

/// The scale of each output channel and the zero point. Weights with a scale per channel are
/// symmetric; only those that were unsigned in the source have another zero point than 0.
fn weight_scales(
    cx: &NodeCx<'_>,
    w: &Tensor,
    channels: usize,
    axis: usize,
) -> Result<(Vec<f32>, i32), Refusal> {
    let name = &w.name;
    let Some(quant) = &w.quant else {
        return Err(Refusal::quantization(format!("weights `{name}` have no scale")));
    };
    match quant.scale.len() {
        1 => {
            let weights = cx.affine(w)?;
            Ok((vec![weights.scale; channels], weights.zero))
        }
        n if n == channels && quant.axis == Some(axis) => {
            if quant.zero_point.iter().any(|&zero| zero != 0) {
                let reason = format!("weights `{name}` have zero points per channel");
                return Err(Refusal::quantization(reason));
            }
            Ok((quant.scale.clone(), 0))
        }
        n => Err(Refusal::quantization(format!(
            "weights `{name}` have {n} scales along axis {:?} for {channels} channels",
            quant.axis
        ))),
    }
}

type Operands = Vec<Option<super::ValueId>>;

fn operands_s8(cx: &mut NodeCx<'_>, factors: &[Multiplier]) -> Result<Operands, Refusal> {
    if cx.node.input(2).is_some() {
        cx.expect(2, DType::I32)?;
    }
    let factors = cx.factors(factors);
    Ok(vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?, Some(factors)])
}

/// A layer with float activations and int8 weights; `row` values are quantized at a time.
fn hybrid(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    (channels, axis): (usize, usize),
    (window, activation, symmetric): (WindowAttrs, Activation, bool),
    row: usize,
) -> Result<(), Refusal> {
    let w = cx.input(1)?;
    let (scales, zero) = weight_scales(cx, w, channels, axis)?;
    if zero != 0 {
        let reason = format!("weights `{}` have zero point {zero}, not 0", w.name);
        return Err(Refusal::quantization(reason));
    }
    let weights_zero = 0;
    let layer =
        Layer { weights: w, weights_zero, bias: usize::MAX, axis, reach: 255, limit: NARROW };
    sums::check(cx, &layer)?;
    if cx.node.input(2).is_some() {
        cx.expect(2, DType::F32)?;
    }
    let data = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
    let scales = cx.constant("scales", smidge_format::DType::F32, &[scales.len() as u32], data);
    let operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?, Some(scales)];
    let attrs = hybrid_op::Attrs { window, clamp: cx.clamp_f32(activation)?, symmetric };
    cx.emit(code, Variant::Hybrid, operands, &attrs.encode())?;
    if let Some(step) = cx.program.steps.last_mut() {
        step.scratch_len = row;
    }
    Ok(())
}

fn operands_f32(cx: &mut NodeCx<'_>) -> Result<Operands, Refusal> {
    cx.expect(1, DType::F32)?;
    if cx.node.input(2).is_some() {
        cx.expect(2, DType::F32)?;
    }
    Ok(vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?])
}

/// TRANSPOSE_CONV: operands are the output's shape, weights, x and bias.
pub(super) fn transpose_conv(
    cx: &mut NodeCx<'_>,
    window: WindowAttrs,
    activation: Activation,
) -> Result<(), Refusal> {
    let (w, x, y) = (cx.input(1)?, cx.input(2)?, cx.output(0)?);
    let channels = rows_of(w)?;
    let bias = cx.node.input(3).map(|id| cx.graph.tensor(id).dtype);
    let mut operands = vec![cx.operand(2)?, cx.operand(1)?, cx.operand(3)?];
    match (x.dtype, w.dtype, y.dtype) {
        (DType::F32, DType::F32, DType::F32) => {
            let attrs = conv_2d::AttrsF32 { window, clamp: cx.clamp_f32(activation)? };
            cx.emit(OpCode::TransposeConv, Variant::F32, operands, &attrs.encode())
        }
        (DType::I8, DType::I8, DType::I8) if matches!(bias, None | Some(DType::I32)) => {
            let (input, output) = (cx.affine(x)?, cx.affine(y)?);
            let (scales, weights_zero) = weight_scales(cx, w, channels, 0)?;
            let factors: Vec<_> =
                scales.iter().map(|&s| conv_factor(input.scale, s, output.scale)).collect();
            let (weights, reach) = (w, reach_s8(input.zero));
            sums::check(
                cx,
                &Layer { weights, weights_zero, bias: 3, axis: 0, reach, limit: NARROW },
            )?;
            let clamp = cx.clamp_s8(activation, output)?;
            let (input_zero, output_zero) = (input.zero, output.zero);
            let attrs = conv_2d::AttrsS8 { window, input_zero, weights_zero, output_zero, clamp };
            operands.push(Some(cx.factors(&factors)));
            cx.emit(OpCode::TransposeConv, Variant::S8, operands, &attrs.encode())
        }
        (DType::I16, DType::I8, DType::I16) => {
            let sums = match bias {
                Some(DType::I32) => SumsKind::Narrow,
                Some(DType::I64) | None => SumsKind::Wide,
                Some(_) => return Err(cx.types()),
            };
            let (input, output) = (cx.symmetric(x)?, cx.symmetric(y)?);
            let (scales, weights_zero) = weight_scales(cx, w, channels, 0)?;
            let limit = if sums == SumsKind::Narrow { NARROW } else { WIDE };
            let layer = Layer { weights: w, weights_zero, bias: 3, axis: 0, reach: 1 << 15, limit };
            sums::check(cx, &layer)?;
            let reals: Vec<_> = scales.iter().map(|&scale| real(input, scale, output)).collect();
            operands.push(Some(factors_s16(cx, sums, &reals)?));
            let clamp = cx.clamp_s16(activation, output)?;
            let attrs = s16::ConvAttrs { window, sums, clamp };
            cx.emit(OpCode::TransposeConv, Variant::S16, operands, &attrs.encode())
        }
        _ => Err(cx.types()),
    }
}

pub(super) fn fully_connected(cx: &mut NodeCx<'_>, attrs: &FullyConnected) -> Result<(), Refusal> {
    if attrs.weights_format != WeightsFormat::Default {
        return Err(Refusal::attribute(
            "weights are shuffled for one kind of processor",
            "convert the model again: only plain weights are portable",
        ));
    }
    match cx.kind()? {
        Kind::S8 => {
            let (variant, w) = (variant_s8(cx)?, cx.input(1)?);
            let (input, output) = cx.affine_pair()?;
            let (scales, weights_zero) = weight_scales(cx, w, rows_of(w)?, 0)?;
            let (weights, axis, reach) = (w, 0, reach_s8(input.zero));
            let layer = Layer { weights, weights_zero, bias: 2, axis, reach, limit: NARROW };
            let reaches = sums::check(cx, &layer)?;
            let clamp = cx.clamp_s8(attrs.activation, output)?;
            let steps = (clamp.max - output.zero).max(output.zero - clamp.min);
            let factor = |scale: f32, reach: i64| match cx.options.rounding {
                Rounding::Tflm => conv_factor(input.scale, scale, output.scale),
                Rounding::Tflite => {
                    dense_factor(real(input.scale, scale, output.scale), reach, steps)
                }
            };
            let shared = w.quant.as_ref().is_some_and(|quant| quant.scale.len() == 1);
            let factors: Vec<Multiplier> = if shared {
                let reach = reaches.into_iter().max().unwrap_or(0);
                scales.first().map(|&scale| factor(scale, reach)).into_iter().collect()
            } else {
                scales.iter().zip(reaches).map(|(&scale, reach)| factor(scale, reach)).collect()
            };
            let (input_zero, output_zero) = (input.zero, output.zero);
            let attrs = fully_connected::AttrsS8 { input_zero, weights_zero, output_zero, clamp };
            let operands = operands_s8(cx, &factors)?;
            cx.emit(OpCode::FullyConnected, variant, operands, &attrs.encode())
        }
        Kind::S16 => fully_connected_s16(cx, attrs.activation),
        Kind::F32 if cx.input(1)?.dtype == DType::I8 => {
            let w = cx.input(1)?;
            let one = [1, 1];
            let window = WindowAttrs { stride: one, dilation: one, before: [0; 2], after: [0; 2] };
            let settings = (window, attrs.activation, !attrs.asymmetric_quantize_inputs);
            let row = w.shape.last().copied().unwrap_or(0);
            hybrid(cx, OpCode::FullyConnected, (rows_of(w)?, 0), settings, row)
        }
        Kind::F32 => {
            let operands = operands_f32(cx)?;
            let attrs = fully_connected::AttrsF32 { clamp: cx.clamp_f32(attrs.activation)? };
            cx.emit(OpCode::FullyConnected, Variant::F32, operands, &attrs.encode())
        }
    }
}
