//! Operators of one value: for int8 a table, for float32 a function of the device.

use super::Rounding;
use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use smidge::ops::s16::{quantize as quantize_s16, unary as s16};
use smidge::ops::{dequantize, leaky_relu as leaky_relu_op, softmax as softmax_op};
use smidge::{OpCode, Variant};
use smidge_format::DType as Device;
use smidge_graph::{Activation, DType, Tensor};
use smidge_kernels::scalar::s16::Curve;
use smidge_quant::multiplier::{conv_factor, power_of_two, quantize_multiplier, ratio_factor};
use smidge_quant::table::{self, Affine};
use smidge_quant::wide;

/// Emits a table for int8, or the operator without attributes for float32.
pub(super) fn emit_table(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    make: impl Fn(&NodeCx<'_>, Affine, Affine) -> Result<Vec<i8>, Refusal>,
) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    match cx.kind()? {
        Kind::S8 => {
            let (input, output) = cx.affine_pair()?;
            let entries = make(cx, input, output)?;
            let table = cx.table(&entries);
            cx.emit(code, Variant::S8, vec![x, Some(table)], &[])
        }
        Kind::S16 => Err(cx.types()),
        Kind::F32 => cx.emit(code, Variant::F32, vec![x], &[]),
    }
}

/// LOGISTIC or TANH of int16: both interpolate in one table.
fn curve_s16(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    let (input, output) = cx.symmetric_pair()?;
    if power_of_two(output) != Some(-15) {
        let reason = format!("an int16 {} has output scale 1/32768, not {output}", code.name());
        return Err(Refusal::quantization(reason));
    }
    let Curve { multiplier, shift } = wide::curve(input, code == OpCode::Tanh);
    let table: Vec<i16> = wide::logistic_curve().into_iter().map(|v| v as i16).collect();
    let operands = vec![cx.operand(0)?, Some(cx.wide_table("curve", &table))];
    let attrs = s16::CurveAttrs { multiplier, shift: shift as u8 };
    cx.emit(code, Variant::S16, operands, &attrs.encode())
}

pub(super) fn logistic(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    if cx.kind()? == Kind::S16 {
        return curve_s16(cx, OpCode::Logistic);
    }
    emit_table(cx, OpCode::Logistic, |cx, x, y| {
        let prescribed = y.scale == 1.0 / 256.0 && y.zero == -128;
        match cx.options.rounding {
            Rounding::Tflm if prescribed => Ok(table::logistic_fixed(x)),
            Rounding::Tflm => Err(Refusal::quantization(
                "an int8 LOGISTIC has output scale 1/256 and zero point -128 in tflite-micro",
            )),
            Rounding::Tflite => Ok(table::of_real(x, y, |v| 1.0 / (1.0 + (-v).exp()))),
        }
    })
}

pub(super) fn tanh(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    if cx.kind()? == Kind::S16 {
        return curve_s16(cx, OpCode::Tanh);
    }
    emit_table(cx, OpCode::Tanh, |_, x, y| Ok(table::of_real(x, y, f32::tanh)))
}

pub(super) fn hard_swish(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    emit_table(cx, OpCode::HardSwish, |_, x, y| Ok(table::hard_swish(x, y)))
}

/// RELU, RELU6 or RELU_N1_TO_1.
pub(super) fn relu(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    let activation = match code {
        OpCode::Relu6 => Activation::Relu6,
        OpCode::ReluN1To1 => Activation::ReluN1To1,
        _ => Activation::Relu,
    };
    if cx.kind()? == Kind::S16 {
        return relu_s16(cx, code, activation);
    }
    // TensorFlow Lite Micro clamps the input's integers and passes them on as they are.
    if code == OpCode::Relu6 && cx.options.rounding == Rounding::Tflm {
        return emit_table(cx, code, |cx, x, _| {
            let clamp = cx.clamp_s8(activation, x)?;
            Ok(table::of_s8(|value| clamp.apply(value)))
        });
    }
    emit_table(cx, code, |cx, x, y| {
        let factor = ratio_factor(x.scale, y.scale, cx.options.rounding.precision());
        Ok(table::requantize(x, y, factor, cx.clamp_s8(activation, y)?))
    })
}

/// RELU or RELU6 of int16; the reference has no other.
fn relu_s16(cx: &mut NodeCx<'_>, code: OpCode, activation: Activation) -> Result<(), Refusal> {
    if code == OpCode::ReluN1To1 {
        return Err(cx.types());
    }
    let (input, output) = cx.symmetric_pair()?;
    let rounding = cx.options.rounding;
    let attrs = if code == OpCode::Relu6 && rounding == Rounding::Tflm {
        let factor = quantize_multiplier(1.0);
        s16::ReluAttrs { clamp: cx.clamp_s16(activation, input)?, factor }
    } else {
        let factor = ratio_factor(input, output, rounding.precision());
        s16::ReluAttrs { clamp: cx.clamp_s16(activation, output)?, factor }
    };
    let x = cx.operand(0)?;
    cx.emit(code, Variant::S16, vec![x], &attrs.encode())
}

pub(super) fn leaky_relu(cx: &mut NodeCx<'_>, alpha: f32) -> Result<(), Refusal> {
    if cx.kind()? == Kind::S16 {
        let (input, output) = cx.symmetric_pair()?;
        let factors = table::leaky_factors(input, output, alpha, cx.options.rounding.precision());
        let x = cx.operand(0)?;
        let attrs = s16::LeakyAttrs { factors };
        return cx.emit(OpCode::LeakyRelu, Variant::S16, vec![x], &attrs.encode());
    }
    if cx.kind()? == Kind::F32 {
        let x = cx.operand(0)?;
        let attrs = leaky_relu_op::AttrsF32 { alpha };
        return cx.emit(OpCode::LeakyRelu, Variant::F32, vec![x], &attrs.encode());
    }
    let precision = cx.options.rounding.precision();
    emit_table(cx, OpCode::LeakyRelu, |_, x, y| Ok(table::leaky_relu(x, y, alpha, precision)))
}

pub(super) fn softmax(cx: &mut NodeCx<'_>, beta: f32) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    let types = (cx.input(0)?.dtype, cx.output(0)?.dtype);
    let is_wide = types == (DType::I8, DType::I16);
    if !is_wide && cx.kind()? == Kind::F32 {
        let attrs = softmax_op::AttrsF32 { beta };
        return cx.emit(OpCode::Softmax, Variant::F32, vec![x], &attrs.encode());
    }
    if !is_wide && cx.kind()? == Kind::S16 {
        return softmax_s16(cx, beta);
    }
    let input = cx.affine(cx.input(0)?)?;
    check_softmax_output(cx.output(0)?)?;
    let exps = table::softmax_exps(input.scale, beta);
    let data = exps.iter().flat_map(|e| e.to_le_bytes()).collect();
    let exps = cx.constant("exps", Device::I32, &[exps.len() as u32], data);
    let variant = if is_wide { Variant::S8S16 } else { Variant::S8 };
    cx.emit(OpCode::Softmax, variant, vec![x, Some(exps)], &[])
}

/// The prescribed scale of int8, or the same range in int16.
fn check_softmax_output(y: &Tensor) -> Result<(), Refusal> {
    let quant = y.quant.as_ref().and_then(smidge_graph::Quantization::as_per_tensor);
    let wide = |scale: f32| (scale - 1.0 / 65_536.0).abs() < 1e-8;
    match (y.dtype, quant) {
        (DType::I8, Some((scale, -128))) if scale == 1.0 / 256.0 => Ok(()),
        (DType::I16, Some((scale, -32_768))) if wide(scale) => Ok(()),
        _ => Err(Refusal::quantization(format!(
            "SOFTMAX of int8 has output scale 1/256 and zero point -128, or 1/65536 and -32768 in \
             int16, not {quant:?}"
        ))),
    }
}

fn softmax_s16(cx: &mut NodeCx<'_>, beta: f32) -> Result<(), Refusal> {
    let (input, output) = cx.symmetric_pair()?;
    if output != 1.0 / 32_768.0 {
        let reason = format!("an int16 SOFTMAX has output scale 1/32768, not {output}");
        return Err(Refusal::quantization(reason));
    }
    let exps = cx.wide_table("exps", &wide::softmax_exps());
    let reciprocals = cx.wide_table("reciprocals", &wide::softmax_reciprocals());
    let operands = vec![cx.operand(0)?, Some(exps), Some(reciprocals)];
    let attrs = s16::SoftmaxAttrs { factor: wide::softmax_factor(input, beta) };
    cx.emit(OpCode::Softmax, Variant::S16, operands, &attrs.encode())
}

pub(super) fn quantize(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    let output = cx.affine(cx.output(0)?);
    match (cx.input(0)?.dtype, cx.output(0)?.dtype) {
        (DType::I8, DType::I8) => {
            let input = cx.affine(cx.input(0)?)?;
            let entries = requantization(input, output?);
            let table = cx.table(&entries);
            cx.emit(OpCode::Quantize, Variant::S8, vec![x, Some(table)], &[])
        }
        (DType::F32, DType::I8) => {
            let Affine { scale, zero } = output?;
            let attrs = dequantize::Attrs { scale, zero };
            cx.emit(OpCode::Quantize, Variant::F32S8, vec![x], &attrs.encode())
        }
        (DType::F32, DType::I16) => {
            let scale = cx.symmetric(cx.output(0)?)?;
            let attrs = quantize_s16::encode_scale(scale);
            cx.emit(OpCode::Quantize, Variant::F32S16, vec![x], &attrs)
        }
        (DType::I32 | DType::I16 | DType::I8, DType::I32 | DType::I16 | DType::I8) => {
            let input = integers(cx, cx.input(0)?)?;
            let output = integers(cx, cx.output(0)?)?;
            let zeros = [input.zero as i16, output.zero as i16];
            let factor = conv_factor(input.scale, 1.0, output.scale);
            let attrs = quantize_s16::Attrs { zeros, factor };
            cx.emit(OpCode::Quantize, Variant::S16, vec![x], &attrs.encode())
        }
        _ => Err(cx.types()),
    }
}

/// Scale and zero point of an int8, int16 or int32 tensor.
fn integers(cx: &NodeCx<'_>, tensor: &Tensor) -> Result<Affine, Refusal> {
    match tensor.dtype {
        // SOFTMAX makes int16 with a zero point.
        DType::I16 => {
            let quant = tensor.quant.as_ref().and_then(smidge_graph::Quantization::as_per_tensor);
            match quant.map(|(scale, zero)| (scale, i16::try_from(zero))) {
                Some((scale, Ok(zero))) => Ok(Affine { scale, zero: zero.into() }),
                _ => Ok(Affine { scale: cx.symmetric(tensor)?, zero: 0 }),
            }
        }
        DType::I32 => Ok(Affine { scale: cx.symmetric(tensor)?, zero: 0 }),
        _ => cx.affine(tensor),
    }
}

/// The table from one int8 scale and zero point to another: the ratio of scales in double precision.
pub(super) fn requantization(input: Affine, output: Affine) -> Vec<i8> {
    let factor = conv_factor(input.scale, 1.0, output.scale);
    let all = smidge_kernels::Clamp { min: -128, max: 127 };
    table::requantize(input, output, factor, all)
}

pub(super) fn dequantize(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    match (cx.input(0)?.dtype, cx.output(0)?.dtype) {
        (DType::I8, DType::F32) => {
            let Affine { scale, zero } = cx.affine(cx.input(0)?)?;
            let attrs = dequantize::Attrs { scale, zero };
            cx.emit(OpCode::Dequantize, Variant::F32S8, vec![x], &attrs.encode())
        }
        (DType::I16, DType::F32) => {
            let attrs = quantize_s16::encode_scale(cx.symmetric(cx.input(0)?)?);
            cx.emit(OpCode::Dequantize, Variant::F32S16, vec![x], &attrs)
        }
        _ => Err(cx.types()),
    }
}

/// CAST.
pub(super) fn cast_values(cx: &mut NodeCx<'_>, variant: Variant) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    cx.emit(OpCode::Cast, variant, vec![x], &[])
}
