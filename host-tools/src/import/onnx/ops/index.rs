//! Elements by their positions.

use smidge_graph::op::{AddSub, Binary};
use smidge_graph::{Activation, DType, Op, TensorId};

use super::super::Constant;
use super::super::node::{NodeCx, Result};
use super::elementwise::{converted, pair};

/// A constant of int32.
fn numbers(cx: &mut NodeCx<'_, '_>, shape: &[usize], values: &[i32]) -> TensorId {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    cx.constant(Constant { dtype: DType::I32, shape: shape.to_vec(), data })
}

/// Positions along an axis of so many elements as int32 that are not negative.
fn positive(cx: &mut NodeCx<'_, '_>, indices: TensorId, dim: usize) -> Result<TensorId> {
    let indices = converted(cx, indices, DType::I32)?;
    let (nil, dim) = (numbers(cx, &[], &[0]), numbers(cx, &[], &[dim as i32]));
    let below = pair(cx, Binary::Less, indices, nil)?;
    let moved = cx.add(indices, dim)?;
    let shape = cx.shape(indices);
    cx.emit(Op::SelectV2, &[below, moved, indices], DType::I32, shape)
}

fn scaled(cx: &mut NodeCx<'_, '_>, x: TensorId, factor: usize) -> Result<TensorId> {
    if factor == 1 {
        return Ok(x);
    }
    let factor = numbers(cx, &[], &[factor as i32]);
    cx.binary(Op::Mul { activation: Activation::None }, x, factor)
}

/// Positions in the flattened tensor of shape `shape` for indices along `axis`.
fn flat(
    cx: &mut NodeCx<'_, '_>,
    indices: TensorId,
    shape: &[usize],
    axis: usize,
) -> Result<TensorId> {
    let strides: Vec<usize> = (0..shape.len()).map(|at| shape[at + 1..].iter().product()).collect();
    let places = cx.shape(indices);
    let mut base = vec![0usize];
    for (at, &extent) in places.iter().enumerate() {
        let step = if at == axis { 0 } else { strides[at] };
        base = base.iter().flat_map(|&start| (0..extent).map(move |i| start + i * step)).collect();
    }
    let base: Vec<_> = base.iter().map(|&at| at as i32).collect();
    let base = numbers(cx, &places, &base);
    let indices = positive(cx, indices, shape[axis])?;
    let along = scaled(cx, indices, strides[axis])?;
    cx.add(along, base)
}

pub(super) fn gather_elements(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, indices) = (cx.input(0)?, cx.input(1)?);
    let (shape, places) = (cx.shape(x), cx.shape(indices));
    let axis = cx.axis(cx.int("axis", 0)?, shape.len())?;
    if places.len() != shape.len() {
        return Err(format!("has indices of shape {places:?} for {shape:?}").into());
    }
    let flat = flat(cx, indices, &shape, axis)?;
    let count = shape.iter().product();
    let x = cx.reshape(x, &[count])?;
    let dtype = cx.dtype(x);
    cx.emit(Op::Gather { axis: 0, batch_dims: 0 }, &[x, flat], dtype, places)
}

/// What a scatter does with the element that is there.
fn reduction(cx: &NodeCx<'_, '_>) -> Result<smidge_graph::op::Scatter> {
    use smidge_graph::op::Scatter;
    Ok(match cx.text("reduction", "none")? {
        "none" => Scatter::Set,
        "add" => Scatter::Add,
        "mul" => Scatter::Mul,
        "max" => Scatter::Max,
        "min" => Scatter::Min,
        other => return Err(format!("has the reduction {other}").into()),
    })
}

pub(super) fn scatter_elements(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, indices, updates) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let (shape, places) = (cx.shape(x), cx.shape(indices));
    let axis = cx.axis(cx.int("axis", 0)?, shape.len())?;
    if places.len() != shape.len() || cx.shape(updates) != places {
        return Err(format!("has indices of shape {places:?} for {shape:?}").into());
    }
    let flat = flat(cx, indices, &shape, axis)?;
    let count = places.iter().product();
    let flat = cx.reshape(flat, &[count])?;
    scatter(cx, x, flat, updates, 1)
}

pub(super) fn scatter_nd(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, indices, updates) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let (shape, places) = (cx.shape(x), cx.shape(indices));
    let (&depth, outer) = places.split_last().ok_or("has no indices")?;
    let inner: usize = shape.get(depth..).ok_or("has more indices than axes")?.iter().product();
    let count: usize = outer.iter().product();
    if cx.tensor(updates).element_count() != count * inner {
        return Err(format!("has updates of shape {:?}", cx.shape(updates)).into());
    }
    let list = cx.reshape(indices, &[count, depth])?;
    let mut rows: Option<TensorId> = None;
    for axis in 0..depth {
        let column = cx.slice(list, &[(0, 1, count), (axis, 1, 1)])?;
        let column = cx.reshape(column, &[count])?;
        let column = positive(cx, column, shape[axis])?;
        let column = scaled(cx, column, shape[axis + 1..depth].iter().product())?;
        rows = Some(match rows {
            Some(rows) => cx.add(rows, column)?,
            None => column,
        });
    }
    let rows = rows.ok_or("has empty indices")?;
    scatter(cx, x, rows, updates, inner)
}

/// Writes rows of `inner` elements at these positions.
fn scatter(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    rows: TensorId,
    updates: TensorId,
    inner: usize,
) -> Result<TensorId> {
    let (dtype, shape) = (cx.dtype(x), cx.shape(x));
    if cx.dtype(updates) != dtype {
        return Err(format!("writes {} into {dtype}", cx.dtype(updates)).into());
    }
    let all: usize = shape.iter().product();
    let x = cx.reshape(x, &[all / inner.max(1), inner])?;
    let count = cx.tensor(rows).element_count();
    let updates = cx.reshape(updates, &[count, inner])?;
    let op = Op::Scatter(reduction(cx)?);
    let wide = cx.shape(x);
    let y = cx.emit(op, &[x, rows, updates], dtype, wide)?;
    cx.reshape(y, &shape)
}

/// `values` is `[off, on]`.
pub(super) fn one_hot(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (indices, depth, values) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let depth = match cx.tensor(depth).floats() {
        Some(depth) => depth.first().map(|&depth| depth as i64),
        None => cx.integers(depth, "the depth")?.first().copied(),
    };
    let depth = depth.and_then(|depth| usize::try_from(depth).ok()).filter(|&depth| depth > 0);
    let depth = depth.ok_or("has no depth")?;
    let places = cx.shape(indices);
    let axis = cx.axis(cx.int("axis", -1)?, places.len() + 1)?;
    let indices = positive(cx, indices, depth)?;
    let mut wide = places.clone();
    wide.insert(axis, 1);
    let indices = cx.reshape(indices, &wide)?;
    let mut line = vec![1; wide.len()];
    line[axis] = depth;
    let classes: Vec<_> = (0..depth as i32).collect();
    let classes = numbers(cx, &line, &classes);
    let hot = pair(cx, Binary::Equal, indices, classes)?;
    let off = cx.slice(values, &[(0, 1, 1)])?;
    let on = cx.slice(values, &[(1, 1, 1)])?;
    wide[axis] = depth;
    let dtype = cx.dtype(values);
    cx.emit(Op::SelectV2, &[hot, on, off], dtype, wide)
}

/// Positions counted from the other end, for the last of several extremes.
pub(super) fn from_the_end(cx: &mut NodeCx<'_, '_>, y: TensorId, dim: usize) -> Result<TensorId> {
    let last = numbers(cx, &[], &[dim as i32 - 1]);
    cx.binary(Op::Sub(AddSub::default()), last, y)
}
