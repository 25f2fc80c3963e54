//! Functions of one value, and comparisons and arithmetic between two, that TensorFlow Lite has besides
//! the common ones.

use super::node::{Kind, NodeCx};
use super::refusal::Refusal;
use super::unary::emit_table;
use smidge::ops::{add, binary, gelu};
use smidge::{OpCode, Variant};
use smidge_graph::op::{Binary, Unary};
use smidge_graph::{Activation, DType};
use smidge_kernels::Clamp;
use smidge_quant::multiplier::{quantize_multiplier, squared_difference_factors};
use smidge_quant::table::{self, Affine};
use smidge_quant::wide;

fn code_of(kind: Unary) -> OpCode {
    match kind {
        Unary::Abs => OpCode::Abs,
        Unary::Acos => OpCode::Acos,
        Unary::Acosh => OpCode::Acosh,
        Unary::Asin => OpCode::Asin,
        Unary::Asinh => OpCode::Asinh,
        Unary::Atan => OpCode::Atan,
        Unary::Atanh => OpCode::Atanh,
        Unary::Ceil => OpCode::Ceil,
        Unary::Cos => OpCode::Cos,
        Unary::Cosh => OpCode::Cosh,
        Unary::Elu => OpCode::Elu,
        Unary::Erf => OpCode::Erf,
        Unary::Exp => OpCode::Exp,
        Unary::Floor => OpCode::Floor,
        Unary::Gelu { .. } => OpCode::Gelu,
        Unary::Log => OpCode::Log,
        Unary::LogicalNot => OpCode::LogicalNot,
        Unary::Neg => OpCode::Neg,
        Unary::Round => OpCode::Round,
        Unary::Rsqrt => OpCode::Rsqrt,
        Unary::Sign => OpCode::Sign,
        Unary::Sin => OpCode::Sin,
        Unary::Sinh => OpCode::Sinh,
        Unary::Sqrt => OpCode::Sqrt,
        Unary::Square => OpCode::Square,
        Unary::Tan => OpCode::Tan,
    }
}

/// The function itself, in single precision, as the device computes it.
fn function_of(kind: Unary) -> fn(f32) -> f32 {
    match kind {
        Unary::Abs => f32::abs,
        Unary::Acos => f32::acos,
        Unary::Acosh => f32::acosh,
        Unary::Asin => f32::asin,
        Unary::Asinh => f32::asinh,
        Unary::Atan => f32::atan,
        Unary::Atanh => f32::atanh,
        Unary::Ceil => f32::ceil,
        Unary::Cos => f32::cos,
        Unary::Cosh => f32::cosh,
        Unary::Elu => |x| if x < 0.0 { x.exp_m1() } else { x },
        Unary::Erf => libm::erff,
        Unary::Exp => f32::exp,
        Unary::Floor => f32::floor,
        Unary::Gelu { approximate: false } => |x| gelu::gelu(x, false),
        Unary::Gelu { approximate: true } => |x| gelu::gelu(x, true),
        Unary::Log => f32::ln,
        Unary::LogicalNot | Unary::Neg => |x| -x,
        Unary::Round => f32::round_ties_even,
        Unary::Rsqrt => |x| 1.0 / x.sqrt(),
        Unary::Sign => |x| if x == 0.0 { x } else { x.signum() },
        Unary::Sin => f32::sin,
        Unary::Sinh => f32::sinh,
        Unary::Sqrt => f32::sqrt,
        Unary::Square => |x| x * x,
        Unary::Tan => f32::tan,
    }
}

pub(super) fn unary(cx: &mut NodeCx<'_>, kind: Unary) -> Result<(), Refusal> {
    let code = code_of(kind);
    let types = (cx.input(0)?.dtype, cx.output(0)?.dtype);
    let x = cx.operand(0)?;
    match (kind, types) {
        (Unary::LogicalNot, (DType::Bool, DType::Bool)) => {
            cx.emit(code, Variant::Bool, vec![x], &[])
        }
        (Unary::LogicalNot, _) => Err(cx.types()),
        (Unary::Abs | Unary::Neg | Unary::Sign | Unary::Square, (DType::I32, DType::I32)) => {
            cx.emit(code, Variant::S32, vec![x], &[])
        }
        (Unary::Gelu { approximate }, (DType::F32, DType::F32)) => {
            let attrs = gelu::Attrs { approximate };
            cx.emit(code, Variant::F32, vec![x], &attrs.encode())
        }
        (Unary::Exp | Unary::Log | Unary::Rsqrt, (DType::I16, DType::I16)) => {
            let (input, output) = cx.symmetric_pair()?;
            let table = wide::table(input, output, |value| bounded(kind, value, output, 32_767.0));
            let table = cx.wide_table("table", &table);
            cx.emit(code, Variant::S16, vec![x, Some(table)], &[])
        }
        _ => emit_table(cx, code, |_, x, y| Ok(table_s8(kind, x, y))),
    }
}

/// A function that has no value, or none that fits, at and below 0: the reference puts a bound there.
fn bounded(kind: Unary, value: f32, scale: f32, largest: f32) -> f32 {
    match kind {
        Unary::Log if value <= 0.0 => -(largest + 1.0) * scale,
        Unary::Rsqrt if value <= 0.0 => largest * scale,
        _ => function_of(kind)(value),
    }
}

fn table_s8(kind: Unary, x: Affine, y: Affine) -> Vec<i8> {
    match kind {
        Unary::Abs => {
            let factor = quantize_multiplier(f64::from(x.scale / y.scale));
            table::of_s8(|v| factor.double((v - x.zero).abs()).saturating_add(y.zero))
        }
        Unary::Rsqrt => table::inverse_root(x, y),
        // The reference cuts off.
        Unary::Sqrt => table::of_s8(|v| {
            let real = x.scale * (v - x.zero) as f32;
            ((real.max(0.0).sqrt() / y.scale) as i32).saturating_add(y.zero)
        }),
        Unary::Log => {
            let least = (-128 - y.zero) as f32 * y.scale;
            table::of_real(x, y, |v| if v <= 0.0 { least } else { v.ln() })
        }
        _ => table::of_real(x, y, function_of(kind)),
    }
}

pub(super) fn binary(cx: &mut NodeCx<'_>, kind: Binary) -> Result<(), Refusal> {
    match kind {
        Binary::Div(activation) => div(cx, activation),
        Binary::SquaredDifference if cx.input(0)?.dtype == DType::I8 => squared_difference(cx),
        Binary::Equal
        | Binary::NotEqual
        | Binary::Greater
        | Binary::GreaterEqual
        | Binary::Less
        | Binary::LessEqual => comparison(cx, kind),
        _ => plain(cx, kind),
    }
}

fn binary_code(kind: Binary) -> OpCode {
    match kind {
        Binary::Atan2 => OpCode::Atan2,
        Binary::Div(_) => OpCode::Div,
        Binary::Equal => OpCode::Equal,
        Binary::FloorDiv => OpCode::FloorDiv,
        Binary::FloorMod => OpCode::FloorMod,
        Binary::Greater => OpCode::Greater,
        Binary::GreaterEqual => OpCode::GreaterEqual,
        Binary::Less => OpCode::Less,
        Binary::LessEqual => OpCode::LessEqual,
        Binary::LogicalAnd => OpCode::LogicalAnd,
        Binary::LogicalOr => OpCode::LogicalOr,
        Binary::Maximum => OpCode::Maximum,
        Binary::Minimum => OpCode::Minimum,
        Binary::NotEqual => OpCode::NotEqual,
        Binary::Pow => OpCode::Pow,
        Binary::SquaredDifference => OpCode::SquaredDifference,
    }
}

/// Emits a form that the device has, or refuses the types.
fn emit_known(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    variant: Variant,
    attrs: &[u8],
) -> Result<(), Refusal> {
    if !smidge::ops::ALL.iter().any(|op| (op.code, op.variant) == (code, variant)) {
        return Err(cx.types());
    }
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    cx.emit(code, variant, operands, attrs)
}

/// Operators without attributes. Integers with a scale have one and the same everywhere.
fn plain(cx: &mut NodeCx<'_>, kind: Binary) -> Result<(), Refusal> {
    let dtype = cx.input(0)?.dtype;
    cx.expect(1, dtype)?;
    if cx.output(0)?.dtype != dtype {
        return Err(cx.types());
    }
    cx.same_scales()?;
    let variant = cx.plain_variant(dtype)?;
    emit_known(cx, binary_code(kind), variant, &[])
}

fn comparison(cx: &mut NodeCx<'_>, kind: Binary) -> Result<(), Refusal> {
    let dtype = cx.input(0)?.dtype;
    cx.expect(1, dtype)?;
    if cx.output(0)?.dtype != DType::Bool {
        return Err(cx.types());
    }
    let variant = cx.plain_variant(dtype)?;
    if variant != Variant::S8 {
        return emit_known(cx, binary_code(kind), variant, &[]);
    }
    let (a, b) = (cx.affine(cx.input(0)?)?, cx.affine(cx.input(1)?)?);
    let factors = [a, b].map(|affine| quantize_multiplier(affine.scale.into()));
    let attrs = binary::ScaledAttrs { zeros: [a.zero, b.zero], factors };
    emit_known(cx, binary_code(kind), variant, &attrs.encode())
}

fn div(cx: &mut NodeCx<'_>, activation: Activation) -> Result<(), Refusal> {
    match cx.input(0)?.dtype {
        DType::I32 => arithmetic_s32(cx, OpCode::Div, activation),
        _ if cx.kind()? == Kind::F32 => super::elementwise::emit_f32(cx, OpCode::Div, activation),
        _ => Err(cx.types()),
    }
}

/// ADD, SUB, MUL and DIV of int32 without scales.
pub(super) fn arithmetic_s32(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    activation: Activation,
) -> Result<(), Refusal> {
    cx.expect(1, DType::I32)?;
    if cx.output(0)?.dtype != DType::I32 {
        return Err(cx.types());
    }
    let limits = cx.clamp_f32(activation)?;
    // A float to integer cast saturates.
    let clamp = Clamp { min: limits.min as i32, max: limits.max as i32 };
    emit_known(cx, code, Variant::S32, &binary::AttrsS32 { clamp }.encode())
}

fn squared_difference(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let [a, b, y] = super::elementwise::affines(cx)?;
    let (factors, output) = squared_difference_factors(a.scale, b.scale, y.scale);
    let attrs = add::AttrsS8 {
        zeros: [a.zero, b.zero],
        output_zero: y.zero,
        clamp: cx.clamp_s8(Activation::None, y)?,
        left_shift: 7,
        factors,
        output,
    };
    emit_known(cx, OpCode::SquaredDifference, Variant::S8, &attrs.encode())
}
