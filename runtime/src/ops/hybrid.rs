//! CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with float activations and int8 weights: the input is
//! quantized when the layer runs, each image or row by itself.
//!
//! Operands: x, w, bias (may be absent), scales of the weights, one or one for each output. Scratch memory
//! holds an image or row.

use super::bounds::{ensure, read_clamp_f32, write_clamp_f32};
use super::window::WindowAttrs;
use super::{conv_2d, depthwise_conv_2d, fully_connected};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::hybrid::{
    Hybrid, conv_hybrid, depthwise_hybrid, fully_connected_hybrid, quantize_row,
};
use smidge_kernels::{Clamp, Dst, Src, Window};

/// Attributes; those of FULLY_CONNECTED have a window that is not used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// How the window moves.
    pub window: WindowAttrs,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<f32>,
    /// The input's zero point is 0.
    pub symmetric: bool,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 9;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        write_clamp_f32(self.clamp, &mut out);
        out.u8(self.symmetric as u8);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            window: WindowAttrs::read(&mut from),
            clamp: read_clamp_f32(&mut from),
            symmetric: from.u8() != 0,
        };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Checks types, bias, scales and scratch memory for rows of so many values.
fn check(call: &Call<'_>, outputs: usize, row: usize) -> Result<(), OpError> {
    call.input_of(0, DType::F32)?;
    call.input_of(1, DType::I8)?;
    call.output_of(0, DType::F32)?;
    call.check_bias(2, DType::F32, outputs)?;
    let count = call.input(3)?.shape.elements();
    ensure(count == 1 || count == outputs, OpError::Shape)?;
    let scales = call.constant::<f32>(3, DType::F32, count)?;
    ensure(scales.iter().all(|scale| scale.is_finite() && *scale > 0.0), OpError::Attributes)?;
    ensure(call.scratch_len() >= row, OpError::Scratch)
}

fn layer<'f>(call: &Call<'f>, clamp: Clamp<f32>) -> Result<Hybrid<'f>, OpError> {
    Ok(Hybrid { weights: call.src(1)?, scales: call.src(3)?, bias: call.src(2)?, clamp })
}

pub(crate) fn check_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    Attrs::decode(call.attrs())?;
    let (x, w) = (call.input(0)?, call.input(1)?);
    let outputs = fully_connected::check_output(x, w, call.output(0)?)?;
    check(call, outputs, w.shape.last())
}

pub(crate) fn run_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let [batch, depth, outputs] =
        fully_connected::infer(call.input(0)?.shape, call.input(1)?.shape)?;
    let layer = layer(call, attrs.clamp)?;
    let (x, y): (Src<'_, f32>, Dst<'_, f32>) = (call.src(0)?, call.dst(0)?);
    let row: Dst<'_, i8> = call.scratch().cast().ok_or(OpError::Scratch)?;
    let row = row.slice(0, depth);
    for n in 0..batch {
        let quantized = quantize_row(attrs.symmetric, x.slice(n * depth, depth), row, libm::roundf);
        let to = y.slice(n * outputs, outputs);
        fully_connected_hybrid(&layer, (depth, outputs), (row.as_src(), quantized), to);
    }
    Ok(())
}

/// Calls `f(window of one image, quantized image, its output)` for each image.
fn images(
    call: &Call<'_>,
    attrs: &Attrs,
    window: Window,
    mut f: impl FnMut(&Window, (Src<'_, i8>, smidge_kernels::scalar::hybrid::Quantized), Dst<'_, f32>),
) -> Result<(), OpError> {
    let (x, y): (Src<'_, f32>, Dst<'_, f32>) = (call.src(0)?, call.dst(0)?);
    let len = x.len().checked_div(window.batch).unwrap_or(0);
    let output = y.len().checked_div(window.batch).unwrap_or(0);
    let image: Dst<'_, i8> = call.scratch().cast().ok_or(OpError::Scratch)?;
    let image = image.slice(0, len);
    let one = Window { batch: 1, ..window };
    for n in 0..window.batch {
        let quantized = quantize_row(attrs.symmetric, x.slice(n * len, len), image, libm::roundf);
        f(&one, (image.as_src(), quantized), y.slice(n * output, output));
    }
    Ok(())
}

/// Elements of one image.
fn image_len(call: &Call<'_>) -> Result<usize, OpError> {
    let [_, height, width, channels] = call.input(0)?.shape.nhwc().ok_or(OpError::Shape)?;
    Ok(height * width * channels)
}

pub(crate) fn check_conv(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, w) = (call.input(0)?.shape, call.input(1)?.shape);
    let (_, shape) = conv_2d::infer(&attrs.window, x, w)?;
    ensure(call.output(0)?.shape == shape, OpError::Shape)?;
    check(call, shape.last(), image_len(call)?)
}

pub(crate) fn run_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let (x, w) = (call.input(0)?.shape, call.input(1)?.shape);
    let (window, _) = conv_2d::infer(&attrs.window, x, w)?;
    let layer = layer(call, attrs.clamp)?;
    let channels = [x.last(), w.last(), w.dim(0)];
    images(call, &attrs, window, |window, image, y| {
        conv_hybrid(&layer, window, channels, image, y);
    })
}

pub(crate) fn check_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, w) = (call.input(0)?.shape, call.input(1)?.shape);
    let (_, _, shape) = depthwise_conv_2d::infer(&attrs.window, x, w)?;
    ensure(call.output(0)?.shape == shape, OpError::Shape)?;
    check(call, shape.last(), image_len(call)?)
}

pub(crate) fn run_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let (x, w) = (call.input(0)?.shape, call.input(1)?.shape);
    let (window, multiplier, _) = depthwise_conv_2d::infer(&attrs.window, x, w)?;
    let layer = layer(call, attrs.clamp)?;
    images(call, &attrs, window, |window, image, y| {
        depthwise_hybrid(&layer, window, (x.last(), multiplier), image, y);
    })
}
