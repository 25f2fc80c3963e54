//! Reductions along axes.

use smidge_graph::op::{Reduction, Unary};
use smidge_graph::{DType, Op, TensorId};

use super::super::node::{NodeCx, Result};

/// The axes that a reduction names: an attribute in old files, an operand in new ones.
fn axes(cx: &NodeCx<'_, '_>, rank: usize) -> Result<Vec<usize>> {
    let given = match cx.ints("axes")? {
        Some(axes) => Some(axes.to_vec()),
        None => cx.optional_integers(1, "the axes")?,
    };
    match given {
        Some(axes) if !axes.is_empty() => cx.axes(&axes, rank),
        _ if cx.flag("noop_with_empty_axes", false)? => Ok(Vec::new()),
        _ => Ok((0..rank).collect()),
    }
}

/// A reduction of `x` along axes by one of the graph's operators.
pub(super) fn along(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    axes: &[usize],
    keep: bool,
    op: impl FnOnce(bool) -> Op,
) -> Result<TensorId> {
    let mut shape = cx.shape(x);
    axes.iter().for_each(|&axis| shape[axis] = 1);
    let list: Vec<_> = axes.iter().map(|&axis| axis as i64).collect();
    let list = cx.list(&[list.len()], &list)?;
    let dtype = cx.dtype(x);
    let y = cx.emit(op(true), &[x, list], dtype, shape.clone())?;
    if keep {
        return Ok(y);
    }
    let kept = shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
    let shape: Vec<_> = kept.map(|(_, &dim)| dim).collect();
    cx.reshape(y, &shape)
}

pub(super) fn reduce(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    let x = cx.input(0)?;
    let axes = axes(cx, cx.shape(x).len())?;
    let keep = cx.flag("keepdims", true)?;
    if axes.is_empty() {
        return match op {
            "ReduceL1" => cx.unary(Op::Unary(Unary::Abs), x),
            "ReduceSumSquare" => cx.mul(x, x),
            _ => Ok(x),
        };
    }
    let kind = |kind| move |keep_dims| Op::Reduce { kind, keep_dims };
    let truth = cx.dtype(x) == DType::Bool;
    match op {
        "ReduceMax" if truth => along(cx, x, &axes, keep, kind(Reduction::Any)),
        "ReduceMin" if truth => along(cx, x, &axes, keep, kind(Reduction::All)),
        "ReduceMean" => along(cx, x, &axes, keep, |keep_dims| Op::Mean { keep_dims }),
        "ReduceSum" => along(cx, x, &axes, keep, kind(Reduction::Sum)),
        "ReduceMax" => along(cx, x, &axes, keep, kind(Reduction::Max)),
        "ReduceMin" => along(cx, x, &axes, keep, kind(Reduction::Min)),
        "ReduceProd" => along(cx, x, &axes, keep, kind(Reduction::Prod)),
        "ReduceL1" => {
            let x = cx.unary(Op::Unary(Unary::Abs), x)?;
            along(cx, x, &axes, keep, kind(Reduction::Sum))
        }
        "ReduceSumSquare" | "ReduceL2" => {
            let x = cx.mul(x, x)?;
            let y = along(cx, x, &axes, keep, kind(Reduction::Sum))?;
            if op == "ReduceL2" { cx.unary(Op::Unary(Unary::Sqrt), y) } else { Ok(y) }
        }
        "ReduceLogSum" => {
            let y = along(cx, x, &axes, keep, kind(Reduction::Sum))?;
            cx.unary(Op::Unary(Unary::Log), y)
        }
        "ReduceLogSumExp" => log_sum_exp(cx, x, &axes, keep),
        _ => Err(super::not_supported(cx)),
    }
}

/// Computed around the maximum, so that no exponential overflows.
fn log_sum_exp(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    axes: &[usize],
    keep: bool,
) -> Result<TensorId> {
    let reduction = |kind| move |keep_dims| Op::Reduce { kind, keep_dims };
    let most = along(cx, x, axes, true, reduction(Reduction::Max))?;
    let minus = cx.unary(Op::Unary(Unary::Neg), most)?;
    let shifted = cx.add(x, minus)?;
    let powers = cx.unary(Op::Unary(Unary::Exp), shifted)?;
    let sum = along(cx, powers, axes, true, reduction(Reduction::Sum))?;
    let log = cx.unary(Op::Unary(Unary::Log), sum)?;
    let y = cx.add(log, most)?;
    if keep {
        return Ok(y);
    }
    let shape = cx.shape(y);
    let kept = shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
    let shape: Vec<_> = kept.map(|(_, &dim)| dim).collect();
    cx.reshape(y, &shape)
}

/// Over one axis; before version 13 over all axes from that one on.
pub(super) fn softmax(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    let x = cx.input(0)?;
    let shape = cx.shape(x);
    let rank = shape.len();
    let old = cx.opset() < 13;
    let axis = cx.axis(cx.int("axis", if old { 1 } else { -1 })?, rank.max(1))?;
    let function = match op {
        "Softmax" => Op::Softmax { beta: 1.0 },
        "LogSoftmax" => Op::LogSoftmax,
        _ => return Err(super::not_supported(cx)),
    };
    if old && axis + 1 < rank {
        let flat = [shape[..axis].iter().product(), shape[axis..].iter().product()];
        let x = cx.reshape(x, &flat)?;
        let y = cx.unary(function, x)?;
        return cx.reshape(y, &shape);
    }
    // The axis goes last, and back.
    let mut order: Vec<_> = (0..rank).collect();
    order.swap(axis, rank - 1);
    let x = cx.transpose(x, &order)?;
    let y = cx.unary(function, x)?;
    cx.transpose(y, &order)
}

pub(super) fn arg(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    let x = cx.input(0)?;
    let mut shape = cx.shape(x);
    let axis = cx.axis(cx.int("axis", 0)?, shape.len())?;
    if cx.flag("select_last_index", false)? {
        return last_index(cx, x, axis, op);
    }
    let list = cx.list(&[], &[axis as i64])?;
    let function = if op == "ArgMax" { Op::ArgMax } else { Op::ArgMin };
    let kept = shape.clone();
    shape.remove(axis);
    let y = cx.emit(function, &[x, list], DType::I64, shape)?;
    keep_axis(cx, y, kept, axis)
}

/// Gives a reduced axis back with extent 1, if the node wants it.
fn keep_axis(
    cx: &mut NodeCx<'_, '_>,
    y: TensorId,
    mut shape: Vec<usize>,
    axis: usize,
) -> Result<TensorId> {
    if !cx.flag("keepdims", true)? {
        return Ok(y);
    }
    shape[axis] = 1;
    cx.reshape(y, &shape)
}

/// The last position of the extreme: the first one from the other end.
fn last_index(cx: &mut NodeCx<'_, '_>, x: TensorId, axis: usize, op: &str) -> Result<TensorId> {
    let shape = cx.shape(x);
    let ranges = shape
        .iter()
        .enumerate()
        .map(|(at, &dim)| if at == axis { (dim - 1, -1, dim) } else { (0, 1, dim) });
    let ranges: Vec<_> = ranges.collect();
    let reversed = cx.slice(x, &ranges)?;
    let list = cx.list(&[], &[axis as i64])?;
    let function = if op == "ArgMax" { Op::ArgMax } else { Op::ArgMin };
    let mut reduced = shape.clone();
    reduced.remove(axis);
    let y = cx.emit(function, &[reversed, list], DType::I32, reduced)?;
    let y = super::index::from_the_end(cx, y, shape[axis])?;
    let y = super::elementwise::converted(cx, y, DType::I64)?;
    keep_axis(cx, y, shape, axis)
}

pub(super) fn cum_sum(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, axis) = (cx.input(0)?, cx.input(1)?);
    let axis = cx.integers(axis, "the axis")?;
    let &[axis] = axis.as_slice() else { return Err("sums along several axes".into()) };
    let axis = cx.axis(axis, cx.shape(x).len())?;
    let (exclusive, reverse) = (cx.flag("exclusive", false)?, cx.flag("reverse", false)?);
    let list = cx.list(&[], &[axis as i64])?;
    let (dtype, shape) = (cx.dtype(x), cx.shape(x));
    cx.emit(Op::Cumsum { exclusive, reverse }, &[x, list], dtype, shape)
}
