//! Convolution: `y[n,oy,ox,o] = sum over taps and i of x[n,iy,ix,i] * w[o,tap,i] + bias[o]`.
//!
//! Layouts: input and output NHWC, weights OHWI. With groups, output channel `o` reads the input
//! channels of its group only, and `w` has that many.

use super::float16::RealWeight;
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
pub(crate) fn dot_f32<W: RealWeight>(total: f32, x: Src<'_, f32>, w: Src<'_, W>) -> f32 {
    x.iter().zip(w.iter()).fold(total, |total, (x, w)| total + x * w.real())
}

/// First input channel that each output channel reads: `group * group_channels`.
#[inline]
pub(crate) fn group_start(
    channel: usize,
    in_channels: usize,
    group: usize,
    out_channels: usize,
) -> usize {
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
pub struct ConvF32<'a, W = f32> {
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
    pub weights: Src<'a, W>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float convolution; products are added in the order of the window's elements.
pub fn conv_f32<W: RealWeight>(p: &ConvF32<'_, W>, x: Src<'_, f32>, y: Dst<'_, f32>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, kernel, pixels, taps, windows};

    /// Channels of input, group and output: one, tails of four, groups, one channel per group.
    const CHANNELS: [(usize, usize, usize); 6] =
        [(1, 1, 1), (3, 3, 5), (8, 8, 4), (4, 2, 6), (4, 1, 8), (6, 3, 2)];

    /// `w[o, tap, i] * x[pixel, first + i]`, summed by `f` over the window's elements.
    fn naive(
        window: &Window,
        (inputs, group, outputs): (usize, usize, usize),
        mut f: impl FnMut(usize, &mut dyn Iterator<Item = (usize, usize)>),
    ) {
        let mut at = 0;
        for inside in taps(window) {
            for o in 0..outputs {
                let first = o / (outputs / (inputs / group)) * group;
                let mut products = inside.iter().flat_map(|&(tap, pixel)| {
                    let w = (o * kernel(window) + tap) * group;
                    (0..group).map(move |i| (pixel * inputs + first + i, w + i))
                });
                f(at, &mut products);
                at += 1;
            }
        }
    }

    #[test]
    fn int8_is_the_sum_over_the_window() {
        let mut random = Random(1);
        let offsets = [(0, 0, 0), (128, 0, -128), (-127, 5, 127)];
        for (case, window) in windows().into_iter().enumerate() {
            for channels in CHANNELS {
                let (in_channels, group_channels, out_channels) = channels;
                let (input_offset, weights_offset, output_offset) = offsets[case % 3];
                let clamp = Clamp { min: [-128, -100][case % 2], max: [127, 90][case % 2] };
                let x = random.i8s(pixels(&window) * in_channels);
                let weights = random.i8s(out_channels * kernel(&window) * group_channels);
                let bias = random.i32s(out_channels * (case % 2), 10_000);
                let factors = random.factors(out_channels);
                let conv = ConvS8 {
                    window,
                    in_channels,
                    out_channels,
                    group_channels,
                    input_offset,
                    weights_offset,
                    output_offset,
                    clamp,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                    factors: Src::from(&factors[..]),
                };
                let mut y = vec![0; taps(&window).len() * out_channels];
                conv_s8(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                naive(&window, channels, |at, products| {
                    let o = at % out_channels;
                    let sum: i32 = products
                        .map(|(i, j)| {
                            (x[i] as i32 + input_offset) * (weights[j] as i32 + weights_offset)
                        })
                        .sum();
                    let factor = Multiplier { mantissa: factors[2 * o], shift: factors[2 * o + 1] };
                    let scaled = factor.double(sum + bias.get(o).unwrap_or(&0)) + output_offset;
                    let expected = scaled.clamp(clamp.min, clamp.max);
                    assert_eq!(y[at] as i32, expected, "{window:?} {channels:?} at {at}");
                });
            }
        }
    }

    #[test]
    fn float_is_the_sum_over_the_window() {
        let mut random = Random(2);
        for (case, window) in windows().into_iter().enumerate() {
            for channels in CHANNELS {
                let (in_channels, group_channels, out_channels) = channels;
                let clamp =
                    Clamp { min: [f32::MIN, -20.0][case % 2], max: [f32::MAX, 20.0][case % 2] };
                let x = random.f32s(pixels(&window) * in_channels);
                let weights = random.f32s(out_channels * kernel(&window) * group_channels);
                let bias = random.f32s(out_channels * (case % 2));
                let conv = ConvF32 {
                    window,
                    in_channels,
                    out_channels,
                    group_channels,
                    clamp,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                };
                let mut y = vec![f32::NAN; taps(&window).len() * out_channels];
                conv_f32(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                naive(&window, channels, |at, products| {
                    let sum: f32 = products.map(|(i, j)| x[i] * weights[j]).sum();
                    let sum = sum + bias.get(at % out_channels).unwrap_or(&0.0);
                    assert_eq!(y[at], sum.clamp(clamp.min, clamp.max), "{window:?} {channels:?}");
                });
            }
        }
    }

    #[test]
    fn memory_that_is_too_short_is_not_left() {
        let window = windows()[1];
        let (x, weights, factors) = ([1i8; 10], [1i8; 7], [1i32; 3]);
        let conv = ConvS8 {
            window,
            in_channels: 3,
            out_channels: 5,
            group_channels: 3,
            input_offset: 128,
            weights_offset: 0,
            output_offset: 0,
            clamp: Clamp { min: -128, max: 127 },
            weights: Src::from(&weights[..]),
            bias: Src::empty(),
            factors: Src::from(&factors[..]),
        };
        let mut y = [77i8; 8];
        conv_s8(&conv, Src::from(&x[..]), Dst::from(&mut y[..]).slice(2, 4));
        assert_eq!((&y[..2], &y[6..]), (&[77; 2][..], &[77; 2][..]));
    }
}
