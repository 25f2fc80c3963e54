//! Depthwise convolution: `y[n,oy,ox,o] = sum over taps of x[n,iy,ix,o / m] * w[tap,o] + bias[o]`,
//! where `m` is the depth multiplier.
//!
//! Layouts: input and output NHWC, weights `[1, Kh, Kw, O]`.

use super::conv::factor;
use crate::{Clamp, Dst, Src, Window};

/// Numbers of an int8 depthwise convolution.
#[derive(Clone, Copy)]
pub struct DepthwiseS8<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Output channels per input channel.
    pub multiplier: usize,
    /// Minus the input's zero point, in `[-127, 128]`.
    pub input_offset: i32,
    /// Minus the weights' zero point, in `[-127, 128]`; 0 for symmetric weights.
    pub weights_offset: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_offset: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
    /// Weights `[1, Kh, Kw, O]`.
    pub weights: Src<'a, i8>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, i32>,
    /// Mantissa and shift of each output channel: `[O, 2]`.
    pub factors: Src<'a, i32>,
}

/// Calls `f(output channel, input channel)` for every output channel in order.
#[inline]
fn channels(in_channels: usize, multiplier: usize, mut f: impl FnMut(usize, usize)) {
    for channel in 0..in_channels {
        for m in 0..multiplier {
            f(channel * multiplier + m, channel);
        }
    }
}

/// int8 depthwise convolution with per-channel requantization, rounded twice.
pub fn depthwise_s8(p: &DepthwiseS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let out_channels = p.in_channels * p.multiplier;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        channels(p.in_channels, p.multiplier, |out, channel| {
            let mut sum = p.bias.get(out);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * p.in_channels + channel) as i32 + p.input_offset;
                let weight = p.weights.get(tap * out_channels + out) as i32 + p.weights_offset;
                sum = sum.wrapping_add(value * weight);
            });
            let scaled = factor(p.factors, out).double(sum);
            y.set(at + out, p.clamp.apply(scaled.wrapping_add(p.output_offset)) as i8);
        });
        at += out_channels;
    });
}

/// Numbers of a float depthwise convolution.
#[derive(Clone, Copy)]
pub struct DepthwiseF32<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Output channels per input channel.
    pub multiplier: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
    /// Weights `[1, Kh, Kw, O]`.
    pub weights: Src<'a, f32>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float depthwise convolution; products are added in the order of the window's elements.
pub fn depthwise_f32(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let out_channels = p.in_channels * p.multiplier;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        channels(p.in_channels, p.multiplier, |out, channel| {
            let mut sum = 0.0;
            p.window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * p.in_channels + channel);
                sum += value * p.weights.get(tap * out_channels + out);
            });
            y.set(at + out, p.clamp.apply(sum + p.bias.get(out)));
        });
        at += out_channels;
    });
}
