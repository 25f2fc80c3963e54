//! TRANSPOSE_CONV: `x [N,H,W,Ci]` spread by `w [Co,Kh,Kw,Ci]`, `+ bias [Co] -> y [N,Ho,Wo,Co]`.
//!
//! Operands and attributes are those of CONV_2D; the window slides over the output, and the padding
//! is the output's. Its size is that of the output tensor.

use super::bounds::ensure;
use super::conv_2d::{AttrsF32, AttrsS8};
use super::s16;
use super::window::WindowAttrs;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::Window;
use smidge_kernels::scalar::conv::{ConvF32, ConvS8};
use smidge_kernels::scalar::transpose_conv::{transpose_conv_f32, transpose_conv_s8};

/// int8.
pub const S8: Op = Op {
    code: OpCode::TransposeConv,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int16 activations, int8 weights.
pub const S16: Op = Op {
    code: OpCode::TransposeConv,
    variant: Variant::S16,
    in_place: false,
    check: s16::weights::check_transpose_conv,
    run: s16::weights::run_transpose_conv,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::TransposeConv,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// The window over the output, input channels and output channels.
pub(crate) fn infer(
    call: &Call<'_>,
    attrs: &WindowAttrs,
) -> Result<(Window, usize, usize), OpError> {
    let (x, w, y) = (call.input(0)?.shape, call.input(1)?.shape, call.output(0)?.shape);
    let [batch, height, width, channels] = x.nhwc().ok_or(OpError::Shape)?;
    let [outputs, kernel_y, kernel_x, depth] = w.nhwc().ok_or(OpError::Shape)?;
    let [n, rows, columns, filled] = y.nhwc().ok_or(OpError::Shape)?;
    ensure(n == batch && depth == channels && filled == outputs, OpError::Shape)?;
    let pair = |[y, x]: [u16; 2]| [y as usize, x as usize];
    ensure(attrs.dilation == [1, 1] && !attrs.stride.contains(&0), OpError::Attributes)?;
    // Sums of positions stay in 32 bits.
    let small = [rows, columns, kernel_y, kernel_x].iter().all(|&n| n < 1 << 30);
    ensure(small, OpError::Shape)?;
    let window = Window {
        batch,
        input: [height, width],
        output: [rows, columns],
        kernel: [kernel_y, kernel_x],
        stride: pair(attrs.stride),
        dilation: [1, 1],
        pad: pair(attrs.before),
    };
    Ok((window, channels, outputs))
}

/// Fails unless x, w and y have these types.
pub(crate) fn check_types(call: &Call<'_>, x: DType, w: DType) -> Result<(), OpError> {
    call.input_of(0, x)?;
    call.input_of(1, w)?;
    call.output_of(0, x).map(|_| ())
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = AttrsS8::decode(call.attrs())?;
    check_types(call, DType::I8, DType::I8)?;
    let (_, _, channels) = infer(call, &attrs.window)?;
    call.check_bias(2, DType::I32, channels)?;
    call.check_factors(3, channels)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let (window, in_channels, out_channels) = infer(call, &attrs.window)?;
    let conv = ConvS8 {
        window,
        in_channels,
        out_channels,
        group_channels: in_channels,
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    transpose_conv_s8(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let attrs = AttrsF32::decode(call.attrs())?;
    check_types(call, DType::F32, DType::F32)?;
    let (_, _, channels) = infer(call, &attrs.window)?;
    call.check_bias(2, DType::F32, channels)
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let (window, in_channels, out_channels) = infer(call, &attrs.window)?;
    let conv = ConvF32 {
        window,
        in_channels,
        out_channels,
        group_channels: in_channels,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    transpose_conv_f32(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}
