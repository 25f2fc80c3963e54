//! Operators on two tensors with broadcasting, and reductions.

use super::node::{Kind, NodeCx, shape_of};
use super::refusal::Refusal;
use smidge::ops::{add, binary, mean, mul, prelu};
use smidge::{OpCode, Variant};
use smidge_graph::{Activation, DType};
use smidge_quant::multiplier::{
    ADD_LEFT_SHIFT, add_factors, mean_factor, product_factor, ratio_factor,
};
use smidge_quant::table::Affine;

/// Scales and zero points of both operands and the output.
fn affines(cx: &NodeCx<'_>) -> Result<[Affine; 3], Refusal> {
    cx.expect(1, DType::I8)?;
    let (a, y) = cx.affine_pair()?;
    Ok([a, cx.affine(cx.input(1)?)?, y])
}

fn emit_f32(cx: &mut NodeCx<'_>, code: OpCode, activation: Activation) -> Result<(), Refusal> {
    cx.expect(1, DType::F32)?;
    let attrs = binary::AttrsF32 { clamp: cx.clamp_f32(activation)? };
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    cx.emit(code, Variant::F32, operands, &attrs.encode())
}

/// ADD or SUB.
pub(super) fn add(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    activation: Activation,
) -> Result<(), Refusal> {
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
        Kind::F32 => emit_f32(cx, code, activation),
    }
}

pub(super) fn mul(cx: &mut NodeCx<'_>, activation: Activation) -> Result<(), Refusal> {
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
        Kind::F32 => {
            cx.expect(1, DType::F32)?;
            cx.emit(OpCode::Prelu, Variant::F32, operands, &[])
        }
    }
}

pub(super) fn mean(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let rank = x.shape.len() as i64;
    let mut axes = mean::Axes([false; 6]);
    let mut count = 1usize;
    let padding = axes.0.len() - shape_of(x)?.rank();
    for axis in cx.integers(1, "the list of axes")? {
        let at = if axis < 0 { axis + rank } else { axis };
        let Some(&dim) = usize::try_from(at).ok().and_then(|at| x.shape.get(at)) else {
            return Err(Refusal::shape(format!("axis {axis} of {rank} dimensions")));
        };
        let reduced = &mut axes.0[padding + at as usize];
        if !*reduced {
            count = count.saturating_mul(dim);
        }
        *reduced = true;
    }
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
        Kind::F32 => {
            let attrs = mean::AttrsF32 { axes };
            cx.emit(OpCode::Mean, Variant::F32, operands, &attrs.encode())
        }
    }
}
