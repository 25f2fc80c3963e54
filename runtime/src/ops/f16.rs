//! The forms of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with float16 weights: constants in the
//! order of the source. Operands, attributes and arithmetic are those of the float32 forms; a weight
//! becomes a float32, which is exact, before it is multiplied.

use super::bounds::ensure;
use super::{conv_2d, depthwise_conv_2d, fully_connected};
use crate::{Call, OpError};
use smidge_format::{DType, Shape, Storage};
use smidge_kernels::scalar::conv::{self, ConvF32};
use smidge_kernels::scalar::depthwise::{self, DepthwiseF32};
use smidge_kernels::scalar::float16::Half;
use smidge_kernels::scalar::fully_connected::FullyConnectedF32;

/// The shapes of x and of the weights, which are constant.
fn shapes(call: &Call<'_>) -> Result<(Shape, Shape), OpError> {
    call.expect(3, 1)?;
    let (x, w) = (call.input_of(0, DType::F32)?, call.input_of(1, DType::F16)?);
    ensure(w.storage == Storage::Constant, OpError::Constant)?;
    Ok((x.shape, w.shape))
}

fn check_output(call: &Call<'_>, shape: Shape) -> Result<(), OpError> {
    ensure(call.output_of(0, DType::F32)?.shape == shape, OpError::Shape)?;
    call.check_bias(2, DType::F32, shape.last())
}

pub(crate) fn check_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsF32::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    check_output(call, conv_2d::infer(&attrs.window, x, w)?.1)
}

pub(crate) fn run_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsF32::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let conv = ConvF32::<Half> {
        window: conv_2d::infer(&attrs.window, x, w)?.0,
        in_channels: x.last(),
        out_channels: w.dim(0),
        group_channels: w.last(),
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    conv::conv_f32(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsF32::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    check_output(call, depthwise_conv_2d::infer(&attrs.window, x, w)?.2)
}

pub(crate) fn run_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = conv_2d::AttrsF32::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let (window, multiplier, _) = depthwise_conv_2d::infer(&attrs.window, x, w)?;
    let conv = DepthwiseF32::<Half> {
        window,
        in_channels: x.last(),
        multiplier,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    depthwise::depthwise_f32(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    fully_connected::AttrsF32::decode(call.attrs())?;
    shapes(call)?;
    let (x, w, y) = (call.input(0)?, call.input(1)?, call.output_of(0, DType::F32)?);
    let outputs = fully_connected::check_output(x, w, y)?;
    call.check_bias(2, DType::F32, outputs)
}

pub(crate) fn run_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = fully_connected::AttrsF32::decode(call.attrs())?;
    let (x, w) = shapes(call)?;
    let [batch, depth, outputs] = fully_connected::infer(x, w)?;
    let layer = FullyConnectedF32::<Half> {
        batch,
        depth,
        outputs,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    let (x, y) = (call.src(0)?, call.dst(0)?);
    smidge_kernels::scalar::fully_connected::fully_connected_f32(&layer, x, y);
    Ok(())
}
