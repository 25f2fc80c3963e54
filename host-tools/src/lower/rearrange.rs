//! Operators that move elements to other places, choose them or name them.

use super::copy::{emit_walk, emit_walk_from, padding, same_quantization};
use super::node::{NodeCx, shape_of};
use super::program::{Value, ValueId};
use super::reduce::axis_of;
use super::refusal::Refusal;
use super::unary::cast_values;
use smidge::ops::{
    concatenation, gather as gather_op, mirror_pad as mirror_op, pad as pad_op,
    scatter as scatter_op,
};
use smidge::{OpCode, Variant};
use smidge_format::Shape;
use smidge_graph::op::Scatter;
use smidge_graph::{DType, Tensor};
use smidge_kernels::scalar::copy::{RANK, View};

pub(super) fn pack(cx: &mut NodeCx<'_>, axis: i32) -> Result<(), Refusal> {
    let axis = axis_of(axis.into(), cx.output(0)?)? as u8;
    let mut operands = Vec::new();
    for index in 0..cx.node.inputs.len() {
        same_quantization(cx, cx.input(index)?)?;
        operands.push(cx.operand(index)?);
    }
    cx.emit(OpCode::Pack, Variant::Any, operands, &concatenation::Attrs { axis }.encode())
}

pub(super) fn unpack(cx: &mut NodeCx<'_>, axis: i32) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let axis = axis_of(axis.into(), x)? as u8;
    let operand = cx.operand(0)?;
    cx.emit(OpCode::Unpack, Variant::Any, vec![operand], &concatenation::Attrs { axis }.encode())
}

/// SPLIT_V: parts of any size, which the outputs' shapes say.
pub(super) fn split_v(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let axis = match cx.integers(2, "the axis")?.as_slice() {
        &[axis] => axis_of(axis, x)? as u8,
        axes => return Err(Refusal::shape(format!("axis {axes:?}"))),
    };
    let operand = cx.operand(0)?;
    cx.emit(OpCode::Split, Variant::Any, vec![operand], &concatenation::Attrs { axis }.encode())
}

/// The steps of a tensor that is repeated along dimensions of one to fill `count`.
fn repeated(x: &Tensor, count: [usize; RANK]) -> Result<View, Refusal> {
    let whole = View::whole(shape_of(x)?.padded());
    let mut view = View { count, ..whole };
    for ((step, from), to) in view.step.iter_mut().zip(whole.count).zip(count) {
        match from {
            _ if from == to => {}
            1 => *step = 0,
            _ => return Err(Refusal::shape(format!("{:?} does not repeat", x.shape))),
        }
    }
    Ok(view)
}

pub(super) fn broadcast_to(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let view = repeated(cx.input(0)?, shape_of(cx.output(0)?)?.padded())?;
    emit_walk(cx, OpCode::BroadcastTo, view)
}

/// FILL: operand 1 is a scalar.
pub(super) fn fill(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let view = repeated(cx.input(1)?, shape_of(cx.output(0)?)?.padded())?;
    emit_walk_from(cx, OpCode::BroadcastTo, 1, view)
}

/// TILE: each repeated dimension becomes two, of copies and of elements. Where that makes more than
/// there may be, one dimension after the other is repeated.
pub(super) fn tile(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let multiples = cx.integers(1, "the list of multiples")?;
    let shape = shape_of(x)?;
    if multiples.len() != x.shape.len() || multiples.iter().any(|&n| n < 1) {
        return Err(Refusal::shape(format!("{multiples:?} of {:?}", x.shape)));
    }
    let repeats: Vec<usize> = multiples.iter().map(|&n| n as usize).collect();
    let mut axes: Vec<usize> = (0..repeats.len()).filter(|&axis| repeats[axis] > 1).collect();
    let Some(last) = axes.pop() else {
        let operand = cx.operand(0)?;
        return cx.emit(OpCode::Reshape, Variant::Any, vec![operand], &[]);
    };
    let missing = || Refusal::shape("operand 0 is missing");
    let mut value = cx.operand(0)?.ok_or_else(missing)?;
    let mut dims: Vec<u32> = shape.dims().to_vec();
    for axis in axes {
        let view = one_repeated(&dims, axis, repeats[axis]);
        dims[axis] *= repeats[axis] as u32;
        value = emit_part(cx, OpCode::Tile, (value, &dims), &view)?;
    }
    let view = one_repeated(&dims, last, repeats[last]);
    let attrs = smidge::ops::strided_slice::Attrs { view };
    cx.emit(OpCode::Tile, Variant::Any, vec![Some(value)], &attrs.encode())
}

/// A walk that repeats dimension `axis`: `[outer, repeats, the axis and all behind]`.
fn one_repeated(dims: &[u32], axis: usize, repeats: usize) -> View {
    let product = |dims: &[u32]| dims.iter().map(|&dim| dim as usize).product::<usize>();
    let (outer, inner) = (product(&dims[..axis]), product(&dims[axis..]));
    View {
        count: [1, 1, 1, outer, repeats, inner],
        step: [0, 0, 0, inner as isize, 0, 1],
        start: 0,
    }
}

/// Emits a walk from a value to a new one of this shape.
fn emit_part(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    (from, dims): (ValueId, &[u32]),
    view: &View,
) -> Result<ValueId, Refusal> {
    let to = part(cx, from, dims)?;
    let attrs = smidge::ops::strided_slice::Attrs { view: *view };
    cx.emit_to(code, Variant::Any, vec![Some(from)], vec![to], &attrs.encode(), 0);
    Ok(to)
}

/// A new value like another, of this shape.
fn part(cx: &mut NodeCx<'_>, like: ValueId, dims: &[u32]) -> Result<ValueId, Refusal> {
    let shape = Shape::new(dims).filter(|shape| shape.checked_elements().is_some());
    let shape = shape.ok_or_else(|| Refusal::shape(format!("{dims:?} is too large")))?;
    let name = format!("{}/part", cx.node.name);
    let value = Value {
        name,
        shape,
        source: None,
        data: None,
        state: None,
        ..cx.program.values[like].clone()
    };
    Ok(cx.program.add(value))
}

pub(super) fn reverse(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let mut view = View::whole(shape_of(x)?.padded());
    for axis in cx.integers(1, "the list of axes")? {
        let at = padding(x)? + axis_of(axis, x)?;
        if view.step[at] > 0 {
            view.start += (view.count[at] - 1) * view.step[at] as usize;
            view.step[at] = -view.step[at];
        }
    }
    emit_walk(cx, OpCode::ReverseV2, view)
}

pub(super) fn mirror_pad(cx: &mut NodeCx<'_>, symmetric: bool) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let before = paddings(cx)?;
    let operand = cx.operand(0)?;
    let attrs = mirror_op::Attrs { before, symmetric };
    cx.emit(OpCode::MirrorPad, Variant::Any, vec![operand], &attrs.encode())
}

/// Elements in front of each dimension, from the pairs of operand 1.
fn paddings(cx: &NodeCx<'_>) -> Result<[usize; RANK], Refusal> {
    let x = cx.input(0)?;
    let pairs = cx.integers(1, "the list of paddings")?;
    let fits = pairs.len() == 2 * x.shape.len() && pairs.iter().all(|&p| (0..1 << 31).contains(&p));
    if !fits {
        return Err(Refusal::shape(format!("paddings {pairs:?} of {:?}", x.shape)));
    }
    let mut before = [0; RANK];
    for (to, pair) in before[padding(x)?..].iter_mut().zip(pairs.chunks_exact(2)) {
        *to = pair[0] as usize;
    }
    Ok(before)
}

/// Height, width and channels of an image tensor.
fn image(x: &Tensor) -> Result<[usize; 4], Refusal> {
    let shape = <[usize; 4]>::try_from(x.shape.as_slice());
    shape.map_err(|_| Refusal::shape(format!("shape {:?}, not [N, H, W, C]", x.shape)))
}

pub(super) fn space_to_depth(cx: &mut NodeCx<'_>, block: usize) -> Result<(), Refusal> {
    let [n, h, w, c] = image(cx.input(0)?)?;
    let count = [n, h / block, w / block, block, block, c];
    let row = (w * c) as isize;
    let step = [h as isize * row, block as isize * row, (block * c) as isize, row, c as isize, 1];
    emit_walk(cx, OpCode::SpaceToDepth, View { count, step, start: 0 })
}

pub(super) fn depth_to_space(cx: &mut NodeCx<'_>, block: usize) -> Result<(), Refusal> {
    let [n, h, w, c] = image(cx.input(0)?)?;
    let depth = c / (block * block).max(1);
    let count = [n, h, block, w, block, depth];
    let row = (w * c) as isize;
    let step = [h as isize * row, row, (block * depth) as isize, c as isize, depth as isize, 1];
    emit_walk(cx, OpCode::DepthToSpace, View { count, step, start: 0 })
}

/// Blocks of operand 1 and pairs of operand 2, for one or two dimensions behind the first.
struct Blocks {
    size: [usize; 2],
    pairs: [[usize; 2]; 2],
}

fn blocks(cx: &NodeCx<'_>) -> Result<Blocks, Refusal> {
    let (size, pairs) = (cx.integers(1, "the block")?, cx.integers(2, "the list of pairs")?);
    let valid = pairs.len() == 2 * size.len()
        && (1..=2).contains(&size.len())
        && size.iter().all(|&n| (1..1 << 31).contains(&n))
        && pairs.iter().all(|&p| (0..1 << 31).contains(&p));
    if !valid || cx.input(0)?.shape.len() <= size.len() {
        return Err(Refusal::shape(format!("blocks {size:?} with {pairs:?}")));
    }
    let mut blocks = Blocks { size: [1; 2], pairs: [[0; 2]; 2] };
    for (i, (&size, pair)) in size.iter().zip(pairs.chunks_exact(2)).enumerate() {
        blocks.size[i] = size as usize;
        blocks.pairs[i] = [pair[0] as usize, pair[1] as usize];
    }
    Ok(blocks)
}

/// A tensor as `[N, H, W, rest]`, with one for what is not there.
fn planes(x: &Tensor, dimensions: usize) -> [usize; 4] {
    let rest = x.shape[dimensions + 1..].iter().product();
    let width = if dimensions == 2 { x.shape[2] } else { 1 };
    [x.shape[0], x.shape[1], width, rest]
}

pub(super) fn space_to_batch(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let Blocks { size, pairs } = blocks(cx)?;
    let dimensions = cx.integers(1, "the block")?.len();
    let mut value = cx.operand(0)?;
    let [n, h, w, c] = planes(x, dimensions);
    let [high, wide] = [h + pairs[0][0] + pairs[0][1], w + pairs[1][0] + pairs[1][1]];
    if high % size[0] != 0 || wide % size[1] != 0 {
        return Err(Refusal::shape(format!("{high} x {wide} does not divide by {size:?}")));
    }
    if pairs != [[0; 2]; 2] {
        let mut dims = shape_of(x)?.dims().to_vec();
        let mut before = [0; RANK];
        let sides = [high, wide];
        for axis in 0..dimensions {
            dims[axis + 1] = sides[axis] as u32;
            before[RANK - dims.len() + axis + 1] = pairs[axis][0];
        }
        let missing = || Refusal::shape("operand 0 is missing");
        let from = value.ok_or_else(missing)?;
        let to = part(cx, from, &dims)?;
        let attrs = pad_op::Attrs { before, value: zero_bytes(cx, x)? };
        let inputs = vec![Some(from)];
        cx.emit_to(OpCode::Pad, Variant::Any, inputs, vec![to], &attrs.encode(), 0);
        value = Some(to);
    }
    let row = (wide * c) as isize;
    let view = View {
        count: [size[0], size[1], n, high / size[0], wide / size[1], c],
        step: [
            row,
            c as isize,
            high as isize * row,
            size[0] as isize * row,
            (size[1] * c) as isize,
            1,
        ],
        start: 0,
    };
    let attrs = smidge::ops::strided_slice::Attrs { view };
    cx.emit(OpCode::SpaceToBatchNd, Variant::Any, vec![value], &attrs.encode())
}

/// The bytes of a real zero.
fn zero_bytes(cx: &NodeCx<'_>, x: &Tensor) -> Result<[u8; 8], Refusal> {
    let mut value = [0; 8];
    if x.dtype == DType::I8 && x.quant.is_some() {
        value[0] = cx.affine(x)?.zero as i8 as u8;
    }
    Ok(value)
}

pub(super) fn batch_to_space(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let Blocks { size, pairs } = blocks(cx)?;
    let dimensions = cx.integers(1, "the block")?.len();
    let [batches, h, w, c] = planes(x, dimensions);
    let n = batches / (size[0] * size[1]).max(1);
    if n * size[0] * size[1] != batches {
        return Err(Refusal::shape(format!("{batches} images do not divide by {size:?}")));
    }
    let plane = (h * w * c) as isize;
    let batch = n as isize * plane;
    let row = (w * c) as isize;
    let view = View {
        count: [n, h, size[0], w, size[1], c],
        step: [plane, row, size[1] as isize * batch, c as isize, batch, 1],
        start: 0,
    };
    if pairs == [[0; 2]; 2] {
        return emit_walk(cx, OpCode::BatchToSpaceNd, view);
    }
    let missing = || Refusal::shape("operand 0 is missing");
    let from = cx.operand(0)?.ok_or_else(missing)?;
    let [high, wide] = [h * size[0], w * size[1]];
    let whole = [n, high, wide, c].map(|dim| dim as u32);
    let grown = emit_part(cx, OpCode::BatchToSpaceNd, (from, &whole), &view)?;
    let sides = [[n, 0, 0], [high, pairs[0][0], pairs[0][1]], [wide, pairs[1][0], pairs[1][1]]];
    let mut kept = View::whole([1, 1, n, high, wide, c]);
    for (d, [extent, before, after]) in sides.into_iter().enumerate() {
        let left = extent.checked_sub(before + after).filter(|&left| left > 0);
        let left = left.ok_or_else(|| Refusal::shape(format!("crops {pairs:?} leave nothing")))?;
        kept.start += before * kept.step[d + 2] as usize;
        kept.count[d + 2] = left;
    }
    let attrs = smidge::ops::strided_slice::Attrs { view: kept };
    cx.emit(OpCode::Slice, Variant::Any, vec![Some(grown)], &attrs.encode())
}

pub(super) fn gather(cx: &mut NodeCx<'_>, axis: i32, batch_dims: i32) -> Result<(), Refusal> {
    let (x, index) = (cx.input(0)?, cx.input(1)?);
    same_quantization(cx, x)?;
    check_indices(cx, index)?;
    let axis = axis_of(axis.into(), x)?;
    let rank = index.shape.len() as i32;
    let batch = usize::try_from(if batch_dims < 0 { batch_dims + rank } else { batch_dims });
    let batch = batch.ok().filter(|&batch| batch <= axis && batch <= rank as usize);
    let batch = batch.ok_or_else(|| Refusal::shape(format!("{batch_dims} shared dimensions")))?;
    let product = |dims: &[usize]| dims.iter().product::<usize>() as u32;
    let attrs = gather_op::Attrs {
        batch: product(&x.shape[..batch]),
        outer: product(&x.shape[batch..axis]),
        len: x.shape[axis] as u32,
        inner: product(&x.shape[axis + 1..]),
    };
    check_range(index, x.shape[axis])?;
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    cx.emit(OpCode::Gather, Variant::Any, operands, &attrs.encode())
}

fn check_indices(cx: &NodeCx<'_>, index: &Tensor) -> Result<(), Refusal> {
    let known = matches!(index.dtype, DType::I16 | DType::I32 | DType::I64);
    if known { Ok(()) } else { Err(cx.types()) }
}

/// Fails if constant indices name something outside.
fn check_range(index: &Tensor, len: usize) -> Result<(), Refusal> {
    let len = len as i64;
    let outside = index.integers().into_iter().flatten().find(|at| !(-len..len).contains(at));
    match outside {
        Some(at) => Err(Refusal::shape(format!("index {at} of {len} elements"))),
        None => Ok(()),
    }
}

pub(super) fn gather_nd(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let (x, index) = (cx.input(0)?, cx.input(1)?);
    same_quantization(cx, x)?;
    if !matches!(index.dtype, DType::I32 | DType::I64) {
        return Err(cx.types());
    }
    if index.shape.last().is_none_or(|&k| k == 0 || k > x.shape.len()) {
        return Err(Refusal::shape(format!("indices {:?} into {:?}", index.shape, x.shape)));
    }
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    cx.emit(OpCode::GatherNd, Variant::Any, operands, &[])
}

/// SCATTER: rows of a copy are joined with updates.
pub(super) fn scatter(cx: &mut NodeCx<'_>, join: Scatter) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let variant = match x.dtype {
        DType::I8 if join == Scatter::Set => Variant::S8,
        DType::I32 => Variant::S32,
        DType::I64 => Variant::S64,
        DType::F32 => Variant::F32,
        _ => return Err(cx.types()),
    };
    let join = match join {
        Scatter::Set => 0,
        Scatter::Add => 1,
        Scatter::Mul => 2,
        Scatter::Max => 3,
        Scatter::Min => 4,
    };
    let inner = x.shape.last().map_or(1, |&inner| inner as u32);
    let operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?];
    cx.emit(OpCode::Scatter, variant, operands, &scatter_op::Attrs { join, inner }.encode())
}

/// EMBEDDING_LOOKUP: rows of a table, which may be integers for float rows.
pub(super) fn embedding_lookup(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let (ids, table, y) = (cx.input(0)?, cx.input(1)?, cx.output(0)?);
    check_indices(cx, ids)?;
    let Some((&len, rest)) = table.shape.split_first() else {
        return Err(Refusal::shape("the table is a scalar"));
    };
    check_range(ids, len)?;
    let inner = rest.iter().product::<usize>() as u32;
    let attrs = gather_op::Attrs { batch: 1, outer: 1, len: len as u32, inner }.encode();
    let operands = vec![cx.operand(1)?, cx.operand(0)?];
    if table.dtype == y.dtype {
        return cx.emit(OpCode::EmbeddingLookup, Variant::Any, operands, &attrs);
    }
    if table.dtype != DType::I8 || y.dtype != DType::F32 {
        return Err(cx.types());
    }
    let affine = cx.affine(table)?;
    let missing = || Refusal::shape("operand 1 is missing");
    let from = operands[0].ok_or_else(missing)?;
    let rows = part(cx, from, shape_of(y)?.dims())?;
    cx.emit_to(OpCode::EmbeddingLookup, Variant::Any, operands, vec![rows], &attrs, 0);
    let attrs = smidge::ops::dequantize::Attrs { scale: affine.scale, zero: affine.zero };
    cx.emit(OpCode::Dequantize, Variant::F32S8, vec![Some(rows)], &attrs.encode())
}

/// SELECT or SELECT_V2. The older one's condition may have one element for each first index.
pub(super) fn select(cx: &mut NodeCx<'_>, older: bool) -> Result<(), Refusal> {
    let condition = cx.expect(0, DType::Bool)?;
    let dtype = cx.input(1)?.dtype;
    cx.expect(2, dtype)?;
    same_quantization(cx, cx.input(1)?)?;
    same_quantization(cx, cx.input(2)?)?;
    let mut operands = vec![cx.operand(0)?, cx.operand(1)?, cx.operand(2)?];
    let shape = &cx.output(0)?.shape;
    if older && condition.shape.len() == 1 && shape.len() > 1 {
        let mut dims = vec![1; shape.len()];
        dims[0] = condition.shape[0] as u32;
        let missing = || Refusal::shape("operand 0 is missing");
        let from = operands[0].ok_or_else(missing)?;
        let column = part(cx, from, &dims)?;
        cx.emit_to(OpCode::Reshape, Variant::Any, vec![Some(from)], vec![column], &[], 0);
        operands[0] = Some(column);
    }
    cx.emit(OpCode::SelectV2, Variant::Any, operands, &[])
}

pub(super) fn cast(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let types = [cx.input(0)?.dtype, cx.output(0)?.dtype];
    if types.contains(&DType::I4) {
        return Err(cx.types());
    }
    let wide = types.iter().any(|dtype| matches!(dtype, DType::F16 | DType::F64));
    cast_values(cx, if wide { Variant::F64 } else { Variant::Any })
}
