//! Operators with weights.

use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use super::window::window_attrs;
use smidge::ops::{conv_2d, fully_connected};
use smidge::{OpCode, Variant};
use smidge_graph::op::{Conv2d, DepthwiseConv2d, FullyConnected, WeightsFormat};
use smidge_graph::{Activation, DType, Padding, Tensor};
use smidge_kernels::Multiplier;
use smidge_quant::multiplier::{conv_factor, unsigned_conv_factor};

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
            cx.expect(1, DType::I8)?;
            let (input, output) = cx.affine_pair()?;
            let channels = w.shape[conv.channel_axis];
            let (scales, weights_zero) = weight_scales(cx, w, channels, conv.channel_axis)?;
            let factor =
                if x.source_dtype == DType::U8 { unsigned_conv_factor } else { conv_factor };
            let factors: Vec<_> =
                scales.iter().map(|&s| factor(input.scale, s, output.scale)).collect();
            let clamp = cx.clamp_s8(conv.activation, output)?;
            let (input_zero, output_zero) = (input.zero, output.zero);
            let attrs = conv_2d::AttrsS8 { window, input_zero, weights_zero, output_zero, clamp };
            let operands = operands_s8(cx, &factors)?;
            cx.emit(conv.code, Variant::S8, operands, &attrs.encode())
        }
        Kind::F32 => {
            let operands = operands_f32(cx)?;
            let attrs = conv_2d::AttrsF32 { window, clamp: cx.clamp_f32(conv.activation)? };
            cx.emit(conv.code, Variant::F32, operands, &attrs.encode())
        }
    }
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

fn operands_f32(cx: &mut NodeCx<'_>) -> Result<Operands, Refusal> {
    cx.expect(1, DType::F32)?;
    if cx.node.input(2).is_some() {
        cx.expect(2, DType::F32)?;
    }
    Ok(vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?])
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
            let w = cx.expect(1, DType::I8)?;
            let (input, output) = cx.affine_pair()?;
            let (factors, weights_zero) = match &w.quant {
                Some(quant) if quant.scale.len() > 1 => {
                    let (scales, _) = weight_scales(cx, w, w.shape[0], 0)?;
                    let factor = |&s: &f32| conv_factor(input.scale, s, output.scale);
                    (scales.iter().map(factor).collect(), 0)
                }
                _ => {
                    let weights = cx.affine(w)?;
                    (vec![conv_factor(input.scale, weights.scale, output.scale)], weights.zero)
                }
            };
            let clamp = cx.clamp_s8(attrs.activation, output)?;
            let (input_zero, output_zero) = (input.zero, output.zero);
            let attrs = fully_connected::AttrsS8 { input_zero, weights_zero, output_zero, clamp };
            let operands = operands_s8(cx, &factors)?;
            cx.emit(OpCode::FullyConnected, Variant::S8, operands, &attrs.encode())
        }
        Kind::F32 => {
            let operands = operands_f32(cx)?;
            let attrs = fully_connected::AttrsF32 { clamp: cx.clamp_f32(attrs.activation)? };
            cx.emit(OpCode::FullyConnected, Variant::F32, operands, &attrs.encode())
        }
    }
}
