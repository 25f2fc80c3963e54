//! Functions of single elements, of one tensor or several that are broadcast.

use smidge_graph::op::{AddSub, Binary, Unary};
use smidge_graph::{Activation, DType, Op, TensorId};

use super::super::build::broadcast;
use super::super::node::{NodeCx, Result};
use super::super::tensor;
use super::{binary, unary};

/// Reads the node if it is one of these.
pub(super) fn read(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<Option<TensorId>> {
    if let Some(function) = unary(op) {
        let x = cx.input(0)?;
        return cx.unary(function, x).map(Some);
    }
    if let Some(function) = binary(op) {
        let (a, b) = (cx.input(0)?, cx.input(1)?);
        return pair(cx, function, a, b).map(Some);
    }
    Ok(Some(match op {
        "Add" => sum(cx, Op::Add(AddSub::default()))?,
        "Sub" => sum(cx, Op::Sub(AddSub::default()))?,
        "Mul" => sum(cx, Op::Mul { activation: Activation::None })?,
        "Mod" => modulo(cx)?,
        "Max" => several(cx, |cx, a, b| pair(cx, Binary::Maximum, a, b))?,
        "Min" => several(cx, |cx, a, b| pair(cx, Binary::Minimum, a, b))?,
        "Sum" => several(cx, |cx, a, b| cx.add(a, b))?,
        "Mean" => mean(cx)?,
        "Where" => select(cx)?,
        "Cast" => cast(cx)?,
        "CastLike" => cast_like(cx)?,
        "Identity" => cx.input(0)?,
        "Clip" => clip(cx)?,
        "LeakyRelu" => {
            let alpha = cx.float("alpha", 0.01)?;
            let x = cx.input(0)?;
            cx.unary(Op::LeakyRelu { alpha }, x)?
        }
        "PRelu" => prelu(cx)?,
        "Elu" => elu(cx, 1.0, 1.0)?,
        // The constants of the paper on self-normalizing networks, as ONNX gives them.
        "Selu" => elu(cx, 1.673_263_2, 1.050_701)?,
        "Celu" => celu(cx)?,
        "Gelu" => {
            let approximate = cx.text("approximate", "none")? == "tanh";
            let x = cx.input(0)?;
            cx.unary(Op::Unary(Unary::Gelu { approximate }), x)?
        }
        "HardSigmoid" => hard_sigmoid(cx)?,
        "Mish" => {
            let x = cx.input(0)?;
            let inner = softplus(cx, x)?;
            let inner = cx.unary(Op::Tanh, inner)?;
            cx.mul(x, inner)?
        }
        "Reciprocal" => {
            let x = cx.input(0)?;
            let one = cx.number(1.0);
            pair(cx, Binary::Div(Activation::None), one, x)?
        }
        "Softplus" => {
            let x = cx.input(0)?;
            softplus(cx, x)?
        }
        "Softsign" => {
            let x = cx.input(0)?;
            let size = cx.unary(Op::Unary(Unary::Abs), x)?;
            let one = cx.number(1.0);
            let below = cx.add(size, one)?;
            pair(cx, Binary::Div(Activation::None), x, below)?
        }
        "ThresholdedRelu" => thresholded(cx)?,
        _ => return Ok(None),
    }))
}

fn compares(function: Binary) -> bool {
    matches!(
        function,
        Binary::Equal
            | Binary::NotEqual
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::Less
            | Binary::LessEqual
    )
}

/// A function of two tensors.
pub(super) fn pair(
    cx: &mut NodeCx<'_, '_>,
    function: Binary,
    a: TensorId,
    b: TensorId,
) -> Result<TensorId> {
    // The exponent may be of another type.
    let b = if function == Binary::Pow { converted(cx, b, cx.dtype(a))? } else { b };
    if !compares(function) {
        return cx.binary(Op::Binary(function), a, b);
    }
    let shape = broadcast(&[&cx.shape(a), &cx.shape(b)])?;
    if cx.dtype(a) != cx.dtype(b) {
        return Err(format!("compares {} with {}", cx.dtype(a), cx.dtype(b)).into());
    }
    cx.emit(Op::Binary(function), &[a, b], DType::Bool, shape)
}

fn sum(cx: &mut NodeCx<'_, '_>, op: Op) -> Result<TensorId> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    cx.binary(op, a, b)
}

/// A function of any number of tensors, two at a time.
fn several(
    cx: &mut NodeCx<'_, '_>,
    mut function: impl FnMut(&mut NodeCx<'_, '_>, TensorId, TensorId) -> Result<TensorId>,
) -> Result<TensorId> {
    let inputs = cx.inputs()?;
    let (&first, rest) = inputs.split_first().ok_or("has no operands")?;
    rest.iter().try_fold(first, |sum, &next| function(cx, sum, next))
}

fn mean(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let count = cx.input_count();
    let sum = several(cx, |cx, a, b| cx.add(a, b))?;
    if count == 1 {
        return Ok(sum);
    }
    let count = cx.number(count as f32);
    pair(cx, Binary::Div(Activation::None), sum, count)
}

fn modulo(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    if !cx.flag("fmod", false)? {
        return pair(cx, Binary::FloorMod, a, b);
    }
    // With the sign of the dividend: sign(a) * (|a| mod |b|).
    let sign = cx.unary(Op::Unary(Unary::Sign), a)?;
    let (a, b) = (cx.unary(Op::Unary(Unary::Abs), a)?, cx.unary(Op::Unary(Unary::Abs), b)?);
    let rest = pair(cx, Binary::FloorMod, a, b)?;
    cx.mul(sign, rest)
}

fn select(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (condition, a, b) = (cx.input(0)?, cx.input(1)?, cx.input(2)?);
    let shape = broadcast(&[&cx.shape(condition), &cx.shape(a), &cx.shape(b)])?;
    let dtype = cx.dtype(a);
    if dtype != cx.dtype(b) || cx.dtype(condition) != DType::Bool {
        return Err(format!("chooses between {dtype} and {}", cx.dtype(b)).into());
    }
    cx.emit(Op::SelectV2, &[condition, a, b], dtype, shape)
}

/// A tensor in another type.
pub(in crate::import::onnx) fn converted(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    to: DType,
) -> Result<TensorId> {
    if cx.dtype(x) == to {
        return Ok(x);
    }
    let shape = cx.shape(x);
    cx.emit(Op::Cast, &[x], to, shape)
}

fn cast(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let number = cx.int("to", 0)?;
    let to = i32::try_from(number).ok().and_then(tensor::dtype);
    let to = to.ok_or_else(|| format!("converts to the unknown type {number}"))?;
    let x = cx.input(0)?;
    converted(cx, x, tensor::computed(to))
}

fn cast_like(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, like) = (cx.input(0)?, cx.input(1)?);
    converted(cx, x, cx.dtype(like))
}

/// The activation that limits to an interval, where TFLite has one.
fn limiting(low: Option<f32>, high: Option<f32>) -> Option<Op> {
    match (low, high) {
        (Some(0.0), None) => Some(Op::Relu),
        (Some(0.0), Some(6.0)) => Some(Op::Relu6),
        (Some(-1.0), Some(1.0)) => Some(Op::ReluN1To1),
        _ => None,
    }
}

fn clip(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let (low, high) = if cx.opset() < 11 {
        let bound = |name| cx.attribute(name).map(|attribute| attribute.f());
        let (low, high) = (bound("min"), bound("max"));
        (low.map(|v| cx.number(v)), high.map(|v| cx.number(v)))
    } else {
        (cx.optional(1)?, cx.optional(2)?)
    };
    let value = |cx: &NodeCx<'_, '_>, id: Option<TensorId>| {
        id.map(|id| cx.tensor(id).floats().and_then(|v| v.first().copied()))
    };
    if let (low, high) = (value(cx, low), value(cx, high))
        && low != Some(None)
        && high != Some(None)
        && let Some(op) = limiting(low.flatten(), high.flatten())
    {
        return cx.unary(op, x);
    }
    let x = match low {
        Some(low) => pair(cx, Binary::Maximum, x, low)?,
        None => x,
    };
    match high {
        Some(high) => pair(cx, Binary::Minimum, x, high),
        None => Ok(x),
    }
}

fn prelu(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, slope) = (cx.input(0)?, cx.input(1)?);
    let shape = broadcast(&[&cx.shape(x), &cx.shape(slope)])?;
    let dtype = cx.dtype(x);
    cx.emit(Op::Prelu, &[x, slope], dtype, shape)
}

/// `gamma * (x, or alpha * (exp(x) - 1) below zero)`.
fn elu(cx: &mut NodeCx<'_, '_>, alpha: f32, gamma: f32) -> Result<TensorId> {
    let alpha = cx.float("alpha", alpha)?;
    let gamma = cx.float("gamma", gamma)?;
    let x = cx.input(0)?;
    let mut y = cx.unary(Op::Unary(Unary::Elu), x)?;
    if alpha != 1.0 {
        // max(x, 0) + alpha * min(elu(x), 0).
        let zero = cx.number(0.0);
        let below = pair(cx, Binary::Minimum, y, zero)?;
        let factor = cx.number(alpha);
        let below = cx.mul(below, factor)?;
        let above = cx.unary(Op::Relu, x)?;
        y = cx.add(above, below)?;
    }
    if gamma == 1.0 {
        return Ok(y);
    }
    let factor = cx.number(gamma);
    cx.mul(y, factor)
}

/// `max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`.
fn celu(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let alpha = cx.float("alpha", 1.0)?;
    let x = cx.input(0)?;
    let (scale, zero) = (cx.number(1.0 / alpha), cx.number(0.0));
    let scaled = cx.mul(x, scale)?;
    let y = cx.unary(Op::Unary(Unary::Elu), scaled)?;
    let below = pair(cx, Binary::Minimum, y, zero)?;
    let factor = cx.number(alpha);
    let below = cx.mul(below, factor)?;
    let above = cx.unary(Op::Relu, x)?;
    cx.add(above, below)
}

fn hard_sigmoid(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (alpha, beta) = (cx.float("alpha", 0.2)?, cx.float("beta", 0.5)?);
    let x = cx.input(0)?;
    let (alpha, beta) = (cx.number(alpha), cx.number(beta));
    let (zero, one) = (cx.number(0.0), cx.number(1.0));
    let y = cx.mul(x, alpha)?;
    let y = cx.add(y, beta)?;
    let y = pair(cx, Binary::Maximum, y, zero)?;
    pair(cx, Binary::Minimum, y, one)
}

/// `log(1 + exp(x))`, as `max(x, 0) + log(1 + exp(-|x|))`, which does not overflow.
fn softplus(cx: &mut NodeCx<'_, '_>, x: TensorId) -> Result<TensorId> {
    let size = cx.unary(Op::Unary(Unary::Abs), x)?;
    let minus = cx.unary(Op::Unary(Unary::Neg), size)?;
    let small = cx.unary(Op::Unary(Unary::Exp), minus)?;
    let one = cx.number(1.0);
    let sum = cx.add(small, one)?;
    let rest = cx.unary(Op::Unary(Unary::Log), sum)?;
    let above = cx.unary(Op::Relu, x)?;
    cx.add(above, rest)
}

/// `x`, or 0 up to alpha.
fn thresholded(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let alpha = cx.float("alpha", 1.0)?;
    let x = cx.input(0)?;
    let (alpha, zero) = (cx.number(alpha), cx.number(0.0));
    let above = pair(cx, Binary::Greater, x, alpha)?;
    let shape = cx.shape(x);
    cx.emit(Op::SelectV2, &[above, x, zero], DType::F32, shape)
}
