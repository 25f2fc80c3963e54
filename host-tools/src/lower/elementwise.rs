//! Operators on two tensors with broadcasting, and reductions.

use super::Rounding;
use super::functions::arithmetic_s32;
use super::node::{Kind, NodeCx};
use super::program::Value;
use super::reduce::axes;
use super::refusal::Refusal;
use smidge::ops::s16::binary::{self as s16, Scaling};
use smidge::ops::{add, binary, mean, mul, prelu};
use smidge::{OpCode, Variant};
use smidge_graph::op::AddSub;
use smidge_graph::{Activation, DType};
use smidge_quant::multiplier::{
    ADD_LEFT_SHIFT, add_factors, add_factors_s16, mean_factor, power_of_two, product_factor,
    ratio_factor,
};
use smidge_quant::table::Affine;

/// Scales and zero points of both operands and the output.
pub(super) fn affines(cx: &NodeCx<'_>) -> Result<[Affine; 3], Refusal> {
    cx.expect(1, DType::I8)?;
    let (a, y) = cx.affine_pair()?;
    Ok([a, cx.affine(cx.input(1)?)?, y])
}

pub(super) fn emit_f32(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    activation: Activation,
) -> Result<(), Refusal> {
    cx.expect(1, DType::F32)?;
    let attrs = binary::AttrsF32 { clamp: cx.clamp_f32(activation)? };
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    cx.emit(code, Variant::F32, operands, &attrs.encode())
}

/// ADD or SUB.
pub(super) fn add(cx: &mut NodeCx<'_>, code: OpCode, attrs: &AddSub) -> Result<(), Refusal> {
    let AddSub { activation, pot_scale_int16 } = *attrs;
    if cx.input(0)?.dtype == DType::I32 {
        return arithmetic_s32(cx, code, activation);
    }
    match cx.kind()? {
        Kind::S8 => {
            let [a, b, y] = affines(cx)?;
            let (factors, output) = add_factors(a.scale, b.scale, y.scale);
            let attrs = add::AttrsS8 {
                zeros: [a.zero, b.zero],
                output_zero: y.zero,
                clamp: cx.clamp_s8(activation, y)?,
                left_shift: ADD_LEFT_SHIFT,
                factors,
                output,
            };
            let operands = vec![cx.operand(0)?, cx.operand(1)?];
            cx.emit(code, Variant::S8, operands, &attrs.encode())
        }
        Kind::S16 => {
            let [a, b, y] = scales_s16(cx)?;
            // tflite-micro knows no shifts.
            let by_shifts = pot_scale_int16 && cx.options.rounding == Rounding::Tflite;
            let shifts = if by_shifts { shifts_s16([a, b, y])? } else { None };
            let factors = || Scaling::Factors(add_factors_s16(a, b, y));
            let scaling = shifts.map_or_else(factors, Scaling::Shifts);
            let attrs = s16::AddAttrs { clamp: cx.clamp_s16(activation, y)?, scaling };
            let operands = vec![cx.operand(0)?, cx.operand(1)?];
            cx.emit(code, Variant::S16, operands, &attrs.encode())
        }
        Kind::F32 => emit_f32(cx, code, activation),
    }
}

/// Scales of both int16 operands and the output.
fn scales_s16(cx: &NodeCx<'_>) -> Result<[f32; 3], Refusal> {
    let b = cx.expect(1, DType::I16)?;
    let (a, y) = cx.symmetric_pair()?;
    Ok([a, cx.symmetric(b)?, y])
}

/// By how many bits the operands are shifted when all three scales are powers of two. The reference
/// shifts one of them, and to the right.
fn shifts_s16(scales: [f32; 3]) -> Result<Option<[u8; 2]>, Refusal> {
    let [Some(a), Some(b), Some(y)] = scales.map(power_of_two) else { return Ok(None) };
    let shift = |operand: i32| u8::try_from(y.saturating_sub(operand)).ok().filter(|&s| s <= 31);
    match (shift(a), shift(b)) {
        (Some(a), Some(b)) if a == 0 || b == 0 => Ok(Some([a, b])),
        _ => Err(Refusal::quantization(
            "int16 operands whose scales are powers of two need one with the output's scale, and none \
             above it",
        )),
    }
}

pub(super) fn mul(cx: &mut NodeCx<'_>, activation: Activation) -> Result<(), Refusal> {
    if cx.input(0)?.dtype == DType::I32 {
        return arithmetic_s32(cx, OpCode::Mul, activation);
    }
    let precision = cx.options.rounding.precision();
    match cx.kind()? {
        Kind::S8 => {
            let [a, b, y] = affines(cx)?;
            let attrs = mul::AttrsS8 {
                zeros: [a.zero, b.zero],
                output_zero: y.zero,
                clamp: cx.clamp_s8(activation, y)?,
                output: product_factor(a.scale, b.scale, y.scale, precision),
            };
            let operands = vec![cx.operand(0)?, cx.operand(1)?];
            cx.emit(OpCode::Mul, Variant::S8, operands, &attrs.encode())
        }
        Kind::S16 => {
            let [a, b, y] = scales_s16(cx)?;
            let output = product_factor(a, b, y, precision);
            let attrs = s16::MulAttrs { clamp: cx.clamp_s16(activation, y)?, output };
            let operands = vec![cx.operand(0)?, cx.operand(1)?];
            cx.emit(OpCode::Mul, Variant::S16, operands, &attrs.encode())
        }
        Kind::F32 => emit_f32(cx, OpCode::Mul, activation),
    }
}

pub(super) fn prelu(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let precision = cx.options.rounding.precision();
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    match cx.kind()? {
        Kind::S8 => {
            let [x, alpha, y] = affines(cx)?;
            let attrs = prelu::AttrsS8 {
                zeros: [x.zero, alpha.zero],
                output_zero: y.zero,
                positive: ratio_factor(x.scale, y.scale, precision),
                negative: product_factor(x.scale, alpha.scale, y.scale, precision),
            };
            cx.emit(OpCode::Prelu, Variant::S8, operands, &attrs.encode())
        }
        Kind::S16 => Err(cx.types()),
        Kind::F32 => {
            cx.expect(1, DType::F32)?;
            cx.emit(OpCode::Prelu, Variant::F32, operands, &[])
        }
    }
}

/// ADD_N: one sum after the other.
pub(super) fn add_n(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let dtype = cx.input(0)?.dtype;
    let clamp = cx.clamp_f32(Activation::None)?;
    let (variant, attrs) = match dtype {
        DType::F32 => (Variant::F32, binary::AttrsF32 { clamp }.encode()),
        DType::I32 => {
            let clamp = smidge_kernels::Clamp { min: i32::MIN, max: i32::MAX };
            (Variant::S32, binary::AttrsS32 { clamp }.encode())
        }
        _ => return Err(cx.types()),
    };
    let mut sum = cx.operand(0)?;
    let count = cx.node.inputs.len();
    if count == 1 {
        return cx.emit(OpCode::Reshape, Variant::Any, vec![sum], &[]);
    }
    for index in 1..count {
        cx.expect(index, dtype)?;
        let operands = vec![sum, cx.operand(index)?];
        if index + 1 == count {
            return cx.emit(OpCode::Add, variant, operands, &attrs);
        }
        let like = operands[1].ok_or_else(|| Refusal::shape("an operand is missing"))?;
        let name = format!("{}/{index}", cx.node.name);
        let value = Value {
            name,
            source: None,
            data: None,
            state: None,
            ..cx.program.values[like].clone()
        };
        let value = cx.program.add(value);
        cx.emit_to(OpCode::Add, variant, operands, vec![value], &attrs, 0);
        sum = Some(value);
    }
    Ok(())
}

pub(super) fn mean(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let (axes, count) = axes(cx)?;
    let operands = vec![cx.operand(0)?];
    match cx.kind()? {
        Kind::S8 => {
            let (input, output) = cx.affine_pair()?;
            let attrs = mean::AttrsS8 {
                axes,
                input_zero: input.zero,
                output_zero: output.zero,
                factor: mean_factor(input.scale, output.scale, count),
            };
            cx.emit(OpCode::Mean, Variant::S8, operands, &attrs.encode())
        }
        Kind::S16 => {
            let (input, output) = cx.symmetric_pair()?;
            let factor = mean_factor(input, output, count);
            let attrs = mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor };
            cx.emit(OpCode::Mean, Variant::S16, operands, &attrs.encode())
        }
        Kind::F32 => {
            let attrs = mean::AttrsF32 { axes };
            cx.emit(OpCode::Mean, Variant::F32, operands, &attrs.encode())
        }
    }
}
