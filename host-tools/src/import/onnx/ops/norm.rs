//! Normalization.

use smidge_graph::op::{AddSub, Binary, Unary};
use smidge_graph::{Activation, Op, TensorId};

use super::super::node::{NodeCx, Result};
use super::elementwise::pair;
use super::reduce::along;

/// A list of one number per channel, in the shape that broadcasts over `[N, C, ...]`.
fn per_channel(cx: &mut NodeCx<'_, '_>, list: TensorId, rank: usize) -> Result<TensorId> {
    let mut shape = vec![1; rank];
    let channels = cx.tensor(list).element_count();
    *shape.get_mut(1).ok_or("has an operand without channels")? = channels;
    cx.reshape(list, &shape)
}

/// `(x - mean) / sqrt(variance + epsilon) * scale + bias` with the numbers of the training: one
/// factor and one offset for each channel, which a convolution before it can take in.
pub(super) fn batch(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    if cx.flag("training_mode", false)? || cx.node.output.iter().skip(1).any(|o| !o.is_empty()) {
        return Err("is in training mode; export the model for inference".into());
    }
    let x = cx.input(0)?;
    let epsilon = cx.float("epsilon", 1e-5)?;
    let numbers: Option<Vec<_>> = (1..5)
        .map(|index| cx.input(index).map(|id| cx.tensor(id).floats()))
        .collect::<Result<_>>()?;
    let rank = cx.shape(x).len();
    let Some([scale, bias, mean, variance]) = numbers.and_then(|n| <[_; 4]>::try_from(n).ok())
    else {
        return computed_batch(cx, x, epsilon);
    };
    let count = scale.len();
    if [&bias, &mean, &variance].iter().any(|list| list.len() != count) {
        return Err("has lists of other lengths".into());
    }
    let factors: Vec<_> =
        scale.iter().zip(&variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
    let offsets: Vec<_> =
        bias.iter().zip(&mean).zip(&factors).map(|((b, m), f)| b - m * f).collect();
    let factors = cx.floats_constant(&[count], &factors);
    let offsets = cx.floats_constant(&[count], &offsets);
    let (factors, offsets) = (per_channel(cx, factors, rank)?, per_channel(cx, offsets, rank)?);
    let y = cx.mul(x, factors)?;
    cx.add(y, offsets)
}

/// The same where the numbers come in at run time.
fn computed_batch(cx: &mut NodeCx<'_, '_>, x: TensorId, epsilon: f32) -> Result<TensorId> {
    let rank = cx.shape(x).len();
    let mut lists = Vec::new();
    for index in 1..5 {
        let list = cx.input(index)?;
        lists.push(per_channel(cx, list, rank)?);
    }
    let &[scale, bias, mean, variance] = lists.as_slice() else {
        return Err("lacks operands".into());
    };
    let centred = cx.binary(Op::Sub(AddSub::default()), x, mean)?;
    let y = divided(cx, centred, variance, epsilon)?;
    let y = cx.mul(y, scale)?;
    cx.add(y, bias)
}

/// `x / sqrt(variance + epsilon)`.
fn divided(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    variance: TensorId,
    epsilon: f32,
) -> Result<TensorId> {
    let epsilon = cx.number(epsilon);
    let sum = cx.add(variance, epsilon)?;
    let deviation = cx.unary(Op::Unary(Unary::Sqrt), sum)?;
    pair(cx, Binary::Div(Activation::None), x, deviation)
}

/// `x` with mean 0 and variance 1 along axes.
pub(super) fn standardized(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    axes: &[usize],
    epsilon: f32,
) -> Result<TensorId> {
    let mean = |keep_dims| Op::Mean { keep_dims };
    let average = along(cx, x, axes, true, mean)?;
    let centred = cx.binary(Op::Sub(AddSub::default()), x, average)?;
    let squares = cx.mul(centred, centred)?;
    let variance = along(cx, squares, axes, true, mean)?;
    divided(cx, centred, variance, epsilon)
}

pub(super) fn instance(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, scale, bias) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let rank = cx.shape(x).len();
    let axes: Vec<_> = (2..rank).collect();
    let epsilon = cx.float("epsilon", 1e-5)?;
    let y = standardized(cx, x, &axes, epsilon)?;
    let (scale, bias) = (per_channel(cx, scale, rank)?, per_channel(cx, bias, rank)?);
    let y = cx.mul(y, scale)?;
    cx.add(y, bias)
}

/// Scale and bias are one per channel (version 21) or per group (before).
pub(super) fn group(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, scale, bias) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let shape = cx.shape(x);
    let groups = usize::try_from(cx.int("num_groups", 0)?).unwrap_or(0);
    let (&batch, &channels) =
        shape.first().zip(shape.get(1)).ok_or("has an operand without channels")?;
    if groups == 0 || channels % groups != 0 {
        return Err(format!("has {groups} groups of {channels} channels").into());
    }
    let rest = shape[1..].iter().product::<usize>() / groups;
    let grouped = cx.reshape(x, &[batch, groups, rest])?;
    let epsilon = cx.float("epsilon", 1e-5)?;
    let mut y = standardized(cx, grouped, &[2], epsilon)?;
    let per_group = cx.tensor(scale).element_count() == groups && groups != channels;
    let rank = if per_group { 3 } else { shape.len() };
    if !per_group {
        y = cx.reshape(y, &shape)?;
    }
    let (scale, bias) = (per_channel(cx, scale, rank)?, per_channel(cx, bias, rank)?);
    let y = cx.mul(y, scale)?;
    let y = cx.add(y, bias)?;
    cx.reshape(y, &shape)
}

/// Over the last axes, from `axis` on: the result, the mean, and what the deviation is divided by.
pub(super) fn layer(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let (x, scale, bias) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    let rank = cx.shape(x).len();
    let axis = cx.axis(cx.int("axis", -1)?, rank)?;
    let axes: Vec<_> = (axis..rank).collect();
    let epsilon = cx.float("epsilon", 1e-5)?;
    let mean = |keep_dims| Op::Mean { keep_dims };
    let average = along(cx, x, &axes, true, mean)?;
    let centred = cx.binary(Op::Sub(AddSub::default()), x, average)?;
    let squares = cx.mul(centred, centred)?;
    let variance = along(cx, squares, &axes, true, mean)?;
    let y = divided(cx, centred, variance, epsilon)?;
    let mut y = cx.mul(y, scale)?;
    if let Some(bias) = bias {
        y = cx.add(y, bias)?;
    }
    let mut results = vec![y, average];
    if cx.node.output.get(2).is_some_and(|name| !name.is_empty()) {
        let epsilon = cx.number(epsilon);
        let sum = cx.add(variance, epsilon)?;
        results.push(cx.unary(Op::Unary(Unary::Rsqrt), sum)?);
    }
    Ok(results)
}

pub(super) fn local_response(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let size = cx.int("size", 0)?;
    if size < 1 || size % 2 == 0 {
        return Err(format!("looks at {size} channels; an odd number is supported").into());
    }
    let (alpha, beta) = (cx.float("alpha", 1e-4)?, cx.float("beta", 0.75)?);
    let bias = cx.float("bias", 1.0)?;
    let radius = (size as usize - 1) / 2;
    let x = cx.input(0)?;
    let x = cx.channels_last(x)?;
    // TFLite's factor is on the sum of squares, ONNX's on their mean.
    let alpha = alpha / size as f32;
    let y = cx.unary(Op::LocalResponseNormalization { radius, bias, alpha, beta }, x)?;
    cx.channels_first(y)
}
