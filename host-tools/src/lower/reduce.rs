//! Reductions, and what goes along one axis.

use super::node::{NodeCx, shape_of};
use super::refusal::Refusal;
use smidge::ops::{cumsum as cumsum_op, lines, mean, reduce as reduce_op};
use smidge::{OpCode, Variant};
use smidge_graph::op::Reduction;
use smidge_graph::{DType, Tensor};
use smidge_quant::quantize_multiplier;

/// The axes that operand 1 names, and how many elements are reduced to one.
pub(super) fn axes(cx: &NodeCx<'_>) -> Result<(mean::Axes, usize), Refusal> {
    let x = cx.input(0)?;
    let mut axes = mean::Axes([false; 6]);
    let mut count = 1usize;
    let padding = axes.0.len() - shape_of(x)?.rank();
    for axis in cx.integers(1, "the list of axes")? {
        let at = axis_of(axis, x)?;
        let reduced = &mut axes.0[padding + at];
        if !*reduced {
            count = count.saturating_mul(x.shape[at]);
        }
        *reduced = true;
    }
    Ok((axes, count))
}

/// The position of an axis that may be counted from the end.
pub(super) fn axis_of(axis: i64, x: &Tensor) -> Result<usize, Refusal> {
    let rank = x.shape.len() as i64;
    let at = if axis < 0 { axis + rank } else { axis };
    let valid = (0..rank).contains(&at);
    if valid { Ok(at as usize) } else { Err(Refusal::shape(format!("axis {axis} of {rank}"))) }
}

/// The axis that a constant scalar names.
fn axis_operand(cx: &NodeCx<'_>, index: usize) -> Result<u8, Refusal> {
    match cx.integers(index, "the axis")?.as_slice() {
        &[axis] => Ok(axis_of(axis, cx.input(0)?)? as u8),
        axes => Err(Refusal::shape(format!("axis {axes:?}"))),
    }
}

pub(super) fn reduce(cx: &mut NodeCx<'_>, kind: Reduction) -> Result<(), Refusal> {
    let (axes, _) = axes(cx)?;
    let dtype = cx.input(0)?.dtype;
    if cx.output(0)?.dtype != dtype {
        return Err(cx.types());
    }
    let code = match kind {
        Reduction::All => OpCode::ReduceAll,
        Reduction::Any => OpCode::ReduceAny,
        Reduction::Max => OpCode::ReduceMax,
        Reduction::Min => OpCode::ReduceMin,
        Reduction::Prod => OpCode::ReduceProd,
        Reduction::Sum => OpCode::Sum,
    };
    let x = cx.operand(0)?;
    if kind == Reduction::Sum && matches!(dtype, DType::I8 | DType::I16) {
        let (variant, attrs) = quantized_sum(cx, axes)?;
        return cx.emit(code, variant, vec![x], &attrs);
    }
    cx.same_scales()?;
    let variant = cx.plain_variant(dtype)?;
    if !smidge::ops::ALL.iter().any(|op| (op.code, op.variant) == (code, variant)) {
        return Err(cx.types());
    }
    cx.emit(code, variant, vec![x], &reduce_op::Attrs { axes }.encode())
}

fn quantized_sum(cx: &NodeCx<'_>, axes: mean::Axes) -> Result<(Variant, Vec<u8>), Refusal> {
    let factor =
        |input: f32, output: f32| quantize_multiplier(f64::from(input) / f64::from(output));
    let (variant, attrs) = if cx.input(0)?.dtype == DType::I8 {
        let (x, y) = cx.affine_pair()?;
        let factor = factor(x.scale, y.scale);
        let attrs = mean::AttrsS8 { axes, input_zero: x.zero, output_zero: y.zero, factor };
        (Variant::S8, attrs)
    } else {
        let (x, y) = cx.symmetric_pair()?;
        let attrs = mean::AttrsS8 { axes, input_zero: 0, output_zero: 0, factor: factor(x, y) };
        (Variant::S16, attrs)
    };
    Ok((variant, attrs.encode().to_vec()))
}

/// ARG_MAX or ARG_MIN.
pub(super) fn arg(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    let axis = axis_operand(cx, 1)?;
    if !matches!(cx.output(0)?.dtype, DType::I32 | DType::I64) {
        return Err(cx.types());
    }
    let variant = match cx.plain_variant(cx.input(0)?.dtype)? {
        variant @ (Variant::S8 | Variant::S32 | Variant::F32) => variant,
        _ => return Err(cx.types()),
    };
    let x = cx.operand(0)?;
    cx.emit(code, variant, vec![x], &lines::Attrs { axis }.encode())
}

pub(super) fn cumsum(cx: &mut NodeCx<'_>, exclusive: bool, reverse: bool) -> Result<(), Refusal> {
    let axis = axis_operand(cx, 1)?;
    let variant = match (cx.input(0)?.dtype, cx.output(0)?.dtype) {
        (DType::F32, DType::F32) => Variant::F32,
        (DType::I32, DType::I32) => Variant::S32,
        _ => return Err(cx.types()),
    };
    let x = cx.operand(0)?;
    let attrs = cumsum_op::Attrs { axis, exclusive, reverse };
    cx.emit(OpCode::Cumsum, variant, vec![x], &attrs.encode())
}

pub(super) fn topk(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let k = cx.integers(1, "the number of elements")?;
    let given = cx.output(0)?.shape.last().map(|&k| vec![k as i64]);
    if given.as_ref() != Some(&k) {
        return Err(Refusal::shape(format!("{k:?} elements of {:?}", cx.input(0)?.shape)));
    }
    cx.same_scales()?;
    let variant = match cx.plain_variant(cx.input(0)?.dtype)? {
        variant @ (Variant::S8 | Variant::S32 | Variant::F32) => variant,
        _ => return Err(cx.types()),
    };
    let x = cx.operand(0)?;
    cx.emit(OpCode::TopkV2, variant, vec![x], &[])
}
