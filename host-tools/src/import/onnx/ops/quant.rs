//! Quantization.
//!
//! With constant scale and zero point QuantizeLinear and DequantizeLinear are QUANTIZE and
//! DEQUANTIZE of a tensor with these numbers; otherwise they are written out in float arithmetic,
//! which is exact for integers below 2^24.

use smidge_graph::op::{AddSub, Binary, Reduction, Unary};
use smidge_graph::{Activation, DType, Op, Quantization, TensorId};

use super::super::node::{NodeCx, Result};
use super::conv::conv_of;
use super::elementwise::{converted, pair};
use super::matrix;
use super::reduce::along;

/// A scale or zero point in the shape that broadcasts along `axis` of `x`: one number, one for each
/// index, or one for each block.
fn spread(cx: &mut NodeCx<'_, '_>, list: TensorId, x: TensorId) -> Result<TensorId> {
    let (own, shape) = (cx.shape(list), cx.shape(x));
    if cx.tensor(list).element_count() == 1 {
        return cx.reshape(list, &[]);
    }
    let axis = cx.axis(cx.int("axis", 1)?, shape.len())?;
    if own.len() == 1 {
        let mut wide = vec![1; shape.len()];
        wide[axis] = own[0];
        return cx.reshape(list, &wide);
    }
    let block = usize::try_from(cx.int("block_size", 0)?).unwrap_or(0);
    if block == 0 || own.len() != shape.len() || own[axis] * block != shape[axis] {
        return Err(format!("has scales of shape {own:?} for {shape:?}").into());
    }
    // Each number once for every element of its block.
    let mut wide = own.clone();
    wide.insert(axis + 1, 1);
    let apart = cx.reshape(list, &wide)?;
    wide[axis + 1] = block;
    let entries: Vec<_> = wide.iter().map(|&dim| dim as i64).collect();
    let target = cx.list(&[entries.len()], &entries)?;
    let dtype = cx.dtype(list);
    let copied = cx.emit(Op::BroadcastTo, &[apart, target], dtype, wide)?;
    cx.reshape(copied, &shape)
}

/// Constant numbers of a quantization, if they are all constant and along one axis at most.
fn numbers(
    cx: &NodeCx<'_, '_>,
    scale: TensorId,
    zero: Option<TensorId>,
    rank: usize,
) -> Result<Option<Quantization>> {
    let scales = cx.tensor(scale);
    let Some(scale) = scales.floats() else { return Ok(None) };
    let zero_point = match zero {
        Some(zero) => match cx.tensor(zero).integers() {
            Some(points) => points,
            None => return Ok(None),
        },
        None => vec![0; scale.len()],
    };
    let valid = scale.iter().all(|scale| scale.is_finite() && *scale > 0.0);
    if !valid || scale.len() != zero_point.len() || scales.shape.len() > 1 {
        return Ok(None);
    }
    let axis = match scale.len() {
        1 => None,
        _ => Some(cx.axis(cx.int("axis", 1)?, rank)?),
    };
    Ok(Some(Quantization { scale, zero_point, axis }))
}

fn range(dtype: DType) -> Result<(f32, f32)> {
    match dtype.integer_range() {
        Some((low, high)) if matches!(dtype, DType::I8 | DType::U8 | DType::I16 | DType::U16) => {
            Ok((low as f32, high as f32))
        }
        _ => Err(format!("gives {dtype}, which is not supported").into()),
    }
}

/// The type that a quantized result has: that of the zero point, or as the attribute says.
fn target(cx: &NodeCx<'_, '_>, zero: Option<TensorId>) -> Result<DType> {
    if let Some(zero) = zero {
        return Ok(cx.dtype(zero));
    }
    let number = cx.int("output_dtype", 0)?;
    let named = i32::try_from(number).ok().and_then(super::super::tensor::dtype);
    Ok(named.unwrap_or(DType::U8))
}

pub(super) fn quantize(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, scale, zero) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    let dtype = target(cx, zero)?;
    let shape = cx.shape(x);
    let quant = numbers(cx, scale, zero, shape.len())?;
    if let Some(quant) = quant.filter(|quant| quant.axis.is_none())
        && matches!(dtype, DType::I8 | DType::U8)
        && cx.dtype(x) == DType::F32
    {
        return cx.emit_quantized(Op::Quantize, &[x], dtype, shape, quant);
    }
    quantized(cx, x, scale, zero, dtype)
}

/// `saturate(round(x / scale) + zero)`.
fn quantized(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    scale: TensorId,
    zero: Option<TensorId>,
    dtype: DType,
) -> Result<TensorId> {
    let (low, high) = range(dtype)?;
    let x = converted(cx, x, DType::F32)?;
    let scale = spread(cx, scale, x)?;
    let scale = converted(cx, scale, DType::F32)?;
    let steps = pair(cx, Binary::Div(Activation::None), x, scale)?;
    let mut y = cx.unary(Op::Unary(Unary::Round), steps)?;
    if let Some(zero) = zero {
        let zero = spread(cx, zero, x)?;
        let zero = converted(cx, zero, DType::F32)?;
        y = cx.add(y, zero)?;
    }
    let (low, high) = (cx.number(low), cx.number(high));
    let y = pair(cx, Binary::Maximum, y, low)?;
    let y = pair(cx, Binary::Minimum, y, high)?;
    converted(cx, y, dtype)
}

pub(super) fn dequantize(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, scale, zero) = (cx.input(0)?, cx.input(1)?, cx.optional(2)?);
    let shape = cx.shape(x);
    if let Some(quant) = numbers(cx, scale, zero, shape.len())?
        && matches!(cx.dtype(x), DType::I8 | DType::U8 | DType::I32)
        && cx.dtype(scale) == DType::F32
        && let Some(x) = with_numbers(cx, x, &quant)
    {
        return cx.emit(Op::Dequantize, &[x], DType::F32, shape);
    }
    real(cx, x, scale, zero)
}

/// The tensor with these numbers; `None` where it has others.
fn with_numbers(cx: &mut NodeCx<'_, '_>, x: TensorId, quant: &Quantization) -> Option<TensorId> {
    let tensor = cx.importer.graph.tensor_mut(x);
    match &tensor.quant {
        Some(own) => (own == quant).then_some(x),
        None if tensor.is_constant() || tensor.dtype != DType::I32 => {
            tensor.quant = Some(quant.clone());
            Some(x)
        }
        None => None,
    }
}

/// `(x - zero) * scale`.
fn real(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    scale: TensorId,
    zero: Option<TensorId>,
) -> Result<TensorId> {
    let centred = centred(cx, x, zero)?;
    let scale = spread(cx, scale, x)?;
    let scale = converted(cx, scale, DType::F32)?;
    cx.mul(centred, scale)
}

/// `x - zero` in float32.
fn centred(cx: &mut NodeCx<'_, '_>, x: TensorId, zero: Option<TensorId>) -> Result<TensorId> {
    let float = converted(cx, x, DType::F32)?;
    let Some(zero) = zero else { return Ok(float) };
    let zero = spread(cx, zero, x)?;
    let zero = converted(cx, zero, DType::F32)?;
    cx.binary(Op::Sub(AddSub::default()), float, zero)
}

/// Scale and zero point from the values themselves: y, scale, zero point.
pub(super) fn dynamic(cx: &mut NodeCx<'_, '_>) -> Result<Vec<TensorId>> {
    let x = cx.input(0)?;
    cx.expect_float(x)?;
    let axes: Vec<_> = (0..cx.shape(x).len()).collect();
    let reduction = |kind| move |keep_dims| Op::Reduce { kind, keep_dims };
    let nil = cx.number(0.0);
    let low = along(cx, x, &axes, false, reduction(Reduction::Min))?;
    let low = pair(cx, Binary::Minimum, low, nil)?;
    let high = along(cx, x, &axes, false, reduction(Reduction::Max))?;
    let high = pair(cx, Binary::Maximum, high, nil)?;
    let span = cx.binary(Op::Sub(AddSub::default()), high, low)?;
    let steps = cx.number(255.0);
    let scale = pair(cx, Binary::Div(Activation::None), span, steps)?;
    let minus = cx.unary(Op::Unary(Unary::Neg), low)?;
    let zero = pair(cx, Binary::Div(Activation::None), minus, scale)?;
    let zero = cx.unary(Op::Unary(Unary::Round), zero)?;
    let zero = pair(cx, Binary::Maximum, zero, nil)?;
    let zero = pair(cx, Binary::Minimum, zero, steps)?;
    let zero = converted(cx, zero, DType::U8)?;
    let y = quantized(cx, x, scale, Some(zero), DType::U8)?;
    Ok(vec![y, scale, zero])
}

/// A list of one number per row (of a) or column (of b) of a matrix, in the shape that broadcasts.
fn lined(cx: &mut NodeCx<'_, '_>, list: TensorId, rows: bool) -> Result<TensorId> {
    let count = cx.tensor(list).element_count();
    match cx.shape(list).as_slice() {
        [_] if count > 1 && rows => cx.reshape(list, &[count, 1]),
        _ if count == 1 => cx.reshape(list, &[]),
        _ => Ok(list),
    }
}

fn less(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    zero: Option<TensorId>,
    rows: bool,
) -> Result<TensorId> {
    let x = converted(cx, x, DType::F32)?;
    let Some(zero) = zero else { return Ok(x) };
    let zero = lined(cx, zero, rows)?;
    let zero = converted(cx, zero, DType::F32)?;
    cx.binary(Op::Sub(AddSub::default()), x, zero)
}

pub(super) fn mat_mul_integer(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    let (a_zero, b_zero) = (cx.optional(2)?, cx.optional(3)?);
    exact(cx, *cx.shape(a).last().unwrap_or(&0))?;
    let (a, b) = (less(cx, a, a_zero, true)?, less(cx, b, b_zero, false)?);
    let y = matrix::product(cx, a, b)?;
    converted(cx, y, DType::I32)
}

/// Fails where a sum of so many products of bytes could leave the integers of a float.
fn exact(_cx: &NodeCx<'_, '_>, terms: usize) -> Result<()> {
    if terms <= 256 {
        return Ok(());
    }
    Err(format!("sums {terms} products of integers; export the model with QDQ nodes").into())
}

pub(super) fn conv_integer(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let (x, w) = (cx.input(0)?, cx.input(1)?);
    let (x_zero, w_zero) = (cx.optional(2)?, cx.optional(3)?);
    exact(cx, cx.shape(w).iter().skip(1).product())?;
    let x = less(cx, x, x_zero, false)?;
    let w_zero = w_zero.map(|zero| per_output(cx, zero, w)).transpose()?;
    let w = less(cx, w, w_zero, false)?;
    let y = conv_of(cx, x, w, None, |cx, op, operands, shape| {
        cx.emit(op, operands, DType::F32, shape)
    })?;
    converted(cx, y, DType::I32)
}

/// One number per output channel in the shape that broadcasts over the weights.
fn per_output(cx: &mut NodeCx<'_, '_>, list: TensorId, w: TensorId) -> Result<TensorId> {
    let count = cx.tensor(list).element_count();
    if count == 1 {
        return cx.reshape(list, &[]);
    }
    let mut shape = vec![1; cx.shape(w).len()];
    shape[0] = count;
    cx.reshape(list, &shape)
}

/// `a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero`.
pub(super) fn qlinear_mat_mul(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let operands = cx.inputs()?;
    let &[a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero] = operands.as_slice() else {
        return Err("has another number of operands".into());
    };
    // Implementations disagree about what saturates then.
    let numbers = [a_scale, a_zero, b_scale, b_zero, y_scale, y_zero];
    if !numbers.iter().all(|&id| cx.tensor(id).is_constant()) {
        return Err("computes scales or zero points at run time; make them constants".into());
    }
    let (a, b) = (less(cx, a, Some(a_zero), true)?, less(cx, b, Some(b_zero), false)?);
    let y = matrix::product(cx, a, b)?;
    let (a_scale, b_scale) = (lined(cx, a_scale, true)?, lined(cx, b_scale, false)?);
    let a_scale = converted(cx, a_scale, DType::F32)?;
    let b_scale = converted(cx, b_scale, DType::F32)?;
    let scale = cx.mul(a_scale, b_scale)?;
    let y = cx.mul(y, scale)?;
    let dtype = cx.dtype(y_zero);
    quantized(cx, y, y_scale, Some(y_zero), dtype)
}

/// `x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias?`, where the bias has the scale of
/// the products.
pub(super) fn qlinear_conv(cx: &mut NodeCx<'_, '_>) -> Result<TensorId> {
    let ids: Vec<_> = (0..8).map(|index| cx.input(index)).collect::<Result<_>>()?;
    let &[x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero] = ids.as_slice() else {
        return Err("has another number of operands".into());
    };
    let bias = cx.optional(8)?;
    let dtype = cx.dtype(y_zero);
    if let Some(y) = integer_conv(cx, &ids, bias, dtype)? {
        return Ok(y);
    }
    let x = less(cx, x, Some(x_zero), false)?;
    let w_zero = per_output(cx, w_zero, w)?;
    let w_float = less(cx, w, Some(w_zero), false)?;
    let bias = bias.map(|bias| converted(cx, bias, DType::F32)).transpose()?;
    let y = conv_of(cx, x, w_float, bias, |cx, op, operands, shape| {
        cx.emit(op, operands, DType::F32, shape)
    })?;
    let count = cx.tensor(w_scale).element_count();
    let w_scale = if count == 1 {
        cx.reshape(w_scale, &[])?
    } else {
        let mut shape = vec![1; cx.shape(y).len()];
        shape[1] = count;
        cx.reshape(w_scale, &shape)?
    };
    let x_scale = cx.reshape(x_scale, &[])?;
    let scale = cx.mul(x_scale, w_scale)?;
    let y = cx.mul(y, scale)?;
    quantized(cx, y, y_scale, Some(y_zero), dtype)
}

/// The convolution of the integers themselves, where all numbers are constant and the weights
/// symmetric.
fn integer_conv(
    cx: &mut NodeCx<'_, '_>,
    ids: &[TensorId],
    bias: Option<TensorId>,
    dtype: DType,
) -> Result<Option<TensorId>> {
    let &[x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero] = ids else { return Ok(None) };
    let (x_dtype, w_dtype) = (cx.dtype(x), cx.dtype(w));
    let bytes = |dtype| matches!(dtype, DType::I8 | DType::U8);
    let one = |cx: &NodeCx<'_, '_>, scale, zero| -> Result<Option<Quantization>> {
        Ok(numbers(cx, scale, Some(zero), 1)?.filter(|quant| quant.axis.is_none()))
    };
    let (Some(input), Some(output)) = (one(cx, x_scale, x_zero)?, one(cx, y_scale, y_zero)?) else {
        return Ok(None);
    };
    let weights = match (cx.tensor(w_scale).floats(), cx.tensor(w_zero).integers()) {
        (Some(scale), Some(mut zero_point)) if zero_point.iter().all(|&zero| zero == 0) => {
            zero_point.resize(scale.len(), 0);
            let axis = (scale.len() > 1).then_some(0);
            Quantization { scale, zero_point, axis }
        }
        _ => return Ok(None),
    };
    let supported = bytes(x_dtype) && w_dtype == DType::I8 && bytes(dtype) && x_dtype == dtype;
    if !supported || !cx.tensor(w).is_constant() || with_numbers(cx, x, &input).is_none() {
        return Ok(None);
    }
    let y = conv_of(cx, x, w, bias, |cx, op, operands, shape| {
        let depthwise = matches!(op, Op::DepthwiseConv2d(_));
        let axis = weights.axis.map(|_| if depthwise { 3 } else { 0 });
        if let Some(&w) = operands.get(1) {
            cx.importer.graph.tensor_mut(w).quant = Some(Quantization { axis, ..weights.clone() });
        }
        cx.emit_quantized(op, operands, dtype, shape, output)
    });
    y.map(Some)
}
