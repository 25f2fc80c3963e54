//! Products of matrices.

use smidge_graph::op::{FullyConnected, WeightsFormat};
use smidge_graph::{Activation, DType, Op, TensorId};

use super::super::build::broadcast;
use super::super::node::{NodeCx, Result};

/// `x [.., I] * w [O, I] + bias`, for constant or computed weights.
fn fully_connected(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    w: TensorId,
    bias: Option<TensorId>,
) -> Result<TensorId> {
    let (mut shape, rows) = (cx.shape(x), cx.shape(w)[0]);
    if let Some(last) = shape.last_mut() {
        *last = rows;
    }
    let op = Op::FullyConnected(FullyConnected {
        activation: Activation::None,
        keep_num_dims: shape.len() != 2,
        weights_format: WeightsFormat::Default,
        asymmetric_quantize_inputs: false,
    });
    let operands: Vec<_> = [x, w].into_iter().chain(bias).collect();
    cx.emit(op, &operands, DType::F32, shape)
}

/// A tensor times a number.
fn scaled(cx: &mut NodeCx<'_, '_>, x: TensorId, factor: f32) -> Result<TensorId> {
    if factor == 1.0 {
        return Ok(x);
    }
    if let Some(values) = cx.tensor(x).floats() {
        let shape = cx.shape(x);
        let values: Vec<_> = values.iter().map(|value| value * factor).collect();
        return Ok(cx.floats_constant(&shape, &values));
    }
    let factor = cx.number(factor);
    cx.mul(x, factor)
}

/// `alpha * a * b + beta * c`, where a and b may be transposed.
pub(super) fn gemm(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (alpha, beta) = (cx.float("alpha", 1.0)?, cx.float("beta", 1.0)?);
    let (mut a, mut b, c) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    cx.expect_float(a)?;
    if cx.shape(a).len() != 2 || cx.shape(b).len() != 2 {
        return Err(format!("has operands {:?} and {:?}", cx.shape(a), cx.shape(b)).into());
    }
    if cx.flag("transA", false)? {
        a = cx.transpose(a, &[1, 0])?;
    }
    if !cx.flag("transB", false)? {
        b = cx.transpose(b, &[1, 0])?;
    }
    let (inner, out) = (cx.shape(a)[1], cx.shape(b)[0]);
    if cx.shape(b)[1] != inner {
        return Err(format!("has operands {:?} and {:?}", cx.shape(a), cx.shape(b)).into());
    }
    // The factor goes where it is folded.
    if cx.tensor(b).is_constant() {
        b = scaled(cx, b, alpha)?;
    } else {
        a = scaled(cx, a, alpha)?;
    }
    let Some(c) = c else { return fully_connected(cx, a, b, None) };
    let c = scaled(cx, c, beta)?;
    let shape = cx.shape(c);
    if cx.tensor(c).is_constant()
        && shape.iter().product::<usize>() == out
        && shape.last() == Some(&out)
    {
        let bias = cx.reshape(c, &[out])?;
        return fully_connected(cx, a, b, Some(bias));
    }
    let product = fully_connected(cx, a, b, None)?;
    cx.add(product, c)
}

pub(super) fn mat_mul(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    cx.expect_float(a)?;
    product(cx, a, b)
}

/// The product of stacks of matrices, as NumPy's `matmul`.
pub(super) fn product(cx: &mut NodeCx<'_, '_>, a: TensorId, b: TensorId) -> Result<TensorId> {
    let (left, right) = (cx.shape(a), cx.shape(b));
    if left.is_empty() || right.is_empty() {
        return Err("multiplies a scalar".into());
    }
    // A vector is a matrix of one row or column, which the result does not have.
    let a = if left.len() == 1 { cx.reshape(a, &[1, left[0]])? } else { a };
    let b = if right.len() == 1 { cx.reshape(b, &[right[0], 1])? } else { b };
    let (shape_a, shape_b) = (cx.shape(a), cx.shape(b));
    let (rows, inner) = (shape_a[shape_a.len() - 2], shape_a[shape_a.len() - 1]);
    let columns = shape_b[shape_b.len() - 1];
    if shape_b[shape_b.len() - 2] != inner {
        return Err(format!("has operands {left:?} and {right:?}").into());
    }
    let y = if shape_b.len() == 2 && cx.tensor(b).is_constant() {
        let w = cx.transpose(b, &[1, 0])?;
        fully_connected(cx, a, w, None)?
    } else {
        let (stack_a, stack_b) = (&shape_a[..shape_a.len() - 2], &shape_b[..shape_b.len() - 2]);
        let mut shape = broadcast(&[stack_a, stack_b])?;
        shape.extend([rows, columns]);
        let dtype = cx.dtype(a);
        cx.emit(Op::BatchMatMul { adj_x: false, adj_y: false }, &[a, b], dtype, shape)?
    };
    let mut shape = cx.shape(y);
    if right.len() == 1 {
        shape.pop();
    }
    if left.len() == 1 {
        let at = shape.len() - if right.len() == 1 { 1 } else { 2 };
        shape.remove(at);
    }
    cx.reshape(y, &shape)
}
