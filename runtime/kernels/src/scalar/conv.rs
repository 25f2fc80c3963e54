//! Convolution: `y[n,oy,ox,o] = sum over taps and i of x[n,iy,ix,i] * w[o,tap,i] + bias[o]`.
//!
//! Layouts: input and output NHWC, weights OHWI. With groups, output channel `o` reads the input
//! channels of its group only, and `w` has that many.

use crate::{Clamp, Dst, Multiplier, Src, Window};

/// Numbers of an int8 convolution; channels are counted per image.
#[derive(Clone, Copy)]
pub struct ConvS8<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Input channels that one output channel reads.
    pub group_channels: usize,
    /// Minus the input's zero point, in `[-127, 128]`.
    pub input_offset: i32,
    /// Minus the weights' zero point, in `[-127, 128]`; 0 for symmetric weights.
    pub weights_offset: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_offset: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
    /// Weights `[O, Kh, Kw, I]`.
    pub weights: Src<'a, i8>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, i32>,
    /// Mantissa and shift of each output channel: `[O, 2]`.
    pub factors: Src<'a, i32>,
}

/// Mantissa and shift number `channel` of a list of pairs.
#[inline]
pub(crate) fn factor(factors: Src<'_, i32>, channel: usize) -> Multiplier {
    Multiplier { mantissa: factors.get(2 * channel), shift: factors.get(2 * channel + 1) }
}

/// `sum of (x + x_offset) * (w + w_offset)`.
#[inline]
pub(crate) fn dot_s8(x: Src<'_, i8>, x_offset: i32, w: Src<'_, i8>, w_offset: i32) -> i32 {
    let pairs = x.iter().zip(w.iter());
    let products = pairs.map(|(x, w)| (x as i32 + x_offset) * (w as i32 + w_offset));
    products.fold(0, i32::wrapping_add)
}

/// `total + sum of x * w`, added in order.
#[inline]
pub(crate) fn dot_f32(total: f32, x: Src<'_, f32>, w: Src<'_, f32>) -> f32 {
    x.iter().zip(w.iter()).fold(total, |total, (x, w)| total + x * w)
}

/// First input channel that each output channel reads: `group * group_channels`.
#[inline]
fn group_start(channel: usize, in_channels: usize, group: usize, out_channels: usize) -> usize {
    if group == in_channels {
        return 0;
    }
    let groups = in_channels.checked_div(group).unwrap_or(1);
    let per_group = out_channels.checked_div(groups).unwrap_or(1);
    channel.checked_div(per_group).unwrap_or(0) * group
}

/// int8 convolution with per-channel requantization, rounded twice.
pub fn conv_s8(p: &ConvS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let group = p.group_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * group;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let start = group_start(channel, p.in_channels, group, p.out_channels);
            let mut sum = p.bias.get(channel);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let values = x.slice(pixel * p.in_channels + start, group);
                let row = weights.slice(tap * group, group);
                let product = dot_s8(values, p.input_offset, row, p.weights_offset);
                sum = sum.wrapping_add(product);
            });
            let scaled = factor(p.factors, channel).double(sum);
            let value = p.clamp.apply(scaled.wrapping_add(p.output_offset));
            y.set(at + channel, value as i8);
        }
        at += p.out_channels;
    });
}

/// Numbers of a float convolution.
#[derive(Clone, Copy)]
pub struct ConvF32<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Input channels that one output channel reads.
    pub group_channels: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
    /// Weights `[O, Kh, Kw, I]`.
    pub weights: Src<'a, f32>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float convolution; products are added in the order of the window's elements.
pub fn conv_f32(p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let group = p.group_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * group;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let start = group_start(channel, p.in_channels, group, p.out_channels);
            let mut sum = 0.0;
            p.window.taps(n, oy, ox, |tap, pixel| {
                let values = x.slice(pixel * p.in_channels + start, group);
                sum = dot_f32(sum, values, weights.slice(tap * group, group));
            });
            y.set(at + channel, p.clamp.apply(sum + p.bias.get(channel)));
        }
        at += p.out_channels;
    });
}
