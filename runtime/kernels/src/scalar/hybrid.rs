//! Layers with float activations and int8 weights: rows of the input are quantized when the layer runs,
//! so that products are those of integers.

use super::conv::{dot_s8, group_start};
use super::depthwise::channels;
use crate::{Clamp, Dst, Src, Window};

/// Scale and zero point of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantized {
    /// Real distance of neighbouring integers.
    pub scale: f32,
    /// The integer that stands for zero.
    pub zero: i32,
}

/// Quantizes a row over its range, which includes zero; with `symmetric` the zero point is 0.
pub fn quantize_row(
    symmetric: bool,
    x: Src<'_, f32>,
    y: Dst<'_, i8>,
    round: impl Fn(f32) -> f32,
) -> Quantized {
    let low = x.iter().fold(0.0f32, |low, x| if x < low { x } else { low });
    let high = x.iter().fold(0.0f32, |high, x| if x > high { x } else { high });
    if low == high {
        y.fill(0);
        return Quantized { scale: 1.0, zero: 0 };
    }
    let (quantized, inverse) = if symmetric {
        let range = if -low > high { -low } else { high };
        (Quantized { scale: range / 127.0, zero: 0 }, 127.0 / range)
    } else {
        let quantized = whole_range(low as f64, high as f64, &round);
        (quantized, 1.0 / quantized.scale)
    };
    let (least, zero) = (if symmetric { -127 } else { -128 }, quantized.zero as f32);
    let clamp = Clamp { min: least, max: 127 };
    y.fill_with(x.iter().map(|x| clamp.apply(round(zero + x * inverse) as i32) as i8));
    quantized
}

/// The zero point of whichever end of the range has the smaller error.
fn whole_range(low: f64, high: f64, round: impl Fn(f32) -> f32) -> Quantized {
    let scale = (high - low) / 255.0;
    let (below, above) = (-low / scale, high / scale);
    let zero = if 128.0 + below < 127.0 + above { below - 128.0 } else { 127.0 - above };
    let zero = round(zero as f32) as i32;
    Quantized { scale: scale as f32, zero: Clamp { min: -128, max: 127 }.apply(zero) }
}

/// Weights, their scales (one, or one for each output), the bias (empty for none), bounds.
#[derive(Clone, Copy)]
pub struct Hybrid<'a> {
    /// Weights.
    pub weights: Src<'a, i8>,
    /// Scales of the weights.
    pub scales: Src<'a, f32>,
    /// Added to the outputs.
    pub bias: Src<'a, f32>,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
}

impl Hybrid<'_> {
    fn output(&self, channel: usize, scale: f32, sum: i32) -> f32 {
        let weights = self.scales.get(if self.scales.len() > 1 { channel } else { 0 });
        self.clamp.apply(sum as f32 * (weights * scale) + self.bias.get(channel))
    }
}

/// Fully connected layer on rows that were quantized.
pub fn fully_connected_hybrid(
    p: &Hybrid<'_>,
    (depth, outputs): (usize, usize),
    (x, row): (Src<'_, i8>, Quantized),
    y: Dst<'_, f32>,
) {
    for o in 0..outputs {
        let sum = dot_s8(x, -row.zero, p.weights.slice(o * depth, depth), 0);
        y.set(o, p.output(o, row.scale, sum));
    }
}

/// Convolution of one image that was quantized; channels of the input, of a group, of the output.
pub fn conv_hybrid(
    p: &Hybrid<'_>,
    window: &Window,
    [inputs, group, outputs]: [usize; 3],
    (x, image): (Src<'_, i8>, Quantized),
    y: Dst<'_, f32>,
) {
    let filter = window.kernel[0] * window.kernel[1] * group;
    let mut at = 0;
    window.positions(|n, oy, ox| {
        for channel in 0..outputs {
            let weights = p.weights.slice(channel * filter, filter);
            let start = group_start(channel, inputs, group, outputs);
            let mut sum = 0i32;
            window.taps(n, oy, ox, |tap, pixel| {
                let values = x.slice(pixel * inputs + start, group);
                let row = weights.slice(tap * group, group);
                sum = sum.wrapping_add(dot_s8(values, -image.zero, row, 0));
            });
            y.set(at + channel, p.output(channel, image.scale, sum));
        }
        at += outputs;
    });
}

/// Depthwise convolution of one image that was quantized; channels of the input, and outputs of each.
pub fn depthwise_hybrid(
    p: &Hybrid<'_>,
    window: &Window,
    (inputs, multiplier): (usize, usize),
    (x, image): (Src<'_, i8>, Quantized),
    y: Dst<'_, f32>,
) {
    let outputs = inputs * multiplier;
    let mut at = 0;
    window.positions(|n, oy, ox| {
        channels(inputs, multiplier, |out, channel| {
            let mut sum = 0i32;
            window.taps(n, oy, ox, |tap, pixel| {
                let value = x.get(pixel * inputs + channel) as i32 - image.zero;
                sum = sum.wrapping_add(value * p.weights.get(tap * outputs + out) as i32);
            });
            y.set(at + out, p.output(out, image.scale, sum));
        });
        at += outputs;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_quantized_over_their_range() {
        let x = [-1.0f32, 0.0, 0.5, 3.0];
        let mut y = [0i8; 4];
        let q = quantize_row(false, Src::from(&x[..]), Dst::from(&mut y[..]), f32::round);
        assert_eq!((q.zero, y), (-64, [-128, -64, -32, 127]));
        assert!((q.scale - 4.0 / 255.0).abs() < 1e-8);
        let q = quantize_row(true, Src::from(&x[..]), Dst::from(&mut y[..]), f32::round);
        assert_eq!((q.zero, y), (0, [-42, 0, 21, 127]));
        let q = quantize_row(true, Src::from(&[0.0; 4][..]), Dst::from(&mut y[..]), f32::round);
        assert_eq!((q, y), (Quantized { scale: 1.0, zero: 0 }, [0; 4]));
    }
}
