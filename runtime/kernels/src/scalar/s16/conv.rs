//! Convolution and depthwise convolution; layouts as in the 8-bit forms.

use super::sums::{Sums, dot};
use crate::scalar::conv::group_start;
use crate::scalar::depthwise::channels;
use crate::{Clamp, Dst, Src, Window};

/// Numbers of a convolution with 16-bit activations.
#[derive(Clone, Copy)]
pub struct ConvS16<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the output.
    pub out_channels: usize,
    /// Input channels that one output channel reads.
    pub group_channels: usize,
    /// Bounds of the output, within `[-32768, 32767]`.
    pub clamp: Clamp<i32>,
    /// Weights `[O, Kh, Kw, I]`.
    pub weights: Src<'a, i8>,
    /// Accumulators, with the bias `[O]`.
    pub sums: Sums<'a>,
    /// A factor for each output channel.
    pub factors: Src<'a, i32>,
}

/// Convolution with per-channel requantization.
pub fn conv_s16(p: &ConvS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let group = p.group_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * group;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let start = group_start(channel, p.in_channels, group, p.out_channels);
            let mut sum = p.sums.start(channel);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let values = x.slice(pixel * p.in_channels + start, group);
                sum = dot(sum, values, weights.slice(tap * group, group));
            });
            let scaled = p.sums.scaled(p.factors, channel, sum);
            y.set(at + channel, p.clamp.apply(scaled) as i16);
        }
        at += p.out_channels;
    });
}

/// Numbers of a depthwise convolution with 16-bit activations.
#[derive(Clone, Copy)]
pub struct DepthwiseS16<'a> {
    /// The sliding window.
    pub window: Window,
    /// Channels of the input.
    pub in_channels: usize,
    /// Output channels per input channel.
    pub multiplier: usize,
    /// Bounds of the output, within `[-32768, 32767]`.
    pub clamp: Clamp<i32>,
    /// Weights `[1, Kh, Kw, O]`.
    pub weights: Src<'a, i8>,
    /// Accumulators, with the bias `[O]`.
    pub sums: Sums<'a>,
    /// A factor for each output channel.
    pub factors: Src<'a, i32>,
}

/// Depthwise convolution with per-channel requantization.
pub fn depthwise_s16(p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let out_channels = p.in_channels * p.multiplier;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        channels(p.in_channels, p.multiplier, |out, channel| {
            let mut sum = p.sums.start(out);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * p.in_channels + channel) as i32;
                let weight = p.weights.get(tap * out_channels + out) as i32;
                sum = sum.wrapping_add((value * weight) as i64);
            });
            let scaled = p.sums.scaled(p.factors, out, sum);
            y.set(at + out, p.clamp.apply(scaled) as i16);
        });
        at += out_channels;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Multiplier;
    use crate::testing::{Random, kernel, pixels, taps, windows};

    const CLAMP: Clamp<i32> = Clamp { min: -30_000, max: 25_000 };

    /// What a sum becomes by definition.
    fn scaled(wide: bool, factors: &[i32], channel: usize, sum: i64) -> i16 {
        let factor = Multiplier { mantissa: factors[2 * channel], shift: factors[2 * channel + 1] };
        let value = if wide { factor.reduced(sum) } else { factor.double(sum as i32) };
        value.clamp(CLAMP.min, CLAMP.max) as i16
    }

    #[test]
    fn convolution_is_the_sum_over_the_window() {
        let mut random = Random(21);
        for (case, window) in windows().into_iter().enumerate() {
            for (inputs, group, outputs) in [(1, 1, 1), (3, 3, 5), (4, 2, 6), (4, 1, 8)] {
                let wide = case % 2 == 0;
                let x = random.i16s(pixels(&window) * inputs);
                let weights = random.i8s(outputs * kernel(&window) * group);
                let narrow_bias = random.i32s(outputs, 1 << 24);
                let wide_bias: Vec<i64> = narrow_bias.iter().map(|&b| i64::from(b) << 8).collect();
                let factors = random.factors(outputs);
                let conv = ConvS16 {
                    window,
                    in_channels: inputs,
                    out_channels: outputs,
                    group_channels: group,
                    clamp: CLAMP,
                    weights: Src::from(&weights[..]),
                    sums: if wide {
                        Sums::Wide(Src::from(&wide_bias[..]))
                    } else {
                        Sums::Narrow(Src::from(&narrow_bias[..]))
                    },
                    factors: Src::from(&factors[..]),
                };
                let mut y = vec![0; taps(&window).len() * outputs];
                conv_s16(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                let mut results = y.iter();
                for inside in taps(&window) {
                    for o in 0..outputs {
                        let first = o / (outputs / (inputs / group)) * group;
                        let bias = if wide { wide_bias[o] } else { narrow_bias[o].into() };
                        let mut sum = bias;
                        for &(tap, pixel) in &inside {
                            for i in 0..group {
                                let w = weights[(o * kernel(&window) + tap) * group + i];
                                sum += i64::from(x[pixel * inputs + first + i]) * i64::from(w);
                            }
                        }
                        let expected = scaled(wide, &factors, o, sum);
                        assert_eq!(results.next(), Some(&expected), "{window:?} {o}");
                    }
                }
            }
        }
    }

    #[test]
    fn depthwise_is_the_sum_over_the_window() {
        let mut random = Random(22);
        for (case, window) in windows().into_iter().enumerate() {
            for (inputs, multiplier) in [(1, 1), (5, 1), (1, 7), (3, 2)] {
                let (outputs, wide) = (inputs * multiplier, case % 2 == 0);
                let x = random.i16s(pixels(&window) * inputs);
                let weights = random.i8s(kernel(&window) * outputs);
                let factors = random.factors(outputs);
                let conv = DepthwiseS16 {
                    window,
                    in_channels: inputs,
                    multiplier,
                    clamp: CLAMP,
                    weights: Src::from(&weights[..]),
                    sums: if wide { Sums::Wide(Src::empty()) } else { Sums::Narrow(Src::empty()) },
                    factors: Src::from(&factors[..]),
                };
                let mut y = vec![0; taps(&window).len() * outputs];
                depthwise_s16(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                let mut results = y.iter();
                for inside in taps(&window) {
                    for o in 0..outputs {
                        let product = |&(tap, pixel): &(usize, usize)| {
                            let w = i64::from(weights[tap * outputs + o]);
                            i64::from(x[pixel * inputs + o / multiplier]) * w
                        };
                        let sum = inside.iter().map(product).sum();
                        let expected = scaled(wide, &factors, o, sum);
                        assert_eq!(results.next(), Some(&expected), "{window:?} {o}");
                    }
                }
            }
        }
    }
}
