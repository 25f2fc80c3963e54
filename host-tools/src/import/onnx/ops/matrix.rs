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
    let y = if shape_b.len() == 2 && cx.is_known(b) {
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

/// Einstein sums of one or two tensors: products over letters that both have, sums over letters that
/// the result does not have. A letter twice in one operand (a diagonal) is not supported.
pub(super) fn einsum(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let equation: String = cx.text("equation", "")?.split_whitespace().collect();
    let (left, given) = match equation.split_once("->") {
        Some((left, right)) => (left.to_owned(), Some(right.to_owned())),
        None => (equation.clone(), None),
    };
    let terms: Vec<Vec<char>> = left.split(',').map(|term| term.chars().collect()).collect();
    let operands = cx.inputs()?;
    let result: Vec<char> = match given {
        Some(right) => right.chars().collect(),
        None => {
            let all: Vec<char> = terms.concat();
            let once = |letter: &char| all.iter().filter(|other| *other == letter).count() == 1;
            let mut once: Vec<_> = all.iter().copied().filter(once).collect();
            once.sort_unstable();
            once
        }
    };
    let letters = terms.iter().flatten().chain(&result).all(char::is_ascii_alphabetic);
    let unique = |term: &Vec<char>| (1..term.len()).all(|i| !term[..i].contains(&term[i]));
    if !letters || !terms.iter().all(unique) || terms.len() != operands.len() {
        return Err(format!("has the equation {equation}, which is not supported").into());
    }
    match (operands.as_slice(), terms.as_slice()) {
        (&[x], [term]) => settled(cx, x, term, &result, &equation),
        (&[a, b], [first, second]) => {
            let (a, first) = summed(cx, a, first, |l| second.contains(&l) || result.contains(&l))?;
            let (b, second) = summed(cx, b, second, |l| first.contains(&l) || result.contains(&l))?;
            contracted(cx, [a, b], [&first, &second], &result, &equation)
        }
        _ => Err(format!("joins {} tensors; two are supported", operands.len()).into()),
    }
}

/// Sums over the letters that are not kept.
fn summed(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    term: &[char],
    keep: impl Fn(char) -> bool,
) -> Result<(TensorId, Vec<char>)> {
    if cx.shape(x).len() != term.len() {
        return Err(format!("has an operand of {} axes for {term:?}", cx.shape(x).len()).into());
    }
    let axes: Vec<_> = (0..term.len()).filter(|&axis| !keep(term[axis])).collect();
    if axes.is_empty() {
        return Ok((x, term.to_vec()));
    }
    let kind = smidge_graph::op::Reduction::Sum;
    let y = super::reduce::along(cx, x, &axes, false, |keep_dims| Op::Reduce { kind, keep_dims })?;
    Ok((y, term.iter().copied().filter(|&letter| keep(letter)).collect()))
}

/// One tensor summed and in the result's order.
fn settled(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    term: &[char],
    result: &[char],
    equation: &str,
) -> Result<TensorId> {
    let (x, term) = summed(cx, x, term, |letter| result.contains(&letter))?;
    let order: Option<Vec<_>> =
        result.iter().map(|letter| term.iter().position(|own| own == letter)).collect();
    let order = order.filter(|order| order.len() == term.len());
    let order = order.ok_or_else(|| format!("has the equation {equation}"))?;
    cx.transpose(x, &order)
}

/// Two tensors as stacks of matrices: letters of both that stay, letters of one, letters of both
/// that are summed.
fn contracted(
    cx: &mut NodeCx<'_, '_>,
    operands: [TensorId; 2],
    terms: [&[char]; 2],
    result: &[char],
    equation: &str,
) -> Result<TensorId> {
    let [a, b] = operands;
    let [first, second] = terms;
    let pick = |term: &[char], test: &dyn Fn(char) -> bool| -> Vec<char> {
        term.iter().copied().filter(|&letter| test(letter)).collect()
    };
    let stack = pick(first, &|l| second.contains(&l) && result.contains(&l));
    let inner = pick(first, &|l| second.contains(&l) && !result.contains(&l));
    let rows = pick(first, &|l| !second.contains(&l));
    let columns = pick(second, &|l| !first.contains(&l));
    let size = |cx: &NodeCx<'_, '_>, x: TensorId, term: &[char], letters: &[char]| -> Vec<usize> {
        let shape = cx.shape(x);
        let at = |letter: &char| term.iter().position(|own| own == letter).map(|at| shape[at]);
        letters.iter().filter_map(at).collect()
    };
    let (stack_size, inner_size) = (size(cx, a, first, &stack), size(cx, a, first, &inner));
    let (row_size, column_size) = (size(cx, a, first, &rows), size(cx, b, second, &columns));
    if size(cx, b, second, &stack) != stack_size || size(cx, b, second, &inner) != inner_size {
        return Err(format!("has the equation {equation} for other shapes").into());
    }
    let a = settled(cx, a, first, &[&stack[..], &rows, &inner].concat(), equation)?;
    let b = settled(cx, b, second, &[&stack[..], &inner, &columns].concat(), equation)?;
    let product_of = |sizes: &[usize]| sizes.iter().product::<usize>();
    let (s, k) = (product_of(&stack_size), product_of(&inner_size));
    let (m, n) = (product_of(&row_size), product_of(&column_size));
    let a = cx.reshape(a, &[s, m, k])?;
    let b = cx.reshape(b, &[s, k, n])?;
    let y = product(cx, a, b)?;
    let y = cx.reshape(y, &[&stack_size[..], &row_size, &column_size].concat())?;
    settled(cx, y, &[&stack[..], &rows, &columns].concat(), result, equation)
}
