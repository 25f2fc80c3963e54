//! The forms of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with int4 weights: constants, two to a
//! byte, the first in the low half, in the order of the source. Operands, attributes and arithmetic are
//! those of the int8 forms.

use super::bounds::ensure;
use super::{conv_2d, depthwise_conv_2d, fully_connected};
use crate::{Call, OpError};
use smidge_format::{DType, Shape, Storage};
use smidge_kernels::scalar::conv::ConvS8;
use smidge_kernels::scalar::depthwise::DepthwiseS8;
use smidge_kernels::scalar::fully_connected::FullyConnectedS8;
use smidge_kernels::scalar::s4::depthwise_s4;
use smidge_kernels::{Rounding, native};

/// The shapes of x and of the weights, which are constant.
fn shapes(call: &Call<'_>) -> Result<(Shape, Shape), OpError> {
    let (x, w) = (call.input_of(0, DType::I8)?, call.input_of(1, DType::I4)?);
    ensure(w.storage == Storage::Constant, OpError::Constant)?;
    Ok((x.shape, w.shape))
}

fn check_output(call: &Call<'_>, shape: Shape) -> Result<(), OpError> {
    ensure(call.output_of(0, DType::I8)?.shape == shape, OpError::Shape)?;
    call.check_bias(2, DType::I32, shape.last())?;
    call.check_factors(3, shape.last())
}

pub(crate) fn check_conv(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = conv_2d::AttrsS8::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    check_output(call, conv_2d::infer(&attrs.window, x, w)?.1)
}

pub(crate) fn run_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsS8::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let conv = ConvS8 {
        window: conv_2d::infer(&attrs.window, x, w)?.0,
        in_channels: x.last(),
        out_channels: w.dim(0),
        group_channels: w.last(),
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    native::conv_s4(call.cpu(), &conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = conv_2d::AttrsS8::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    check_output(call, depthwise_conv_2d::infer(&attrs.window, x, w)?.2)
}

pub(crate) fn run_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsS8::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let (window, multiplier, _) = depthwise_conv_2d::infer(&attrs.window, x, w)?;
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
    depthwise_s4(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    fully_connected::AttrsS8::decode(call.attrs())?;
    shapes(call)?;
    let (x, w, y) = (call.input(0)?, call.input(1)?, call.output_of(0, DType::I8)?);
    let outputs = fully_connected::check_output(x, w, y)?;
    call.check_bias(2, DType::I32, outputs)?;
    let pairs = call.shape(3)?.elements() / 2;
    ensure(pairs == 1 || pairs == outputs, OpError::Shape)?;
    call.check_factors(3, pairs)
}

pub(crate) fn run_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = fully_connected::AttrsS8::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let [batch, depth, outputs] = fully_connected::infer(x, w)?;
    let layer = FullyConnectedS8 {
        batch,
        depth,
        outputs,
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        rounding: if call.rounds_as_tflm() { Rounding::Double } else { Rounding::Single },
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    native::fully_connected_s4(call.cpu(), &layer, call.src(0)?, call.dst(0)?);
    Ok(())
}
