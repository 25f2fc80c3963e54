//! Fully connected layer: `y[b,o] = sum over i of x[b,i] * w[o,i] + bias[o]`.

use super::conv::{dot_f32, dot_s8, factor};
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
pub struct FullyConnectedF32<'a> {
    /// Rows of the input.
    pub batch: usize,
    /// Values of a row.
    pub depth: usize,
    /// Values of an output row.
    pub outputs: usize,
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
    /// Weights `[O, I]`.
    pub weights: Src<'a, f32>,
    /// Bias `[O]`; empty for none.
    pub bias: Src<'a, f32>,
}

/// float fully connected layer; products are added in order.
pub fn fully_connected_f32(p: &FullyConnectedF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    for row in 0..p.batch {
        let values = x.slice(row * p.depth, p.depth);
        for o in 0..p.outputs {
            let sum = dot_f32(0.0, values, p.weights.slice(o * p.depth, p.depth));
            y.set(row * p.outputs + o, p.clamp.apply(sum + p.bias.get(o)));
        }
    }
}
