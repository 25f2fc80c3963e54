//! Depthwise convolution: `y[n,oy,ox,o] = sum over taps of x[n,iy,ix,o / m] * w[tap,o] + bias[o]`,
//! where `m` is the depth multiplier.
//!
//! Layouts: input and output NHWC, weights `[1, Kh, Kw, O]`.

use super::conv::factor;
use super::float16::RealWeight;
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
pub(crate) fn channels(in_channels: usize, multiplier: usize, mut f: impl FnMut(usize, usize)) {
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
pub struct DepthwiseF32<'a, W = f32> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Output channels per input channel.
    pub multiplier: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
    /// Weights `[1, Kh, Kw, O]`.
    pub weights: Src<'a, W>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float depthwise convolution; products are added in the order of the window's elements.
pub fn depthwise_f32<W: RealWeight>(p: &DepthwiseF32<'_, W>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let out_channels = p.in_channels * p.multiplier;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        channels(p.in_channels, p.multiplier, |out, channel| {
            let mut sum = 0.0;
            p.window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * p.in_channels + channel);
                sum += value * p.weights.get(tap * out_channels + out).real();
            });
            y.set(at + out, p.clamp.apply(sum + p.bias.get(out)));
        });
        at += out_channels;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Multiplier;
    use crate::testing::{Random, kernel, pixels, taps, windows};

    /// Input channels and depth multiplier.
    const CHANNELS: [(usize, usize); 5] = [(1, 1), (5, 1), (8, 1), (1, 7), (3, 2)];

    #[test]
    fn int8_is_the_sum_over_the_window() {
        let mut random = Random(3);
        let offsets = [(0, 0, 0), (128, 0, -128), (-127, 5, 127)];
        for (case, window) in windows().into_iter().enumerate() {
            for (in_channels, multiplier) in CHANNELS {
                let outputs = in_channels * multiplier;
                let (input_offset, weights_offset, output_offset) = offsets[case % 3];
                let clamp = Clamp { min: [-128, -100][case % 2], max: [127, 90][case % 2] };
                let x = random.i8s(pixels(&window) * in_channels);
                let weights = random.i8s(kernel(&window) * outputs);
                let bias = random.i32s(outputs * (case % 2), 10_000);
                let factors = random.factors(outputs);
                let conv = DepthwiseS8 {
                    window,
                    in_channels,
                    multiplier,
                    input_offset,
                    weights_offset,
                    output_offset,
                    clamp,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                    factors: Src::from(&factors[..]),
                };
                let positions = taps(&window);
                let mut y = vec![0; positions.len() * outputs];
                depthwise_s8(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                for (at, &y) in y.iter().enumerate() {
                    let o = at % outputs;
                    let mut sum = *bias.get(o).unwrap_or(&0);
                    for &(tap, pixel) in &positions[at / outputs] {
                        let x = x[pixel * in_channels + o / multiplier] as i32;
                        let weight = weights[tap * outputs + o] as i32;
                        sum += (x + input_offset) * (weight + weights_offset);
                    }
                    let factor = Multiplier { mantissa: factors[2 * o], shift: factors[2 * o + 1] };
                    let expected = (factor.double(sum) + output_offset).clamp(clamp.min, clamp.max);
                    assert_eq!(y as i32, expected, "{window:?} {in_channels} * {multiplier}");
                }
            }
        }
    }

    #[test]
    fn float_is_the_sum_over_the_window() {
        let mut random = Random(4);
        for (case, window) in windows().into_iter().enumerate() {
            for (in_channels, multiplier) in CHANNELS {
                let outputs = in_channels * multiplier;
                let clamp = Clamp { min: -20.0, max: [f32::MAX, 20.0][case % 2] };
                let x = random.f32s(pixels(&window) * in_channels);
                let weights = random.f32s(kernel(&window) * outputs);
                let bias = random.f32s(outputs * (case % 2));
                let conv = DepthwiseF32 {
                    window,
                    in_channels,
                    multiplier,
                    clamp,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                };
                let positions = taps(&window);
                let mut y = vec![f32::NAN; positions.len() * outputs];
                depthwise_f32(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                for (at, &y) in y.iter().enumerate() {
                    let o = at % outputs;
                    let product = |&(tap, pixel): &(usize, usize)| {
                        x[pixel * in_channels + o / multiplier] * weights[tap * outputs + o]
                    };
                    let sum: f32 = positions[at / outputs].iter().map(product).sum();
                    let sum = sum + bias.get(o).unwrap_or(&0.0);
                    assert_eq!(y, sum.clamp(clamp.min, clamp.max), "{window:?} {multiplier}");
                }
            }
        }
    }
}
