//! 4-bit weights: two to a byte, the first in the low half, in the order of the source and without gaps
//! between rows. Everything else is as in the 8-bit forms, whose numbers these kernels take with
//! packed weights in them.

use super::conv::{ConvS8, factor, group_start};
use super::depthwise::{DepthwiseS8, channels};
use super::fully_connected::FullyConnectedS8;
use crate::{Dst, Src};

/// Weight number `index`, in `[-8, 7]`.
#[inline]
fn weight(packed: Src<'_, i8>, index: usize) -> i32 {
    let byte = packed.get(index >> 1) as i32;
    let high = if index & 1 == 0 { byte << 28 } else { byte << 24 };
    high >> 28
}

/// `sum of (x + x_offset) * (w + w_offset)` over the weights from number `first`.
#[inline]
fn dot(x: Src<'_, i8>, x_offset: i32, packed: Src<'_, i8>, first: usize, w_offset: i32) -> i32 {
    let product = |x: i8, w: i32| (x as i32 + x_offset).wrapping_mul(w + w_offset);
    let mut sum = 0i32;
    // One by itself up to the start of a byte, then bytes of two, then the first of a last byte.
    let odd = (first & 1).min(x.len());
    if odd == 1 {
        sum = product(x.get(0), weight(packed, first));
    }
    let pairs = (x.len() - odd) >> 1;
    for (pair, byte) in packed.slice((first + odd) >> 1, pairs).iter().enumerate() {
        let at = odd + 2 * pair;
        let (low, high) = (((byte << 4) >> 4) as i32, (byte >> 4) as i32);
        sum = sum.wrapping_add(product(x.get(at), low)).wrapping_add(product(x.get(at + 1), high));
    }
    let last = odd + 2 * pairs;
    if last < x.len() {
        sum = sum.wrapping_add(product(x.get(last), weight(packed, first + last)));
    }
    sum
}

/// Convolution with weights `[O, Kh, Kw, I]` of four bits.
pub fn conv_s4(p: &ConvS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let group = p.group_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * group;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let start = group_start(channel, p.in_channels, group, p.out_channels);
            let mut sum = p.bias.get(channel);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let values = x.slice(pixel * p.in_channels + start, group);
                let first = channel * filter + tap * group;
                let product = dot(values, p.input_offset, p.weights, first, p.weights_offset);
                sum = sum.wrapping_add(product);
            });
            let scaled = factor(p.factors, channel).double(sum);
            y.set(at + channel, p.clamp.apply(scaled.wrapping_add(p.output_offset)) as i8);
        }
        at += p.out_channels;
    });
}

/// Depthwise convolution with weights `[1, Kh, Kw, O]` of four bits.
pub fn depthwise_s4(p: &DepthwiseS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let out_channels = p.in_channels * p.multiplier;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        channels(p.in_channels, p.multiplier, |out, channel| {
            let mut sum = p.bias.get(out);
            p.window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * p.in_channels + channel) as i32 + p.input_offset;
                let weight = weight(p.weights, tap * out_channels + out) + p.weights_offset;
                sum = sum.wrapping_add(value * weight);
            });
            let scaled = factor(p.factors, out).double(sum);
            y.set(at + out, p.clamp.apply(scaled.wrapping_add(p.output_offset)) as i8);
        });
        at += out_channels;
    });
}

/// Fully connected layer with weights `[O, I]` of four bits.
pub fn fully_connected_s4(p: &FullyConnectedS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let shared = p.factors.len() == 2;
    for n in 0..p.batch {
        let row = x.slice(n * p.depth, p.depth);
        for o in 0..p.outputs {
            let product = dot(row, p.input_offset, p.weights, o * p.depth, p.weights_offset);
            let sum = p.bias.get(o).wrapping_add(product);
            let scaled = p.rounding.apply(factor(p.factors, if shared { 0 } else { o }), sum);
            let value = p.clamp.apply(scaled.wrapping_add(p.output_offset));
            y.set(n * p.outputs + o, value as i8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::conv::conv_s8;
    use crate::scalar::depthwise::depthwise_s8;
    use crate::scalar::fully_connected::fully_connected_s8;
    use crate::testing::{Random, kernel, pixels, taps, windows};
    use crate::{Clamp, Rounding};

    const CLAMP: Clamp<i32> = Clamp { min: -120, max: 99 };

    /// Weights of four bits, and the same packed.
    fn weights(random: &mut Random, count: usize) -> (Vec<i8>, Vec<i8>) {
        let whole: Vec<i8> = random.i8s(count).into_iter().map(|w| w >> 4).collect();
        let pair = |pair: &[i8]| pair[0] & 15 | pair.get(1).unwrap_or(&0) << 4;
        let packed = whole.chunks(2).map(pair).collect();
        (whole, packed)
    }

    #[test]
    fn convolutions_are_those_of_eight_bits() {
        let mut random = Random(31);
        for (case, window) in windows().into_iter().enumerate() {
            for (in_channels, group_channels, out_channels) in [(3, 3, 5), (4, 2, 6), (4, 1, 4)] {
                let x = random.i8s(pixels(&window) * in_channels);
                let count = out_channels * kernel(&window) * group_channels;
                let (whole, packed) = weights(&mut random, count);
                let bias = random.i32s(out_channels * (case % 2), 1000);
                let factors = random.factors(out_channels);
                let plain = ConvS8 {
                    window,
                    in_channels,
                    out_channels,
                    group_channels,
                    input_offset: 77,
                    weights_offset: (case % 3) as i32,
                    output_offset: -5,
                    clamp: CLAMP,
                    weights: Src::from(&whole[..]),
                    bias: Src::from(&bias[..]),
                    factors: Src::from(&factors[..]),
                };
                let short = ConvS8 { weights: Src::from(&packed[..]), ..plain };
                let mut expected = vec![0; taps(&window).len() * out_channels];
                let mut y = expected.clone();
                conv_s8(&plain, Src::from(&x[..]), Dst::from(&mut expected[..]));
                conv_s4(&short, Src::from(&x[..]), Dst::from(&mut y[..]));
                assert_eq!(y, expected, "{window:?}");
            }
            for (in_channels, multiplier) in [(1, 1), (5, 1), (3, 2)] {
                let outputs = in_channels * multiplier;
                let x = random.i8s(pixels(&window) * in_channels);
                let (whole, packed) = weights(&mut random, kernel(&window) * outputs);
                let factors = random.factors(outputs);
                let plain = DepthwiseS8 {
                    window,
                    in_channels,
                    multiplier,
                    input_offset: -3,
                    weights_offset: (case % 3) as i32,
                    output_offset: 8,
                    clamp: CLAMP,
                    weights: Src::from(&whole[..]),
                    bias: Src::empty(),
                    factors: Src::from(&factors[..]),
                };
                let short = DepthwiseS8 { weights: Src::from(&packed[..]), ..plain };
                let mut expected = vec![0; taps(&window).len() * outputs];
                let mut y = expected.clone();
                depthwise_s8(&plain, Src::from(&x[..]), Dst::from(&mut expected[..]));
                depthwise_s4(&short, Src::from(&x[..]), Dst::from(&mut y[..]));
                assert_eq!(y, expected, "{window:?}");
            }
        }
    }

    #[test]
    fn fully_connected_layers_are_those_of_eight_bits() {
        let mut random = Random(32);
        for (batch, depth, outputs, shared) in
            [(1, 1, 1, true), (3, 7, 5, false), (2, 64, 4, true), (1, 9, 8, false)]
        {
            let x = random.i8s(batch * depth);
            let (whole, packed) = weights(&mut random, depth * outputs);
            let bias = random.i32s(outputs, 900);
            let factors = random.factors(if shared { 1 } else { outputs });
            let plain = FullyConnectedS8 {
                batch,
                depth,
                outputs,
                input_offset: 128,
                weights_offset: 1,
                output_offset: -128,
                clamp: CLAMP,
                rounding: if shared { Rounding::Single } else { Rounding::Double },
                weights: Src::from(&whole[..]),
                bias: Src::from(&bias[..]),
                factors: Src::from(&factors[..]),
            };
            let short = FullyConnectedS8 { weights: Src::from(&packed[..]), ..plain };
            let (mut expected, mut y) = (vec![0; batch * outputs], vec![0; batch * outputs]);
            fully_connected_s8(&plain, Src::from(&x[..]), Dst::from(&mut expected[..]));
            fully_connected_s4(&short, Src::from(&x[..]), Dst::from(&mut y[..]));
            assert_eq!(y, expected);
        }
    }
}
