//! Transposed convolution: every input pixel is spread over the output through the window. An output
//! pixel collects from the input pixels whose window reaches it, so that nothing needs zeroing.
//!
//! Numbers and layouts are those of a convolution; the window slides over the output.

use super::conv::{ConvF32, ConvS8, dot_f32, dot_s8, factor};
use super::s16::{ConvS16, dot};
use crate::{Dst, Src, Window};

/// Calls `f(tap, pixel)` for every tap through which an input pixel reaches output `(y, x)`.
fn taps(w: &Window, n: usize, y: usize, x: usize, mut f: impl FnMut(usize, usize)) {
    for ky in 0..w.kernel[0] {
        let Some(row) = source(w, 0, y, ky) else { continue };
        for kx in 0..w.kernel[1] {
            if let Some(column) = source(w, 1, x, kx) {
                let pixel = (n * w.input[0] + row) * w.input[1] + column;
                f(ky * w.kernel[1] + kx, pixel);
            }
        }
    }
}

/// The input coordinate along `axis` that reaches output `o` through tap `k`.
fn source(w: &Window, axis: usize, o: usize, k: usize) -> Option<usize> {
    let axis = axis & 1;
    let distance = (o + w.pad[axis]).checked_sub(k * w.dilation[axis])?;
    let at = distance.checked_div(w.stride[axis])?;
    (at * w.stride[axis] == distance && at < w.input[axis]).then_some(at)
}

/// int8, with per-channel requantization, rounded twice.
pub fn transpose_conv_s8(p: &ConvS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let depth = p.in_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * depth;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let mut sum = p.bias.get(channel);
            taps(&p.window, n, oy, ox, |tap, pixel| {
                let (values, row) =
                    (x.slice(pixel * depth, depth), weights.slice(tap * depth, depth));
                sum = sum.wrapping_add(dot_s8(values, p.input_offset, row, p.weights_offset));
            });
            let scaled = factor(p.factors, channel).double(sum).wrapping_add(p.output_offset);
            y.set(at + channel, p.clamp.apply(scaled) as i8);
        }
        at += p.out_channels;
    });
}

/// int16 activations, with per-channel requantization.
pub fn transpose_conv_s16(p: &ConvS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let depth = p.in_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * depth;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let mut sum = p.sums.start(channel);
            taps(&p.window, n, oy, ox, |tap, pixel| {
                let (values, row) =
                    (x.slice(pixel * depth, depth), weights.slice(tap * depth, depth));
                sum = dot(sum, values, row);
            });
            let scaled = p.sums.scaled(p.factors, channel, sum);
            y.set(at + channel, p.clamp.apply(scaled) as i16);
        }
        at += p.out_channels;
    });
}

/// float.
pub fn transpose_conv_f32(p: &ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let depth = p.in_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * depth;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.out_channels {
            let weights = p.weights.slice(channel * filter, filter);
            let mut sum = 0.0;
            taps(&p.window, n, oy, ox, |tap, pixel| {
                sum =
                    dot_f32(sum, x.slice(pixel * depth, depth), weights.slice(tap * depth, depth));
            });
            y.set(at + channel, p.clamp.apply(sum + p.bias.get(channel)));
        }
        at += p.out_channels;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clamp;
    use crate::testing::Random;

    #[test]
    fn pixels_are_spread_over_the_output() {
        let mut random = Random(31);
        for (stride, pad, kernel) in [(1, 0, 2), (2, 1, 3), (3, 0, 2), (2, 2, 5)] {
            let (input, depth, channels) = (3usize, 2, 3);
            let output = stride * (input - 1) + kernel - 2 * pad;
            let x = random.f32s(input * input * depth);
            let weights = random.f32s(channels * kernel * kernel * depth);
            let mut expected = vec![0.0f32; output * output * channels];
            for (iy, ix) in (0..input * input).map(|i| (i / input, i % input)) {
                for (ky, kx) in (0..kernel * kernel).map(|i| (i / kernel, i % kernel)) {
                    let (oy, ox) = (iy * stride + ky, ix * stride + kx);
                    let inside = |o: usize| (pad..output + pad).contains(&o);
                    if !inside(oy) || !inside(ox) {
                        continue;
                    }
                    for (o, d) in (0..channels * depth).map(|i| (i / depth, i % depth)) {
                        let w = weights[((o * kernel + ky) * kernel + kx) * depth + d];
                        let at = ((oy - pad) * output + ox - pad) * channels + o;
                        expected[at] += x[(iy * input + ix) * depth + d] * w;
                    }
                }
            }
            let square = |n| [n, n];
            let window = Window {
                batch: 1,
                input: square(input),
                output: square(output),
                kernel: square(kernel),
                stride: square(stride),
                dilation: [1, 1],
                pad: square(pad),
            };
            let conv = ConvF32 {
                window,
                in_channels: depth,
                out_channels: channels,
                group_channels: depth,
                clamp: Clamp { min: f32::MIN, max: f32::MAX },
                weights: Src::from(&weights[..]),
                bias: Src::empty(),
            };
            let mut y = vec![f32::NAN; expected.len()];
            transpose_conv_f32(&conv, Src::from(&x[..]), Dst::from(&mut y[..]));
            for (y, e) in y.iter().zip(&expected) {
                assert!((y - e).abs() < 1e-4, "stride {stride} pad {pad}: {y} {e}");
            }
        }
    }
}
