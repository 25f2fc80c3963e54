//! Operators that move elements, or only look at shapes.

use smidge_graph::{DType, Op, TensorId};

use super::super::Constant;
use super::super::node::{NodeCx, Result};
use super::super::tensor;

/// Reads the node if it is one of these.
pub(super) fn read(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<Option<TensorId>> {
    Ok(Some(match op {
        "Constant" => constant(cx)?,
        "ConstantOfShape" => constant_of_shape(cx)?,
        "Shape" => shape(cx)?,
        "Size" => {
            let x = cx.input(0)?;
            let count = cx.tensor(x).element_count() as i64;
            integers(cx, &[], &[count])
        }
        "Range" => range(cx)?,
        "Reshape" => reshape(cx)?,
        "Flatten" => flatten(cx)?,
        "Squeeze" => squeeze(cx)?,
        "Unsqueeze" => unsqueeze(cx)?,
        "Transpose" => transpose(cx)?,
        "Concat" => concat(cx)?,
        "Slice" => slice(cx)?,
        "Pad" => pad(cx)?,
        "Expand" => expand(cx)?,
        "Tile" => tile(cx)?,
        "Gather" => gather(cx)?,
        "GatherND" => gather_nd(cx)?,
        "SpaceToDepth" | "DepthToSpace" => depth(cx, op)?,
        _ => return Ok(None),
    }))
}

/// A constant of int64.
fn integers(cx: &mut NodeCx<'_, '_>, shape: &[usize], values: &[i64]) -> TensorId {
    let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    cx.constant(Constant { dtype: DType::I64, shape: shape.to_vec(), data })
}

fn constant(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    if let Some(value) = cx.tensor_attribute("value")? {
        let folder = cx.importer.folder;
        let constant = tensor::read(value, folder, &mut cx.importer.budget)?;
        return Ok(cx.constant(constant));
    }
    if let Some(value) = cx.optional_int("value_int")? {
        return Ok(integers(cx, &[], &[value]));
    }
    if let Some(values) = cx.ints("value_ints")? {
        return Ok(integers(cx, &[values.len()], values));
    }
    if let Some(values) = cx.floats("value_floats")? {
        return Ok(cx.floats_constant(&[values.len()], values));
    }
    if cx.attribute("value_float").is_some() {
        let value = cx.float("value_float", 0.0)?;
        return Ok(cx.number(value));
    }
    Err("has a value of a kind that is not supported".into())
}

/// Extents as sizes of a tensor that can be held.
fn extents(dims: &[i64]) -> Result<Vec<usize>> {
    let sizes: Option<Vec<_>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    let fits = |sizes: &Vec<usize>| {
        let count = sizes.iter().try_fold(1usize, |count, &dim| count.checked_mul(dim));
        count.is_some_and(|count| count <= smidge_graph::MAX_ELEMENTS)
    };
    sizes.filter(fits).ok_or_else(|| format!("has the shape {dims:?}").into())
}

fn constant_of_shape(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let dims = cx.input(0)?;
    let shape = extents(&cx.integers(dims, "the shape")?)?;
    let value = match cx.tensor_attribute("value")? {
        Some(value) => {
            let folder = cx.importer.folder;
            tensor::read(value, folder, &mut cx.importer.budget)?
        }
        None => Constant { dtype: DType::F32, shape: vec![1], data: vec![0; 4] },
    };
    let count = shape.iter().product::<usize>();
    // Not in the file: charged, so that a small file cannot ask for all memory.
    cx.importer.budget.charge(count, value.data.len().max(1))?;
    let data = value.data.repeat(count);
    Ok(cx.constant(Constant { dtype: value.dtype, shape, data }))
}

fn shape(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let dims: Vec<_> = cx.shape(x).iter().map(|&dim| dim as i64).collect();
    let rank = dims.len() as i64;
    let place =
        |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let start = place(cx.int("start", 0)?);
    let end = place(cx.int("end", rank)?);
    let part = dims.get(start..end.max(start)).unwrap_or_default().to_vec();
    Ok(integers(cx, &[part.len()], &part))
}

fn range(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let ids = [cx.input(0)?, cx.input(1)?, cx.input(2)?];
    if cx.dtype(ids[0]) == DType::F32 {
        let [start, limit, delta] = [
            cx.scalar(ids[0], "the start")?,
            cx.scalar(ids[1], "the limit")?,
            cx.scalar(ids[2], "the step")?,
        ];
        let count = ((limit - start) / delta).ceil().max(0.0);
        if count.is_nan() || count > 65_536.0 {
            return Err("has a range that is too long".into());
        }
        let values: Vec<_> = (0..count as usize).map(|i| start + i as f32 * delta).collect();
        return Ok(cx.floats_constant(&[values.len()], &values));
    }
    let mut numbers = Vec::new();
    for id in ids {
        numbers.extend(cx.integers(id, "the range")?);
    }
    let &[start, limit, delta] = numbers.as_slice() else { return Err("has no range".into()) };
    let count = limit.checked_sub(start).filter(|_| delta != 0);
    let count = count.and_then(|span| span.checked_add(delta - delta.signum())?.checked_div(delta));
    let count = count.ok_or("has no range")?.max(0);
    if count > 65_536 {
        return Err("has a range that is too long".into());
    }
    let values: Vec<_> = (0..count).map(|i| start.wrapping_add(i * delta)).collect();
    let range = integers(cx, &[values.len()], &values);
    let dtype = cx.dtype(ids[0]);
    if dtype == DType::I32 { cx.list(&[values.len()], &values) } else { Ok(range) }
}

fn reshape(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, dims) = (cx.input(0)?, cx.input(1)?);
    let dims = cx.integers(dims, "the shape")?;
    let source = cx.shape(x);
    let zero_is_zero = cx.flag("allowzero", false)?;
    let mut shape = dims.clone();
    for (axis, dim) in shape.iter_mut().enumerate() {
        if *dim == 0 && !zero_is_zero {
            *dim = *source.get(axis).ok_or_else(|| format!("reshapes to {dims:?}"))? as i64;
        }
    }
    if let Some(open) = shape.iter().position(|&dim| dim == -1) {
        let known: i64 = shape.iter().filter(|&&dim| dim != -1).product();
        let count = cx.tensor(x).element_count() as i64;
        let rest = count.checked_div(known).filter(|rest| rest.checked_mul(known) == Some(count));
        shape[open] = rest.ok_or_else(|| format!("reshapes {source:?} to {dims:?}"))?;
    }
    cx.reshape(x, &extents(&shape)?)
}

fn flatten(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let shape = cx.shape(x);
    let rank = shape.len() as i64;
    let axis = cx.int("axis", 1)?;
    let axis = if axis < 0 { axis + rank } else { axis };
    let axis = usize::try_from(axis).ok().filter(|&axis| axis <= shape.len());
    let axis = axis.ok_or_else(|| format!("flattens {shape:?} from axis {:?}", axis))?;
    let (rows, columns) = shape.split_at(axis);
    cx.reshape(x, &[rows.iter().product(), columns.iter().product()])
}

/// Axes from an attribute (old files) or an operand (new ones).
fn listed_axes(cx: &NodeCx<'_, '_>) -> Result<Option<Vec<i64>>> {
    match cx.ints("axes")? {
        Some(axes) => Ok(Some(axes.to_vec())),
        None => cx.optional_integers(1, "the axes"),
    }
}

fn squeeze(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let shape = cx.shape(x);
    let axes = match listed_axes(cx)? {
        Some(axes) => cx.axes(&axes, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if axes.iter().any(|&axis| shape[axis] != 1) {
        return Err(format!("takes axes {axes:?} out of {shape:?}").into());
    }
    let kept = shape.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
    let shape: Vec<_> = kept.map(|(_, &dim)| dim).collect();
    cx.reshape(x, &shape)
}

fn unsqueeze(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let axes = listed_axes(cx)?.ok_or("lacks axes")?;
    let mut shape = cx.shape(x);
    let axes = cx.axes(&axes, shape.len() + axes.len())?;
    axes.iter().for_each(|&axis| shape.insert(axis, 1));
    cx.reshape(x, &shape)
}

fn transpose(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let rank = cx.shape(x).len();
    let order: Vec<_> = match cx.ints("perm")? {
        Some(order) => order.iter().map(|&at| cx.axis(at, rank)).collect::<Result<_>>()?,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..rank).collect::<Vec<_>>() {
        return Err(format!("has the order {order:?} of {rank} axes").into());
    }
    cx.transpose(x, &order)
}

fn concat(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let mut parts = cx.inputs()?;
    // An empty part adds nothing.
    parts.retain(|&part| cx.tensor(part).element_count() > 0 || cx.shape(part).is_empty());
    let first = *parts.first().ok_or("joins nothing")?;
    let shape = cx.shape(first);
    let axis = cx.axis(cx.int("axis", 1)?, shape.len())?;
    for &part in &parts {
        let mut other = cx.shape(part);
        let fits = other.len() == shape.len() && {
            other[axis] = shape[axis];
            other == shape
        };
        if !fits || cx.dtype(part) != cx.dtype(first) {
            return Err(
                format!("joins {shape:?} and {:?} along axis {axis}", cx.shape(part)).into()
            );
        }
    }
    if parts.len() == 1 {
        return Ok(first);
    }
    cx.concat(&parts, axis)
}

/// Starts, ends, axes and steps: attributes in old files, operands in new ones.
fn slice(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let shape = cx.shape(x);
    let operand = |index: usize, name: &str, what: &str| match cx.ints(name)? {
        Some(list) => Ok(Some(list.to_vec())),
        None => cx.optional_integers(index, what),
    };
    let starts = operand(1, "starts", "the starts")?.ok_or("lacks starts")?;
    let ends = operand(2, "ends", "the ends")?.ok_or("lacks ends")?;
    let axes =
        operand(3, "axes", "the axes")?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = operand(4, "steps", "the steps")?.unwrap_or_else(|| vec![1; starts.len()]);
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err("has starts, ends, axes and steps of other lengths".into());
    }
    let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
    for (((&start, &end), &axis), &step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let axis = cx.axis(axis, shape.len())?;
        let dim = shape[axis] as i64;
        let narrow = isize::try_from(step).ok().filter(|&step| step != 0);
        let narrow = narrow.ok_or("has a step of 0")?;
        let (low, high) = if step > 0 { (0, dim) } else { (-1, dim - 1) };
        let place = |at: i64| (if at < 0 { at.saturating_add(dim) } else { at }).clamp(low, high);
        let (start, end) = (place(start), place(end));
        let span = (end - start).saturating_mul(step.signum());
        let count = (span.max(0) as u64).div_ceil(step.unsigned_abs());
        ranges[axis] = (start.max(0) as usize, narrow, count as usize);
    }
    if ranges.iter().any(|range| range.2 == 0) && !cx.tensor(x).is_constant() {
        return Err("takes an empty part".into());
    }
    cx.slice(x, &ranges)
}

/// Sizes are an attribute (before version 13), an operand, or equal parts.
pub(super) fn split(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let x = cx.input(0)?;
    let shape = cx.shape(x);
    let axis = cx.axis(cx.int("axis", 0)?, shape.len())?;
    let dim = shape[axis];
    let parts = cx.node.output.len();
    let given = match cx.ints("split")? {
        Some(sizes) => Some(sizes.to_vec()),
        None => cx.optional_integers(1, "the sizes")?,
    };
    let sizes = match given {
        Some(sizes) => extents(&sizes)?,
        None => {
            let size = dim.div_ceil(parts.max(1));
            let sizes = (0..parts).map(|i| size.min(dim.saturating_sub(i * size)));
            sizes.collect()
        }
    };
    if sizes.len() != parts || sizes.iter().sum::<usize>() != dim {
        return Err(format!("splits {dim} into {sizes:?}").into());
    }
    let mut start = 0;
    let mut results = Vec::new();
    for size in sizes {
        let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
        ranges[axis] = (start, 1, size);
        if size == 0 {
            return Err("has an empty part".into());
        }
        results.push(cx.slice(x, &ranges)?);
        start += size;
    }
    Ok(results)
}

fn pad(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let rank = cx.shape(x).len();
    let pads = match cx.ints("pads")? {
        Some(pads) => pads.to_vec(),
        None => cx.optional_integers(1, "the paddings")?.ok_or("lacks pads")?,
    };
    let axes = match cx.optional_integers(3, "the axes")? {
        Some(axes) => axes.iter().map(|&axis| cx.axis(axis, rank)).collect::<Result<Vec<_>>>()?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(format!("has pads {pads:?} for {} axes", axes.len()).into());
    }
    let mut amounts = vec![(0i64, 0i64); rank];
    for (index, &axis) in axes.iter().enumerate() {
        amounts[axis] = (pads[index], pads[index + axes.len()]);
    }
    // A negative padding cuts off.
    let shape = cx.shape(x);
    let mut ranges = Vec::new();
    for (&dim, &(before, after)) in shape.iter().zip(&amounts) {
        let (front, back) = ((-before).max(0) as usize, (-after).max(0) as usize);
        let kept = dim.checked_sub(front + back).filter(|&kept| kept > 0);
        ranges.push((front, 1, kept.ok_or("cuts off everything")?));
    }
    let x = cx.slice(x, &ranges)?;
    let amounts: Vec<_> =
        amounts.iter().map(|&(a, b)| (a.max(0) as usize, b.max(0) as usize)).collect();
    match cx.text("mode", "constant")? {
        "constant" => {
            let value = match cx.optional(2)? {
                Some(value) => {
                    let data = cx.tensor(value).data.clone();
                    data.ok_or("pads with a value that is computed")?.to_vec()
                }
                None => match cx.float("value", 0.0)? {
                    0.0 => vec![0; 4],
                    value => value.to_le_bytes().to_vec(),
                },
            };
            cx.pad(x, &amounts, &value)
        }
        "reflect" => mirrored(cx, x, &amounts, false),
        "edge" => edges(cx, x, &amounts),
        "wrap" => wrapped(cx, x, &amounts),
        other => Err(format!("has the mode {other}, which is not supported").into()),
    }
}

fn mirrored(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    amounts: &[(usize, usize)],
    symmetric: bool,
) -> Result<TensorId> {
    let shape = cx.shape(x);
    if amounts.iter().zip(&shape).any(|(&(a, b), &dim)| a >= dim || b >= dim) {
        return Err(format!("mirrors more than there is of {shape:?}").into());
    }
    let list: Vec<_> = amounts.iter().flat_map(|&(a, b)| [a as i64, b as i64]).collect();
    let list = cx.list(&[amounts.len(), 2], &list)?;
    let shape = shape.iter().zip(amounts).map(|(dim, (a, b))| a + dim + b).collect();
    let dtype = cx.dtype(x);
    cx.emit(Op::MirrorPad { symmetric }, &[x, list], dtype, shape)
}

/// Repeats the outermost elements, axis by axis.
fn edges(cx: &mut NodeCx<'_, '_>, x: TensorId, amounts: &[(usize, usize)]) -> Result<TensorId> {
    let mut y = x;
    for (axis, &(before, after)) in amounts.iter().enumerate() {
        let shape = cx.shape(y);
        let at = |cx: &mut NodeCx<'_, '_>, position: usize| {
            let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
            ranges[axis] = (position, 1, 1);
            cx.slice(y, &ranges)
        };
        let mut parts = Vec::new();
        if before > 0 {
            let first = at(cx, 0)?;
            parts.extend(std::iter::repeat_n(first, before));
        }
        parts.push(y);
        if after > 0 {
            let last = at(cx, shape[axis] - 1)?;
            parts.extend(std::iter::repeat_n(last, after));
        }
        if parts.len() > 1 {
            y = cx.concat(&parts, axis)?;
        }
    }
    Ok(y)
}

/// Repeats what is at the other end, axis by axis.
fn wrapped(cx: &mut NodeCx<'_, '_>, x: TensorId, amounts: &[(usize, usize)]) -> Result<TensorId> {
    let mut y = x;
    for (axis, &(before, after)) in amounts.iter().enumerate() {
        let shape = cx.shape(y);
        let dim = shape[axis];
        if before > dim || after > dim {
            return Err(format!("wraps {before} and {after} elements around {dim}").into());
        }
        let mut parts = Vec::new();
        for (start, count) in [(dim - before, before), (0, dim), (0, after)] {
            if count > 0 {
                let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
                ranges[axis] = (start, 1, count);
                parts.push(cx.slice(y, &ranges)?);
            }
        }
        if parts.len() > 1 {
            y = cx.concat(&parts, axis)?;
        }
    }
    Ok(y)
}

fn expand(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, dims) = (cx.input(0)?, cx.input(1)?);
    let dims = extents(&cx.integers(dims, "the shape")?)?;
    let shape = super::super::build::broadcast(&[&cx.shape(x), &dims])?;
    if shape == cx.shape(x) {
        return Ok(x);
    }
    let list: Vec<_> = shape.iter().map(|&dim| dim as i64).collect();
    let list = cx.list(&[list.len()], &list)?;
    let dtype = cx.dtype(x);
    cx.emit(Op::BroadcastTo, &[x, list], dtype, shape)
}

fn tile(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, repeats) = (cx.input(0)?, cx.input(1)?);
    let repeats = cx.integers(repeats, "the repeats")?;
    let counts = extents(&repeats)?;
    let shape = cx.shape(x);
    if counts.len() != shape.len() {
        return Err(format!("repeats {shape:?} {counts:?} times").into());
    }
    let shape = shape.iter().zip(&counts).map(|(dim, count)| dim * count).collect();
    let list = cx.list(&[repeats.len()], &repeats)?;
    let dtype = cx.dtype(x);
    cx.emit(Op::Tile, &[x, list], dtype, shape)
}

/// Indices as the device wants them: not negative.
fn positive(cx: &mut NodeCx<'_, '_>, indices: TensorId, dim: usize) -> Result<TensorId> {
    let Some(values) = cx.tensor(indices).integers() else { return Ok(indices) };
    let shape = cx.shape(indices);
    let dim = dim as i64;
    let place = |at: i64| if at < 0 { at + dim } else { at };
    let values: Vec<_> = values.into_iter().map(place).collect();
    if values.iter().any(|at| !(0..dim).contains(at)) {
        return Err(format!("takes element {values:?} of {dim}").into());
    }
    cx.list(&shape, &values)
}

fn gather(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, indices) = (cx.input(0)?, cx.input(1)?);
    let shape = cx.shape(x);
    let axis = cx.axis(cx.int("axis", 0)?, shape.len())?;
    let indices = positive(cx, indices, shape[axis])?;
    let places = cx.shape(indices);
    if let (true, Some(list)) = (cx.tensor(x).is_constant(), cx.tensor(indices).integers()) {
        let mut parts = Vec::new();
        for at in list {
            let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
            ranges[axis] = (at as usize, 1, 1);
            parts.push(cx.slice(x, &ranges)?);
        }
        let joined = cx.concat(&parts, axis)?;
        let result = [&shape[..axis], &places, &shape[axis + 1..]].concat();
        return cx.reshape(joined, &result);
    }
    let result = [&shape[..axis], &places, &shape[axis + 1..]].concat();
    let dtype = cx.dtype(x);
    cx.emit(Op::Gather { axis: axis as i32, batch_dims: 0 }, &[x, indices], dtype, result)
}

fn gather_nd(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, indices) = (cx.input(0)?, cx.input(1)?);
    if cx.int("batch_dims", 0)? != 0 {
        return Err("has batch axes, which are not supported".into());
    }
    let (shape, places) = (cx.shape(x), cx.shape(indices));
    let (&depth, outer) = places.split_last().ok_or("has no indices")?;
    let rest = shape.get(depth..).ok_or("has more indices than axes")?;
    let result = [outer, rest].concat();
    let dtype = cx.dtype(x);
    cx.emit(Op::GatherNd, &[x, indices], dtype, result)
}

/// Squares of an image to channels, or back.
fn depth(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    let block = usize::try_from(cx.int("blocksize", 0)?).unwrap_or(0);
    let x = cx.input(0)?;
    let &[n, c, h, w] = cx.shape(x).as_slice() else {
        return Err("has an operand that is no image".into());
    };
    let area = block * block;
    if op == "SpaceToDepth" {
        if block == 0 || h % block != 0 || w % block != 0 {
            return Err(format!("has blocks of {block} in {h} x {w}").into());
        }
        let x = cx.channels_last(x)?;
        let dtype = cx.dtype(x);
        let shape = vec![n, h / block, w / block, c * area];
        let y = cx.emit(Op::SpaceToDepth { block }, &[x], dtype, shape)?;
        return cx.channels_first(y);
    }
    if block == 0 || c % area != 0 {
        return Err(format!("has blocks of {block} in {c} channels").into());
    }
    // In the order CRD the blocks' places are behind the channels.
    let x = if cx.text("mode", "DCR")? == "CRD" {
        let split = cx.reshape(x, &[n, c / area, area, h, w])?;
        let moved = cx.transpose(split, &[0, 2, 1, 3, 4])?;
        cx.reshape(moved, &[n, c, h, w])?
    } else {
        x
    };
    let x = cx.channels_last(x)?;
    let dtype = cx.dtype(x);
    let shape = vec![n, h * block, w * block, c / area];
    let y = cx.emit(Op::DepthToSpace { block }, &[x], dtype, shape)?;
    cx.channels_first(y)
}

/// The largest elements along an axis with their positions, or the smallest.
pub(super) fn top_k(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let (x, k) = (cx.input(0)?, cx.input(1)?);
    let rank = cx.shape(x).len();
    let axis = cx.axis(cx.int("axis", -1)?, rank)?;
    let largest = cx.flag("largest", true)?;
    let k = cx.integers(k, "k")?;
    let &[count] = extents(&k)?.as_slice() else { return Err("has no k".into()) };
    // The axis goes last; the smallest are the largest of the opposite numbers.
    let mut order: Vec<_> = (0..rank).collect();
    order.swap(axis, rank - 1);
    let mut x = cx.transpose(x, &order)?;
    let minus = Op::Unary(smidge_graph::op::Unary::Neg);
    if !largest {
        x = cx.unary(minus.clone(), x)?;
    }
    let mut shape = cx.shape(x);
    shape[rank - 1] = count;
    let list = cx.list(&[], &k)?;
    let dtype = cx.dtype(x);
    let results = vec![(dtype, shape.clone(), None), (DType::I32, shape.clone(), None)];
    let results = cx.emit_all(Op::TopkV2, vec![Some(x), Some(list)], results)?;
    let &[mut values, positions] = results.as_slice() else { return Err("gives nothing".into()) };
    if !largest {
        values = cx.unary(minus, values)?;
    }
    let positions = cx.emit(Op::Cast, &[positions], DType::I64, shape)?;
    Ok(vec![cx.transpose(values, &order)?, cx.transpose(positions, &order)?])
}

pub(super) fn dropout(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    if cx.node.output.get(1).is_some_and(|name| !name.is_empty()) {
        return Err("gives its mask, which is not supported".into());
    }
    Ok(vec![cx.input(0)?])
}
