//! DEPTHWISE_CONV_2D: `x [N,H,W,C] * w [1,Kh,Kw,C*m] + bias [C*m] -> y [N,Ho,Wo,C*m]`, where output
//! channel `o` reads input channel `o / m`.
//!
//! Operands and attributes are those of CONV_2D; the multiplier `m` follows from the shapes.

use super::bounds::ensure;
use super::conv_2d::{AttrsF32, AttrsS8};
use super::hybrid;
use super::packed;
use super::window::{WindowAttrs, output_shape};
use super::{f16, s4, s16};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::{DType, Shape};
use smidge_kernels::packed::{ALL_FORMS, Depthwise, depthwise_layout};
use smidge_kernels::scalar::depthwise::{self, DepthwiseF32, DepthwiseS8};
use smidge_kernels::{Window, native};

/// int8.
pub const S8: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int8, packed for a core.
pub const S8_PACKED: Op = s8_packed::<ALL_FORMS>();

/// [`S8_PACKED`] in some forms only: bit `n` of `FORMS` is form `n`. Firmware for known models
/// contains no others; [`Model::ops`](crate::Model::ops) says which a model has.
pub const fn s8_packed<const FORMS: u32>() -> Op {
    Op {
        code: OpCode::DepthwiseConv2d,
        variant: Variant::S8Packed,
        in_place: false,
        check: check_packed,
        run: run_packed::<FORMS>,
    }
}

/// int16 activations, int8 weights.
pub const S16: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::S16,
    in_place: false,
    check: s16::weights::check_depthwise,
    run: s16::weights::run_depthwise,
};

/// int8 activations, int4 weights.
pub const S4: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::S4,
    in_place: false,
    check: s4::check_depthwise,
    run: s4::run_depthwise,
};

/// float32 activations, int8 weights.
pub const HYBRID: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::Hybrid,
    in_place: false,
    check: hybrid::check_depthwise,
    run: hybrid::run_depthwise,
};

/// float32, with weights of float16.
pub const F16: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::F16,
    in_place: false,
    check: f16::check_depthwise,
    run: f16::run_depthwise,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::DepthwiseConv2d,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// The window, the depth multiplier and the output's shape for an input `[N,H,W,C]` and weights
/// `[1,Kh,Kw,C*m]`.
pub fn infer(window: &WindowAttrs, x: Shape, w: Shape) -> Result<(Window, usize, Shape), OpError> {
    let ([.., channels], [one, kernel_y, kernel_x, out]) =
        (x.nhwc().ok_or(OpError::Shape)?, w.nhwc().ok_or(OpError::Shape)?);
    let multiplier = out.checked_div(channels).ok_or(OpError::Shape)?;
    ensure(one == 1 && multiplier * channels == out && multiplier > 0, OpError::Shape)?;
    let window = window.over(x, [kernel_y, kernel_x]).ok_or(OpError::Shape)?;
    let shape = output_shape(&window, out).ok_or(OpError::Shape)?;
    Ok((window, multiplier, shape))
}

fn check_shapes(call: &Call<'_>, window: &WindowAttrs, dtype: DType) -> Result<usize, OpError> {
    let (x, w) = (call.input_of(0, dtype)?, call.input_of(1, dtype)?);
    let (_, _, shape) = infer(window, x.shape, w.shape)?;
    ensure(call.output_of(0, dtype)?.shape == shape, OpError::Shape)?;
    Ok(shape.last())
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = AttrsS8::decode(call.attrs())?;
    let channels = check_shapes(call, &attrs.window, DType::I8)?;
    call.check_bias(2, DType::I32, channels)?;
    call.check_factors(3, channels)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let attrs = AttrsF32::decode(call.attrs())?;
    let channels = check_shapes(call, &attrs.window, DType::F32)?;
    call.check_bias(2, DType::F32, channels)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let (x, w) = (call.shape(0)?, call.shape(1)?);
    let (window, multiplier, _) = infer(&attrs.window, x, w)?;
    let conv = DepthwiseS8 {
        window,
        in_channels: x.last(),
        multiplier,
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    depthwise::depthwise_s8(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_packed(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    let spec = attrs.depthwise();
    ensure(spec.out_channels() == Some(attrs.channels[1]), OpError::Shape)?;
    attrs.check(call, depthwise_layout(call.family()?, attrs.form, &spec))
}

fn run_packed<const FORMS: u32>(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    let spec = attrs.depthwise();
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = Depthwise::new::<FORMS>(cpu, family, attrs.form, &spec, memory);
    work.as_ref().ok_or(OpError::Shape)?.run::<FORMS>(call.crew());
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let (x, w) = (call.shape(0)?, call.shape(1)?);
    let (window, multiplier, _) = infer(&attrs.window, x, w)?;
    let conv = DepthwiseF32 {
        window,
        in_channels: x.last(),
        multiplier,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    native::depthwise_f32(call.cpu(), &conv, call.src(0)?, call.dst(0)?);
    Ok(())
}
