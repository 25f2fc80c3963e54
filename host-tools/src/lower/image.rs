//! Images of another size, norms of channels, products of matrices that are computed.

use super::node::{Kind, NodeCx, shape_of};
use super::refusal::Refusal;
use super::weights;
use super::window::narrow;
use smidge::ops::window::WindowAttrs;
use smidge::ops::{
    batch_matmul as matmul_op, binary, l2_normalization as l2_op,
    local_response_normalization as local_op, resize_bilinear as bilinear_op,
};
use smidge::{OpCode, Variant};
use smidge_graph::op::{Resize, TransposeConv};
use smidge_graph::{Activation, DType};
use smidge_kernels::Multiplier;
use smidge_kernels::requant::REDUCED_SHIFT_MAX;
use smidge_kernels::scalar::normalize::LocalResponse;
use smidge_quant::quantize_multiplier;

/// Height and width of input and output.
fn sizes(cx: &NodeCx<'_>) -> Result<[[usize; 2]; 2], Refusal> {
    let (x, y) = (cx.input(0)?, cx.output(0)?);
    match (x.shape.as_slice(), y.shape.as_slice()) {
        (&[_, h, w, _], &[_, rows, columns, _]) => Ok([[h, w], [rows, columns]]),
        _ => Err(Refusal::shape(format!("{:?} and {:?} are no images", x.shape, y.shape))),
    }
}

pub(super) fn bilinear(cx: &mut NodeCx<'_>, resize: &Resize) -> Result<(), Refusal> {
    let [input, output] = sizes(cx)?;
    cx.same_scales()?;
    let x = cx.operand(0)?;
    let half = resize.half_pixel_centers;
    let corners = |axis: usize| resize.align_corners && output[axis] > 1;
    let fixed = |axis: usize| {
        let (input, output) = (input[axis] as i64, output[axis] as i64);
        let (input, output) = if corners(axis) { (input - 1, output - 1) } else { (input, output) };
        (((input << 10) + output / 2) / output) as i32
    };
    let (variant, attrs) = match cx.kind()? {
        Kind::F32 => {
            let real = |axis: usize| {
                let less = if corners(axis) { 1 } else { 0 };
                (input[axis] - less) as f32 / (output[axis] - less) as f32
            };
            let attrs = bilinear_op::Attrs::<f32> { scale: [real(0), real(1)], half };
            (Variant::F32, attrs.encode())
        }
        kind => {
            let attrs = bilinear_op::Attrs::<i32> { scale: [fixed(0), fixed(1)], half };
            (if kind == Kind::S8 { Variant::S8 } else { Variant::S16 }, attrs.encode())
        }
    };
    cx.emit(OpCode::ResizeBilinear, variant, vec![x], &attrs)
}

/// For each output row or column the nearest of the input, computed in single precision as the
/// reference does.
fn nearest_table(input: usize, output: usize, resize: &Resize) -> Vec<i32> {
    let scale = if resize.align_corners && output > 1 {
        (input - 1) as f32 / (output - 1) as f32
    } else {
        input as f32 / output as f32
    };
    let offset = if resize.half_pixel_centers { 0.5 } else { 0.0 };
    let last = input as i32 - 1;
    let place = |i: usize| {
        let at = (i as f32 + offset) * scale;
        let at = if resize.align_corners { at.round() } else { at.floor() };
        (at as i32).clamp(0, last)
    };
    (0..output).map(place).collect()
}

pub(super) fn nearest(cx: &mut NodeCx<'_>, resize: &Resize) -> Result<(), Refusal> {
    let [input, output] = sizes(cx)?;
    cx.same_scales()?;
    if cx.input(0)?.dtype != cx.output(0)?.dtype {
        return Err(cx.types());
    }
    let mut operands = vec![cx.operand(0)?];
    for (axis, name) in ["rows", "columns"].into_iter().enumerate() {
        let table = nearest_table(input[axis], output[axis], resize);
        operands.push(Some(cx.numbers(name, &table, 1)));
    }
    cx.emit(OpCode::ResizeNearestNeighbor, Variant::Any, operands, &[])
}

/// The window of a transposed convolution: it slides over the output, which is padded as if a
/// convolution of these numbers led back to the input.
pub(super) fn transpose_conv(cx: &mut NodeCx<'_>, conv: &TransposeConv) -> Result<(), Refusal> {
    let (w, x, y) = (cx.input(1)?, cx.input(2)?, cx.output(0)?);
    let (&[_, rows, columns, _], &[_, h, width, _], &[_, kernel_y, kernel_x, _]) =
        (y.shape.as_slice(), x.shape.as_slice(), w.shape.as_slice())
    else {
        return Err(Refusal::shape(format!("{:?} with {:?}", x.shape, w.shape)));
    };
    let extent = |axis: usize, size: usize, kernel: usize| {
        let stride = conv.stride[axis];
        let window = conv.padding.window(axis, size, kernel, stride, 1);
        window.ok_or_else(|| Refusal::shape(format!("a window of {kernel} in {size}")))
    };
    let vertical = extent(0, rows, kernel_y)?;
    let horizontal = extent(1, columns, kernel_x)?;
    if vertical.output != h || horizontal.output != width {
        return Err(Refusal::shape(format!("{:?} does not give {:?}", x.shape, y.shape)));
    }
    let window = WindowAttrs {
        stride: narrow(conv.stride, "stride")?,
        dilation: [1, 1],
        before: narrow([vertical.before, horizontal.before], "padding")?,
        after: narrow([vertical.after, horizontal.after], "padding")?,
    };
    weights::transpose_conv(cx, window, conv.activation)
}

pub(super) fn batch_matmul(cx: &mut NodeCx<'_>, turned: [bool; 2]) -> Result<(), Refusal> {
    let (a, b, y) = (cx.input(0)?, cx.input(1)?, cx.output(0)?);
    let flat = |shape: &[usize]| shape.len() < 2;
    if flat(&a.shape) || flat(&b.shape) || shape_of(y)?.rank() < 2 {
        return Err(Refusal::shape(format!("{:?} times {:?}", a.shape, b.shape)));
    }
    let operands = vec![cx.operand(0)?, cx.operand(1)?];
    let identity = Multiplier::default();
    let real = |a: f32, b: f32, y: f32| quantize_multiplier(f64::from(a * b) / f64::from(y));
    let (variant, zeros, factor) = match cx.kind()? {
        Kind::S8 => {
            cx.expect(1, DType::I8)?;
            let (a, b, y) = (cx.affine(a)?, cx.affine(b)?, cx.affine(y)?);
            (Variant::S8, [a.zero, b.zero, y.zero], real(a.scale, b.scale, y.scale))
        }
        Kind::S16 => {
            cx.expect(1, DType::I16)?;
            let factor = real(cx.symmetric(a)?, cx.symmetric(b)?, cx.symmetric(y)?);
            if factor.shift > REDUCED_SHIFT_MAX {
                return Err(Refusal::quantization("the output's scale is too small"));
            }
            (Variant::S16, [0; 3], factor)
        }
        Kind::F32 => {
            cx.expect(1, DType::F32)?;
            (Variant::F32, [0; 3], identity)
        }
    };
    let attrs = matmul_op::Attrs { turned, zeros, factor };
    cx.emit(OpCode::BatchMatMul, variant, operands, &attrs.encode())
}

pub(super) fn log_softmax(cx: &mut NodeCx<'_>) -> Result<(), Refusal> {
    if cx.kind()? != Kind::F32 {
        return Err(cx.types());
    }
    let x = cx.operand(0)?;
    cx.emit(OpCode::LogSoftmax, Variant::F32, vec![x], &[])
}

pub(super) fn l2_normalization(cx: &mut NodeCx<'_>, activation: Activation) -> Result<(), Refusal> {
    let x = cx.operand(0)?;
    match cx.kind()? {
        Kind::S8 => {
            let (input, output) = cx.affine_pair()?;
            if output.scale != 1.0 / 128.0 || output.zero != 0 || activation != Activation::None {
                return Err(Refusal::quantization(
                    "an int8 L2_NORMALIZATION has output scale 1/128, zero point 0 and no activation",
                ));
            }
            let attrs = l2_op::AttrsS8 { input_zero: input.zero };
            cx.emit(OpCode::L2Normalization, Variant::S8, vec![x], &attrs.encode())
        }
        Kind::S16 => Err(cx.types()),
        Kind::F32 => {
            let attrs = binary::AttrsF32 { clamp: cx.clamp_f32(activation)? };
            cx.emit(OpCode::L2Normalization, Variant::F32, vec![x], &attrs.encode())
        }
    }
}

pub(super) fn local_response(
    cx: &mut NodeCx<'_>,
    (radius, bias, alpha, beta): (usize, f32, f32, f32),
) -> Result<(), Refusal> {
    if cx.kind()? != Kind::F32 {
        return Err(cx.types());
    }
    let x = cx.operand(0)?;
    let kernel = LocalResponse { radius: radius.min(1 << 19), bias, alpha, beta };
    let attrs = local_op::Attrs { kernel };
    cx.emit(OpCode::LocalResponseNormalization, Variant::F32, vec![x], &attrs.encode())
}
