//! Small steps that many operators become: each is folded where its operands are constants.

use smidge_graph::op::{AddSub, Binary, Reshape, StridedSlice};
use smidge_graph::{Activation, DType, Op, Quantization, TensorId};

use super::Constant;
use super::node::{NodeCx, Refusal, Result};
use super::ops::converted;

/// The shape that several broadcast to.
pub(super) fn broadcast(shapes: &[&[usize]]) -> Result<Vec<usize>> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut result = vec![1; rank];
    for shape in shapes {
        for (to, &from) in result.iter_mut().rev().zip(shape.iter().rev()) {
            if *to != from && *to != 1 && from != 1 {
                return Err(format!("has operands of shapes {shapes:?}").into());
            }
            *to = if *to == 1 { from } else { *to };
        }
    }
    Ok(result)
}

/// Distances between neighbours along each axis, in elements.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// For each element of a result of this shape, in order: the position of its source, at `start` and
/// in steps of `steps` along each axis.
fn positions(shape: &[usize], start: usize, steps: &[isize]) -> Vec<usize> {
    let mut positions = vec![start];
    for (&extent, &step) in shape.iter().zip(steps) {
        positions = positions
            .iter()
            .flat_map(|&base| (0..extent).map(move |i| base.wrapping_add_signed(i as isize * step)))
            .collect();
    }
    positions
}

impl NodeCx<'_, '_> {
    /// A constant whose elements are those of another at these positions.
    fn picked(&mut self, x: TensorId, shape: Vec<usize>, from: &[usize]) -> Option<TensorId> {
        let tensor = self.tensor(x);
        let size = tensor.dtype.bits().filter(|bits| bits % 8 == 0)? / 8;
        let source = tensor.data.clone()?;
        let quant = tensor.quant.clone();
        let dtype = tensor.dtype;
        let mut data = Vec::with_capacity(from.len() * size);
        for &at in from {
            data.extend_from_slice(source.get(at * size..(at + 1) * size)?);
        }
        let id = self.constant(Constant { dtype, shape, data });
        // Scales along an axis would have to move with it: weights are transposed before.
        self.importer.graph.tensor_mut(id).quant = quant.filter(|quant| quant.axis.is_none());
        Some(id)
    }

    /// The integers that a tensor is dequantized from, if they are constant: weights of a quantized
    /// network. What moves elements moves those.
    fn integers_of(&self, x: TensorId) -> Option<TensorId> {
        let mut nodes = self.importer.graph.nodes.iter().rev();
        let producer = nodes.find(|node| node.outputs == [x])?;
        let source = producer.input(0).filter(|_| matches!(producer.op, Op::Dequantize))?;
        self.tensor(source).is_constant().then_some(source)
    }

    /// Whether a tensor is a constant, quantized or not.
    pub fn is_known(&self, x: TensorId) -> bool {
        self.tensor(x).is_constant() || self.integers_of(x).is_some()
    }

    /// The real numbers of integers, whose scales are now along this axis.
    fn dequantized(
        &mut self,
        moved: TensorId,
        quant: Option<Quantization>,
        axis: Option<usize>,
    ) -> Result<TensorId> {
        let quant = quant.map(|quant| Quantization { axis, ..quant });
        self.importer.graph.tensor_mut(moved).quant = quant;
        let shape = self.shape(moved);
        self.emit(Op::Dequantize, &[moved], DType::F32, shape)
    }

    /// The same elements in another shape.
    pub fn reshape(&mut self, x: TensorId, shape: &[usize]) -> Result<TensorId> {
        let tensor = self.tensor(x);
        if tensor.shape == shape {
            return Ok(x);
        }
        let tensor = tensor.clone();
        if tensor.element_count() != shape.iter().product::<usize>() {
            return Err(format!("reshapes {:?} to {shape:?}", tensor.shape).into());
        }
        let (dtype, quant) = (tensor.dtype, tensor.quant.clone());
        if let Some(integers) = self.integers_of(x) {
            let quant = self.tensor(integers).quant.clone();
            let axis = quant.as_ref().and_then(|quant| quant.axis);
            let first = self.shape(integers).first().copied();
            if axis.is_none() || axis == Some(0) && shape.first().copied() == first {
                let moved = self.reshape(integers, shape)?;
                return self.dequantized(moved, quant, axis);
            }
        }
        if let Some(data) = tensor.data.clone() {
            let id = self.constant(Constant { dtype, shape: shape.to_vec(), data: data.to_vec() });
            self.importer.graph.tensor_mut(id).quant = quant.filter(|quant| quant.axis.is_none());
            return Ok(id);
        }
        let op = Op::Reshape(Reshape { new_shape: None });
        self.same(op, &[x], shape.to_vec(), quant, dtype)
    }

    /// A node whose result has the type and the quantization of its operand.
    fn same(
        &mut self,
        op: Op,
        inputs: &[TensorId],
        shape: Vec<usize>,
        quant: Option<Quantization>,
        dtype: DType,
    ) -> Result<TensorId> {
        match quant {
            Some(quant) => self.emit_quantized(op, inputs, dtype, shape, quant),
            None => self.emit(op, inputs, dtype, shape),
        }
    }

    /// Another order of axes: axis `i` of the result is axis `order[i]` of `x`.
    pub fn transpose(&mut self, x: TensorId, order: &[usize]) -> Result<TensorId> {
        let tensor = self.tensor(x);
        let (dtype, quant, source) = (tensor.dtype, tensor.quant.clone(), tensor.shape.clone());
        if order.is_sorted() {
            return Ok(x);
        }
        let shape: Vec<_> = order.iter().map(|&axis| source[axis]).collect();
        if let Some(integers) = self.integers_of(x) {
            let quant = self.tensor(integers).quant.clone();
            let axis = quant.as_ref().and_then(|quant| quant.axis);
            let axis = axis.and_then(|axis| order.iter().position(|&own| own == axis));
            let moved = self.transpose(integers, order)?;
            return self.dequantized(moved, quant, axis);
        }
        if tensor.is_constant() {
            let own = strides(&source);
            let steps: Vec<_> = order.iter().map(|&axis| own[axis] as isize).collect();
            let from = positions(&shape, 0, &steps);
            return self.picked(x, shape, &from).ok_or_else(|| "moves packed elements".into());
        }
        let entries: Vec<_> = order.iter().map(|&axis| axis as i64).collect();
        let order = self.list(&[entries.len()], &entries)?;
        self.same(Op::Transpose, &[x, order], shape, quant, dtype)
    }

    /// A box of `x`: for each axis first element, step and number of elements.
    pub fn slice(&mut self, x: TensorId, ranges: &[(usize, isize, usize)]) -> Result<TensorId> {
        let tensor = self.tensor(x);
        let (dtype, quant, source) = (tensor.dtype, tensor.quant.clone(), tensor.shape.clone());
        let shape: Vec<_> = ranges.iter().map(|&(_, _, count)| count).collect();
        if shape == source && ranges.iter().all(|&(begin, step, _)| begin == 0 && step == 1) {
            return Ok(x);
        }
        if tensor.is_constant() {
            let own = strides(&source);
            let start = ranges.iter().zip(&own).map(|(range, own)| range.0 * own).sum();
            let steps: Vec<_> =
                ranges.iter().zip(&own).map(|(range, &own)| range.1 * own as isize).collect();
            let from = positions(&shape, start, &steps);
            return self.picked(x, shape, &from).ok_or_else(|| "cuts packed elements".into());
        }
        let list = |of: &dyn Fn(&(usize, isize, usize)) -> i64| -> Vec<i64> {
            ranges.iter().map(of).collect()
        };
        let rank = ranges.len();
        let begins = self.list(&[rank], &list(&|range| range.0 as i64))?;
        if ranges.iter().all(|range| range.1 == 1) {
            let sizes = self.list(&[rank], &list(&|range| range.2 as i64))?;
            return self.same(Op::Slice, &[x, begins, sizes], shape, quant, dtype);
        }
        // An end below zero would count from the other end: there the mask says "to the end".
        let end = |range: &(usize, isize, usize)| range.0 as i64 + range.1 as i64 * range.2 as i64;
        let mut end_mask = 0u32;
        for (axis, range) in ranges.iter().enumerate() {
            end_mask |= u32::from(end(range) < 0) << axis;
        }
        let ends = self.list(&[rank], &list(&|range| end(range).max(0)))?;
        let steps = self.list(&[rank], &list(&|range| range.1 as i64))?;
        let op = Op::StridedSlice(StridedSlice { end_mask, ..StridedSlice::default() });
        self.same(op, &[x, begins, ends, steps], shape, quant, dtype)
    }

    /// Tensors one behind the other along an axis.
    pub fn concat(&mut self, parts: &[TensorId], axis: usize) -> Result<TensorId> {
        let first = *parts.first().ok_or("joins nothing")?;
        let mut shape = self.shape(first);
        let dtype = self.dtype(first);
        let extents: Vec<_> = parts.iter().map(|&part| self.shape(part)[axis]).collect();
        shape[axis] = extents.iter().sum();
        let constants: Option<Vec<_>> =
            parts.iter().map(|&part| self.tensor(part).data.clone()).collect();
        if let (Some(parts), Some(0)) = (constants, dtype.bits().map(|bits| bits % 8)) {
            let inner: usize =
                shape[axis + 1..].iter().product::<usize>() * dtype.bits().unwrap_or(8) / 8;
            let outer: usize = shape[..axis].iter().product();
            let mut data = Vec::new();
            for row in 0..outer {
                for (part, extent) in parts.iter().zip(&extents) {
                    let len = extent * inner;
                    data.extend_from_slice(&part[row * len..(row + 1) * len]);
                }
            }
            return Ok(self.constant(Constant { dtype, shape, data }));
        }
        let quant = self.tensor(first).quant.clone();
        let axis = axis as i32;
        let op = Op::Concatenation { axis, activation: Activation::None };
        self.same(op, parts, shape, quant, dtype)
    }

    /// Zeros, or another value, around `x`: (before, after) for each axis.
    pub fn pad(&mut self, x: TensorId, pads: &[(usize, usize)], value: &[u8]) -> Result<TensorId> {
        if pads.iter().all(|&pad| pad == (0, 0)) {
            return Ok(x);
        }
        let tensor = self.tensor(x);
        let (dtype, quant) = (tensor.dtype, tensor.quant.clone());
        let shape: Vec<_> =
            tensor.shape.iter().zip(pads).map(|(dim, pad)| pad.0 + dim + pad.1).collect();
        let list: Vec<_> = pads.iter().flat_map(|pad| [pad.0 as i64, pad.1 as i64]).collect();
        let list = self.list(&[pads.len(), 2], &list)?;
        if value.iter().all(|&byte| byte == 0) {
            return self.same(Op::Pad, &[x, list], shape, quant, dtype);
        }
        let value = self.constant(Constant { dtype, shape: vec![], data: value.to_vec() });
        self.same(Op::PadV2, &[x, list, value], shape, quant, dtype)
    }

    /// `a + b`, broadcast.
    pub fn add(&mut self, a: TensorId, b: TensorId) -> Result<TensorId> {
        self.binary(Op::Add(AddSub::default()), a, b)
    }

    /// `a * b`, broadcast.
    pub fn mul(&mut self, a: TensorId, b: TensorId) -> Result<TensorId> {
        self.binary(Op::Mul { activation: Activation::None }, a, b)
    }

    /// A function of two tensors of one type, broadcast.
    pub fn binary(&mut self, op: Op, a: TensorId, b: TensorId) -> Result<TensorId> {
        let shape = broadcast(&[&self.shape(a), &self.shape(b)])?;
        let dtype = self.dtype(a);
        if dtype != self.dtype(b) {
            return Err(format!("has operands of types {dtype} and {}", self.dtype(b)).into());
        }
        if !self.is_narrow(a, &op) {
            return self.emit(op, &[a, b], dtype, shape);
        }
        // Devices compute 32-bit integers; what does not fit into fewer bits wraps in both.
        let (a, b) = (converted(self, a, DType::I32)?, converted(self, b, DType::I32)?);
        let y = self.emit(op, &[a, b], DType::I32, shape)?;
        converted(self, y, dtype)
    }

    /// Whether plain integers of this type have no arithmetic of their own.
    fn is_narrow(&self, x: TensorId, op: &Op) -> bool {
        let tensor = self.tensor(x);
        let logical = matches!(op, Op::Binary(Binary::LogicalAnd | Binary::LogicalOr));
        match tensor.dtype {
            DType::U8 | DType::I8 | DType::I16 | DType::U16 => tensor.quant.is_none(),
            DType::I64 => !matches!(op, Op::Binary(Binary::FloorMod)),
            DType::Bool => !logical && !matches!(op, Op::Binary(Binary::NotEqual)),
            _ => false,
        }
    }

    /// A function of each element.
    pub fn unary(&mut self, op: Op, x: TensorId) -> Result<TensorId> {
        let (dtype, shape) = (self.dtype(x), self.shape(x));
        self.emit(op, &[x], dtype, shape)
    }

    /// A constant of one float.
    pub fn number(&mut self, value: f32) -> TensorId {
        self.floats_constant(&[], &[value])
    }

    /// From `[N, C, ...]` to `[N, ..., C]`.
    pub fn channels_last(&mut self, x: TensorId) -> Result<TensorId> {
        let rank = self.shape(x).len();
        let order: Vec<_> = [0].into_iter().chain(2..rank).chain([1]).collect();
        self.transpose(x, &order)
    }

    /// From `[N, ..., C]` to `[N, C, ...]`.
    pub fn channels_first(&mut self, x: TensorId) -> Result<TensorId> {
        let rank = self.shape(x).len();
        let order: Vec<_> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
        self.transpose(x, &order)
    }

    /// Fails unless the tensor is of a type that takes part in arithmetic.
    pub fn expect_float(&self, x: TensorId) -> Result<()> {
        match self.dtype(x) {
            DType::F32 => Ok(()),
            other => Err(Refusal::Reason(format!("has an operand of type {other}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_broadcast_from_the_right() {
        assert_eq!(broadcast(&[&[3, 1, 5], &[4, 1]]).unwrap(), [3, 4, 5]);
        assert_eq!(broadcast(&[&[], &[2]]).unwrap(), [2]);
        assert!(broadcast(&[&[2], &[3]]).is_err());
    }

    #[test]
    fn positions_of_a_transposed_matrix() {
        assert_eq!(strides(&[2, 3]), [3, 1]);
        assert_eq!(positions(&[3, 2], 0, &[1, 3]), [0, 3, 1, 4, 2, 5]);
        assert_eq!(positions(&[3], 2, &[-1]), [2, 1, 0]);
    }
}
