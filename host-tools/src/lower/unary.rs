//! Operators of one value: for int8 a table, for float32 a function of the device.

use super::Rounding;
use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use smidge::ops::{dequantize, leaky_relu as leaky_relu_op, softmax as softmax_op};
use smidge::{OpCode, Variant};
use smidge_format::DType as Device;
use smidge_graph::{Activation, DType};
use smidge_quant::multiplier::{conv_factor, ratio_factor};
use smidge_quant::table::{self, Affine};

/// Emits a table for int8, or the operator without attributes for float32.
fn emit(
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
        Kind::F32 => cx.emit(code, Variant::F32, vec![x], &[]),
    }
}

pub(super) fn logistic(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    emit(cx, OpCode::Logistic, |cx, x, y| {
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
    emit(cx, OpCode::Tanh, |_, x, y| Ok(table::of_real(x, y, f32::tanh)))
}

pub(super) fn hard_swish(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    emit(cx, OpCode::HardSwish, |_, x, y| Ok(table::hard_swish(x, y)))
}

/// RELU, RELU6 or RELU_N1_TO_1.
pub(super) fn relu(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    let activation = match code {
        OpCode::Relu6 => Activation::Relu6,
        OpCode::ReluN1To1 => Activation::ReluN1To1,
        _ => Activation::Relu,
    };
    // TensorFlow Lite Micro clamps the input's integers and passes them on as they are.
    if code == OpCode::Relu6 && cx.options.rounding == Rounding::Tflm {
        return emit(cx, code, |cx, x, _| {
            let clamp = cx.clamp_s8(activation, x)?;
            Ok(table::of_s8(|value| clamp.apply(value)))
        });
    }
    emit(cx, code, |cx, x, y| {
        let factor = ratio_factor(x.scale, y.scale, cx.options.rounding.precision());
        Ok(table::requantize(x, y, factor, cx.clamp_s8(activation, y)?))
    })
}

pub(super) fn leaky_relu(cx: &mut NodeCx<'_>, alpha: f32) -> Result<(), Refusal> {
    if cx.kind()? == Kind::F32 {
        let x = cx.operand(0)?;
        let attrs = leaky_relu_op::AttrsF32 { alpha };
        return cx.emit(OpCode::LeakyRelu, Variant::F32, vec![x], &attrs.encode());
    }
    let precision = cx.options.rounding.precision();
    emit(cx, OpCode::LeakyRelu, |_, x, y| Ok(table::leaky_relu(x, y, alpha, precision)))
}

pub(super) fn softmax(cx: &mut NodeCx<'_>, beta: f32) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    if cx.kind()? == Kind::F32 {
        let attrs = softmax_op::AttrsF32 { beta };
        return cx.emit(OpCode::Softmax, Variant::F32, vec![x], &attrs.encode());
    }
    let (input, output) = cx.affine_pair()?;
    if output.scale != 1.0 / 256.0 || output.zero != -128 {
        return Err(Refusal::quantization(format!(
            "an int8 SOFTMAX has output scale 1/256 and zero point -128, not {} and {}",
            output.scale, output.zero
        )));
    }
    let exps = table::softmax_exps(input.scale, beta);
    let data = exps.iter().flat_map(|e| e.to_le_bytes()).collect();
    let exps = cx.constant("exps", Device::I32, &[exps.len() as u32], data);
    cx.emit(OpCode::Softmax, Variant::S8, vec![x, Some(exps)], &[])
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
        _ => Err(cx.types()),
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
        _ => Err(cx.types()),
    }
}
