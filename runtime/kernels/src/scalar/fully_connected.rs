//! Fully connected layer: `y[b,o] = sum over i of x[b,i] * w[o,i] + bias[o]`.

use super::conv::{dot_f32, dot_s8, factor};
use super::float16::RealWeight;
use crate::{Clamp, Dst, Rounding, Src};

/// Numbers of an int8 fully connected layer.
#[derive(Clone, Copy)]
pub struct FullyConnectedS8<'a> {
    /// Rows of the input.
    pub batch: usize,
    /// Values of a row.
    pub depth: usize,
    /// Values of an output row.
    pub outputs: usize,
    /// Minus the input's zero point, in `[-127, 128]`.
    pub input_offset: i32,
    /// Minus the weights' zero point, in `[-127, 128]`.
    pub weights_offset: i32,
    /// The output's zero point, in `[-128, 127]`.
    pub output_offset: i32,
    /// Bounds of the output, within `[-128, 127]`.
    pub clamp: Clamp<i32>,
    /// How accumulators are rounded.
    pub rounding: Rounding,
    /// Weights `[O, I]`.
    pub weights: Src<'a, i8>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, i32>,
    /// Mantissa and shift: one pair, or one for each output.
    pub factors: Src<'a, i32>,
}

/// int8 fully connected layer.
pub fn fully_connected_s8(p: &FullyConnectedS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let per_channel = p.factors.len() > 2;
    for row in 0..p.batch {
        let values = x.slice(row * p.depth, p.depth);
        for o in 0..p.outputs {
            let weights = p.weights.slice(o * p.depth, p.depth);
            let product = dot_s8(values, p.input_offset, weights, p.weights_offset);
            let sum = p.bias.get(o).wrapping_add(product);
            let factor = factor(p.factors, if per_channel { o } else { 0 });
            let scaled = p.rounding.apply(factor, sum).wrapping_add(p.output_offset);
            y.set(row * p.outputs + o, p.clamp.apply(scaled) as i8);
        }
    }
}

/// Numbers of a float fully connected layer.
#[derive(Clone, Copy)]
pub struct FullyConnectedF32<'a, W = f32> {
    /// Rows of the input.
    pub batch: usize,
    /// Values of a row.
    pub depth: usize,
    /// Values of an output row.
    pub outputs: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
    /// Weights `[O, I]`.
    pub weights: Src<'a, W>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float fully connected layer; products are added in order.
pub fn fully_connected_f32<W: RealWeight>(
    p: &FullyConnectedF32<'_, W>,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
) {
    for row in 0..p.batch {
        let values = x.slice(row * p.depth, p.depth);
        for o in 0..p.outputs {
            let sum = dot_f32(0.0, values, p.weights.slice(o * p.depth, p.depth));
            y.set(row * p.outputs + o, p.clamp.apply(sum + p.bias.get(o)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Multiplier;
    use crate::testing::Random;

    /// Rows, values of a row, outputs of a row: ones, and tails of four.
    const SHAPES: [[usize; 3]; 6] =
        [[1, 1, 1], [1, 7, 3], [2, 8, 4], [3, 5, 9], [1, 33, 2], [2, 1, 5]];

    #[test]
    fn int8_is_the_product_with_the_weights() {
        let mut random = Random(5);
        let offsets = [(0, 0, 0), (128, 0, -128), (-127, 5, 127)];
        for (case, [batch, depth, outputs]) in SHAPES.into_iter().enumerate() {
            let (input_offset, weights_offset, output_offset) = offsets[case % 3];
            for (pairs, rounding) in [
                (1, Rounding::Single),
                (1, Rounding::Double),
                (outputs, Rounding::Single),
                (outputs, Rounding::Double),
            ] {
                let clamp = Clamp { min: [-128, -100][case % 2], max: [127, 90][case % 2] };
                let x = random.i8s(batch * depth);
                let weights = random.i8s(outputs * depth);
                let bias = random.i32s(outputs * (case % 2), 10_000);
                let factors = random.factors(pairs);
                let layer = FullyConnectedS8 {
                    batch,
                    depth,
                    outputs,
                    input_offset,
                    weights_offset,
                    output_offset,
                    clamp,
                    rounding,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                    factors: Src::from(&factors[..]),
                };
                let mut y = vec![0; batch * outputs];
                fully_connected_s8(&layer, Src::from(&x[..]), Dst::from(&mut y[..]));
                for (at, &y) in y.iter().enumerate() {
                    let (row, o) = (at / outputs, at % outputs);
                    let mut sum = *bias.get(o).unwrap_or(&0);
                    for i in 0..depth {
                        let (x, w) = (x[row * depth + i] as i32, weights[o * depth + i] as i32);
                        sum += (x + input_offset) * (w + weights_offset);
                    }
                    let pair = 2 * (o % pairs);
                    let factor = Multiplier { mantissa: factors[pair], shift: factors[pair + 1] };
                    let scaled = match rounding {
                        Rounding::Single => factor.single(sum),
                        Rounding::Double => factor.double(sum),
                    };
                    let expected = (scaled + output_offset).clamp(clamp.min, clamp.max);
                    assert_eq!(y as i32, expected, "case {case}, {pairs} factors, {rounding:?}");
                }
            }
        }
    }

    #[test]
    fn float_is_the_product_with_the_weights() {
        let mut random = Random(6);
        for (case, [batch, depth, outputs]) in SHAPES.into_iter().enumerate() {
            let clamp = Clamp { min: -30.0, max: [f32::MAX, 30.0][case % 2] };
            let (x, weights) = (random.f32s(batch * depth), random.f32s(outputs * depth));
            let bias = random.f32s(outputs * (case % 2));
            let layer = FullyConnectedF32 {
                batch,
                depth,
                outputs,
                clamp,
                weights: Src::from(&weights[..]),
                bias: Src::from(&bias[..]),
            };
            let mut y = vec![f32::NAN; batch * outputs];
            fully_connected_f32(&layer, Src::from(&x[..]), Dst::from(&mut y[..]));
            for (at, &y) in y.iter().enumerate() {
                let (row, o) = (at / outputs, at % outputs);
                let product = |i: usize| x[row * depth + i] * weights[o * depth + i];
                let sum: f32 = (0..depth).map(product).sum();
                let sum = sum + bias.get(o).unwrap_or(&0.0);
                assert_eq!(y, sum.clamp(clamp.min, clamp.max), "case {case}");
            }
        }
    }
}
