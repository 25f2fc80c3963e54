//! Operators that only move elements: every one becomes a box or a walk.

use super::node::{NodeCx, shape_of};
use super::program::{Value, ValueId};
use super::reduce::axis_of;
use super::refusal::Refusal;
use super::unary::requantization;
use smidge::ops::{concatenation as concatenation_op, pad as pad_op, strided_slice as slice_op};
use smidge::{OpCode, Variant};
use smidge_graph::op::StridedSlice;
use smidge_graph::{Activation, DType, Tensor};
use smidge_kernels::scalar::copy::{RANK, View};
use smidge_quant::table::{self, Affine};

pub(super) fn reshape(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    same_quantization(cx, cx.input(0)?)?;
    let x = cx.operand(0)?;
    cx.emit(code, Variant::Any, vec![x], &[])
}

/// Moved integers keep their meaning only if scale and zero point stay.
pub(super) fn same_quantization(cx: &NodeCx<'_>, x: &Tensor) -> Result<(), Refusal> {
    let y = cx.output(0)?;
    if x.quant.is_none() || y.quant.is_none() {
        return Ok(());
    }
    let same = match x.dtype {
        DType::I8 => cx.affine(x)? == cx.affine(y)?,
        DType::I16 => cx.symmetric(x)? == cx.symmetric(y)?,
        _ => true,
    };
    if same { Ok(()) } else { Err(Refusal::quantization("input and output have other scales")) }
}

/// Where dimension 0 of a tensor is among the padded ones.
pub(super) fn padding(x: &Tensor) -> Result<usize, Refusal> {
    Ok(RANK - shape_of(x)?.rank())
}

/// PAD or PADV2.
pub(super) fn pad(cx: &mut NodeCx<'_>, code: OpCode) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    same_quantization(cx, x)?;
    let paddings = cx.integers(1, "the list of paddings")?;
    if paddings.len() != 2 * x.shape.len() || paddings.iter().any(|&p| p < 0) {
        return Err(Refusal::shape(format!("paddings {paddings:?} of {:?}", x.shape)));
    }
    let mut before = [0; RANK];
    for (to, pair) in before[padding(x)?..].iter_mut().zip(paddings.chunks_exact(2)) {
        *to = u32::try_from(pair[0]).map_err(|_| Refusal::shape("padding too large"))? as usize;
    }
    let attrs = pad_op::Attrs { before, value: padding_value(cx, code)? };
    let operand = cx.operand(0)?;
    cx.emit(code, Variant::Any, vec![operand], &attrs.encode())
}

/// The bytes of the padding value: the given one, the zero point, or zero.
fn padding_value(cx: &NodeCx<'_>, code: OpCode) -> Result<[u8; 8], Refusal> {
    let mut value = [0; 8];
    if code == OpCode::PadV2 {
        let given = cx.input(2)?;
        let data = given.data.as_deref().ok_or_else(|| Refusal::not_constant("the value"))?;
        if given.dtype != cx.input(0)?.dtype || data.len() > value.len() {
            return Err(cx.types());
        }
        value[..data.len()].copy_from_slice(data);
    } else if cx.input(0)?.dtype == DType::I8 && cx.output(0)?.quant.is_some() {
        value[0] = cx.affine(cx.output(0)?)?.zero as i8 as u8;
    }
    Ok(value)
}

pub(super) fn concatenation(
    cx: &mut NodeCx<'_>,
    axis: i32,
    activation: Activation,
) -> Result<(), Refusal> {
    if activation != Activation::None {
        return Err(Refusal::attribute(
            format!("fused activation {} is not supported", activation.name()),
            "put the activation into an operator of its own",
        ));
    }
    let y = cx.output(0)?;
    let axis = axis_of(axis.into(), y)? as u8;
    let mut operands = Vec::new();
    for index in 0..cx.node.inputs.len() {
        operands.push(Some(rescaled(cx, index, y)?));
    }
    let attrs = concatenation_op::Attrs { axis };
    cx.emit(OpCode::Concatenation, Variant::Any, operands, &attrs.encode())
}

/// Input `index`, brought to the scale and zero point of `y` where they differ.
fn rescaled(cx: &mut NodeCx<'_>, index: usize, y: &Tensor) -> Result<ValueId, Refusal> {
    let x = cx.input(index)?;
    let missing = || Refusal::shape(format!("operand {index} is missing"));
    let operand = cx.operand(index)?.ok_or_else(missing)?;
    if x.dtype == DType::I16 {
        same_quantization(cx, x)?;
    }
    if x.dtype != DType::I8 || x.quant.is_none() {
        return Ok(operand);
    }
    let (input, output) = (cx.affine(x)?, cx.affine(y)?);
    if input == output {
        return Ok(operand);
    }
    let unsigned = x.source_dtype == DType::U8;
    let entries =
        if unsigned { scaled_bytes(input, output) } else { requantization(input, output) };
    let table = cx.table(&entries);
    let value = cx.program.add(Value {
        name: format!("{}/{index}", cx.node.name),
        source: None,
        quant: y.quant.clone(),
        data: None,
        state: None,
        ..cx.program.values[operand].clone()
    });
    cx.emit_to(
        OpCode::Quantize,
        Variant::S8,
        vec![Some(operand), Some(table)],
        vec![value],
        &[],
        0,
    );
    Ok(value)
}

/// The table of the reference kernel for unsigned bytes of another scale, computed in single
/// precision on values raised by 128.
fn scaled_bytes(input: Affine, output: Affine) -> Vec<i8> {
    let inverse = 1.0 / output.scale;
    let scale = input.scale * inverse;
    let bias = -((input.zero + 128) as f32) * scale;
    table::of_s8(|x| {
        let value = ((x + 128) as f32 * scale + bias).round() as i32 + output.zero + 128;
        value.clamp(0, 255) - 128
    })
}

pub(super) fn split(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(1)?;
    same_quantization(cx, x)?;
    let axis = match cx.integers(0, "the axis")?.as_slice() {
        &[axis] => axis_of(axis, x)? as u8,
        axes => return Err(Refusal::shape(format!("axis {axes:?}"))),
    };
    let operand = cx.operand(1)?;
    let attrs = concatenation_op::Attrs { axis };
    cx.emit(OpCode::Split, Variant::Any, vec![operand], &attrs.encode())
}

/// Emits a walk over input 0.
pub(super) fn emit_walk(cx: &mut NodeCx<'_>, code: OpCode, view: View) -> Result<(), Refusal> {
    emit_walk_from(cx, code, 0, view)
}

/// Emits a walk over an input.
pub(super) fn emit_walk_from(
    cx: &mut NodeCx<'_>,
    code: OpCode,
    index: usize,
    view: View,
) -> Result<(), Refusal> {
    let (x, y) = (cx.input(index)?, cx.output(0)?);
    same_quantization(cx, x)?;
    let elements = shape_of(y)?.elements();
    if view.elements() != Some(elements) || !view.is_inside(shape_of(x)?.elements()) {
        return Err(Refusal::shape(format!("{:?} does not give {:?}", x.shape, y.shape)));
    }
    let operand = cx.operand(index)?;
    let attrs = slice_op::Attrs { view };
    cx.emit(code, Variant::Any, vec![operand], &attrs.encode())
}

pub(super) fn slice(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let begin = cx.integers(1, "the start")?;
    let size = cx.integers(2, "the size")?;
    if begin.len() != x.shape.len() || size.len() != x.shape.len() {
        return Err(Refusal::shape(format!("{begin:?} and {size:?} of {:?}", x.shape)));
    }
    let ranges = begin.iter().zip(&size).zip(&x.shape).map(|((&begin, &size), &dim)| {
        let size = if size == -1 { (dim as i64).saturating_sub(begin) } else { size };
        Range { begin, step: 1, count: size }
    });
    let view = walk(x, &ranges.collect::<Vec<_>>())?;
    emit_walk(cx, OpCode::Slice, view)
}

pub(super) fn transpose(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let order = cx.integers(1, "the order of dimensions")?;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..x.shape.len() as i64).collect::<Vec<_>>() {
        return Err(Refusal::shape(format!("{order:?} is no order of {:?}", x.shape)));
    }
    let whole = View::whole(shape_of(x)?.padded());
    let padding = padding(x)?;
    let mut view = whole;
    for (to, &from) in order.iter().enumerate() {
        view.count[padding + to] = whole.count[padding + from as usize];
        view.step[padding + to] = whole.step[padding + from as usize];
    }
    emit_walk(cx, OpCode::Transpose, view)
}

/// Part of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    begin: i64,
    step: i64,
    count: i64,
}

/// The walk over a range of each dimension of `x`.
fn walk(x: &Tensor, ranges: &[Range]) -> Result<View, Refusal> {
    let padding = padding(x)?;
    let mut view = View::whole(shape_of(x)?.padded());
    let mut start = 0i64;
    for (axis, (range, &dim)) in ranges.iter().zip(&x.shape).enumerate() {
        let Range { begin, step, count } = *range;
        let last = count.checked_sub(1).and_then(|n| n.checked_mul(step)?.checked_add(begin));
        let inside = |at: i64| (0..dim as i64).contains(&at);
        if count < 1 || !inside(begin) || !last.is_some_and(inside) {
            return Err(Refusal::shape(format!("{range:?} of a dimension of {dim}")));
        }
        let at = padding + axis;
        start += begin * view.step[at] as i64;
        view.count[at] = count as usize;
        view.step[at] *= step as isize;
    }
    view.start = start as usize;
    Ok(view)
}

pub(super) fn strided_slice(cx: &mut NodeCx<'_>, attrs: &StridedSlice) -> Result<(), Refusal> {
    let x = cx.input(0)?;
    let begin = cx.integers(1, "the start")?;
    let end = cx.integers(2, "the end")?;
    let strides = cx.integers(3, "the list of strides")?;
    if begin.len() != end.len() || begin.len() != strides.len() {
        return Err(Refusal::shape("start, end and strides have other lengths"));
    }
    let spec = Spec { begin: &begin, end: &end, strides: &strides, attrs };
    let view = walk(x, &spec.ranges(&x.shape)?)?;
    emit_walk(cx, OpCode::StridedSlice, view)
}

/// The operands of STRIDED_SLICE, an entry for each dimension that is named.
struct Spec<'a> {
    begin: &'a [i64],
    end: &'a [i64],
    strides: &'a [i64],
    attrs: &'a StridedSlice,
}

impl Spec<'_> {
    /// The range of each dimension of the input: entries are assigned from the left, an ellipsis
    /// covers what is left over, a new axis covers nothing.
    fn ranges(&self, shape: &[usize]) -> Result<Vec<Range>, Refusal> {
        let has = |mask: u32, entry: usize| entry < 32 && mask >> entry & 1 != 0;
        let entries = self.begin.len();
        let named = (0..entries)
            .filter(|&e| !has(self.attrs.new_axis_mask, e) && !has(self.attrs.ellipsis_mask, e));
        let covered = shape.len().checked_sub(named.count());
        let covered = covered.ok_or_else(|| Refusal::shape("more entries than dimensions"))?;
        let whole = |dim: usize| Range { begin: 0, step: 1, count: dim as i64 };
        let mut ranges = Vec::new();
        for entry in 0..entries {
            if has(self.attrs.ellipsis_mask, entry) {
                let from = ranges.len();
                ranges.extend(shape[from..from + covered].iter().map(|&dim| whole(dim)));
            } else if !has(self.attrs.new_axis_mask, entry) {
                let dim = *shape.get(ranges.len()).ok_or_else(|| Refusal::shape("too many"))?;
                ranges.push(self.range(entry, dim as i64, has)?);
            }
        }
        ranges.extend(shape.iter().skip(ranges.len()).map(|&dim| whole(dim)));
        Ok(ranges)
    }

    /// The range that one entry names in a dimension of `dim` elements: negative positions count
    /// from the end, and positions outside are moved to the border.
    fn range(
        &self,
        entry: usize,
        dim: i64,
        has: impl Fn(u32, usize) -> bool,
    ) -> Result<Range, Refusal> {
        let step = self.strides[entry];
        if step == 0 {
            return Err(Refusal::shape("a stride is zero"));
        }
        let (low, high) = if step > 0 { (0, dim) } else { (-1, dim - 1) };
        let place = |at: i64| (if at < 0 { at + dim } else { at }).clamp(low, high);
        if has(self.attrs.shrink_axis_mask, entry) {
            let at = self.begin[entry];
            return Ok(Range { begin: if at < 0 { at + dim } else { at }, step: 1, count: 1 });
        }
        let first = if step > 0 { low } else { high };
        let last = if step > 0 { high } else { low };
        let begin =
            if has(self.attrs.begin_mask, entry) { first } else { place(self.begin[entry]) };
        let end = match (has(self.attrs.end_mask, entry), self.attrs.offset) {
            (true, _) => last,
            (false, true) => place(begin + self.end[entry]),
            (false, false) => place(self.end[entry]),
        };
        let count = (end - begin + step - step.signum()) / step;
        Ok(Range { begin, step, count: count.max(0) })
    }
}
