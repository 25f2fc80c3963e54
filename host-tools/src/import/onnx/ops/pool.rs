//! Pooling.

use smidge_graph::op::{Binary, Pool2d, Reduction, Unary};
use smidge_graph::{Activation, Op, Padding, TensorId};

use super::super::node::{NodeCx, Result};
use super::conv::{Geometry, as_image, as_source, four, geometry, two};
use super::elementwise::pair;
use super::taps;

/// The window of a pool over `x`, and what ceil_mode adds behind the image.
fn window(cx: &mut NodeCx<'_, '_>, x: TensorId, axes: usize) -> Result<(Geometry, [usize; 2])> {
    let kernel = cx.ints("kernel_shape")?.ok_or("lacks kernel_shape")?;
    let kernel = two(kernel, 1, "kernel_shape")?;
    let [_, _, rows, columns] = four(cx, x)?;
    let size = [rows, columns];
    let geometry = geometry(cx, kernel, size, axes)?;
    let mut extra = [0; 2];
    if cx.flag("ceil_mode", false)? {
        for axis in 0..2 {
            let Geometry { kernel, stride, dilation, before, after } = geometry;
            let span = (kernel[axis] - 1) * dilation[axis] + 1;
            let padded = before[axis] + size[axis] + after[axis];
            let room = padded.checked_sub(span).ok_or("has no place for its window")?;
            let mut steps = room.div_ceil(stride[axis]);
            // A window may not begin behind the image.
            if steps * stride[axis] >= before[axis] + size[axis] {
                steps -= 1;
            }
            extra[axis] = (steps * stride[axis] + span).saturating_sub(padded);
        }
    }
    Ok((geometry, extra))
}

/// Applies a pool to an image with channels last.
fn pooled(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    geometry: &Geometry,
    op: impl Fn(Pool2d) -> Op,
) -> Result<TensorId> {
    let [n, rows, columns, channels] = four(cx, x)?;
    let [rows, columns] = geometry.output([rows, columns])?;
    let Geometry { kernel: filter, stride, .. } = *geometry;
    let (padding, activation) = (geometry.padding(), Activation::None);
    let (dtype, quant) = (cx.dtype(x), cx.tensor(x).quant.clone());
    let op = op(Pool2d { filter, stride, padding, activation });
    let shape = vec![n, rows, columns, channels];
    match quant {
        Some(quant) => cx.emit_quantized(op, &[x], dtype, shape, quant),
        None => cx.emit(op, &[x], dtype, shape),
    }
}

fn with(geometry: Geometry, extra: [usize; 2]) -> Geometry {
    let after = [geometry.after[0] + extra[0], geometry.after[1] + extra[1]];
    Geometry { after, ..geometry }
}

pub(super) fn average(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let x = cx.input(0)?;
    let rank = cx.shape(x).len();
    if rank > 4 || is_dilated(cx)? {
        return taps::pool(cx, x, taps::Kind::Average);
    }
    let x = as_image(cx, x)?;
    let (geometry, extra) = window(cx, x, rank.saturating_sub(2))?;
    let counts_padding = cx.flag("count_include_pad", false)?;
    let mut x = cx.channels_last(x)?;
    let y = if counts_padding && geometry.padding() != Padding::Valid {
        let Geometry { before, after, .. } = geometry;
        let pads = [(0, 0), (before[0], after[0]), (before[1], after[1]), (0, 0)];
        x = cx.pad(x, &pads, &[0; 4])?;
        let inside = Geometry { before: [0; 2], after: extra, ..geometry };
        pooled(cx, x, &inside, Op::AveragePool2d)?
    } else {
        pooled(cx, x, &with(geometry, extra), Op::AveragePool2d)?
    };
    let y = cx.channels_first(y)?;
    as_source(cx, y, rank)
}

pub(super) fn max(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    if cx.node.output.get(1).is_some_and(|name| !name.is_empty()) {
        return Err("also gives the positions of the maxima, which is not supported".into());
    }
    let x = cx.input(0)?;
    let rank = cx.shape(x).len();
    if rank > 4 || is_dilated(cx)? {
        return taps::pool(cx, x, taps::Kind::Max);
    }
    let x = as_image(cx, x)?;
    let (geometry, extra) = window(cx, x, rank.saturating_sub(2))?;
    let x = cx.channels_last(x)?;
    let y = pooled(cx, x, &with(geometry, extra), Op::MaxPool2d)?;
    let y = cx.channels_first(y)?;
    as_source(cx, y, rank)
}

/// `(sum |x|^p)^(1/p)` over a window.
pub(super) fn lp(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let p = cx.int("p", 2)?;
    let x = cx.input(0)?;
    let powers = power(cx, x, p)?;
    let sum = taps::pool(cx, powers, taps::Kind::Sum)?;
    root(cx, sum, p)
}

fn is_dilated(cx: &NodeCx<'_, '_>) -> Result<bool> {
    Ok(cx.ints("dilations")?.is_some_and(|steps| steps.iter().any(|&step| step != 1)))
}

/// `|x|^p`.
fn power(cx: &mut NodeCx<'_, '_>, x: TensorId, p: i64) -> Result<TensorId> {
    match p {
        1 => cx.unary(Op::Unary(Unary::Abs), x),
        2 => cx.mul(x, x),
        _ => {
            let size = cx.unary(Op::Unary(Unary::Abs), x)?;
            let exponent = cx.number(p as f32);
            pair(cx, Binary::Pow, size, exponent)
        }
    }
}

fn root(cx: &mut NodeCx<'_, '_>, x: TensorId, p: i64) -> Result<TensorId> {
    match p {
        1 => Ok(x),
        2 => cx.unary(Op::Unary(Unary::Sqrt), x),
        _ => {
            let exponent = cx.number(1.0 / p as f32);
            pair(cx, Binary::Pow, x, exponent)
        }
    }
}

/// Over the whole image.
pub(super) fn global(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<TensorId> {
    let x = cx.input(0)?;
    let mut shape = cx.shape(x);
    if shape.len() < 3 {
        return Err(format!("has an operand of shape {shape:?}").into());
    }
    let axes: Vec<_> = (2..shape.len() as i64).collect();
    shape[2..].fill(1);
    let axes = cx.list(&[axes.len()], &axes)?;
    let dtype = cx.dtype(x);
    match op {
        "GlobalAveragePool" => cx.emit(Op::Mean { keep_dims: true }, &[x, axes], dtype, shape),
        "GlobalMaxPool" => {
            let op = Op::Reduce { kind: Reduction::Max, keep_dims: true };
            cx.emit(op, &[x, axes], dtype, shape)
        }
        _ => {
            let p = cx.int("p", 2)?;
            let powers = power(cx, x, p)?;
            let op = Op::Reduce { kind: Reduction::Sum, keep_dims: true };
            let sum = cx.emit(op, &[powers, axes], dtype, shape)?;
            root(cx, sum, p)
        }
    }
}
