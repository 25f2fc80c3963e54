//! Fully connected: `y[n,o] = sum over i of x[n,i] * w[o,i] + bias[o]`.

use super::sums::{Sums, dot};
use crate::{Clamp, Dst, Src};

/// Numbers of a fully connected layer with 16-bit activations.
#[derive(Clone, Copy)]
pub struct FullyConnectedS16<'a> {
    /// Rows of the input.
    pub batch: usize,
    /// Values of a row.
    pub depth: usize,
    /// Outputs of a row.
    pub outputs: usize,
    /// Bounds of the output, within `[-32768, 32767]`.
    pub clamp: Clamp<i32>,
    /// Weights `[O, I]`.
    pub weights: Src<'a, i8>,
    /// Accumulators, with the bias `[O]`.
    pub sums: Sums<'a>,
    /// A factor for each output, or one for all.
    pub factors: Src<'a, i32>,
}

/// Fully connected layer.
pub fn fully_connected_s16(p: &FullyConnectedS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let shared = p.factors.len() == p.sums.factor_len();
    for n in 0..p.batch {
        let row = x.slice(n * p.depth, p.depth);
        for o in 0..p.outputs {
            let sum = dot(p.sums.start(o), row, p.weights.slice(o * p.depth, p.depth));
            let scaled = p.sums.scaled(p.factors, if shared { 0 } else { o }, sum);
            y.set(n * p.outputs + o, p.clamp.apply(scaled) as i16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requant::RealFactor;
    use crate::testing::Random;

    #[test]
    fn outputs_are_scaled_sums_of_rows() {
        let mut random = Random(23);
        let clamp = Clamp { min: -30_000, max: 25_000 };
        for (batch, depth, outputs) in [(1, 1, 1), (3, 7, 4), (2, 64, 5), (1, 1000, 2)] {
            let x = random.i16s(batch * depth);
            let weights = random.i8s(outputs * depth);
            let bias: Vec<i64> = (0..outputs as i64).map(|o| (o - 2) << 33).collect();
            for shared in [true, false] {
                let count = if shared { 1 } else { outputs };
                let factor = |o: usize| RealFactor {
                    mantissa: 0x1A_BCDE_F012_3456 + o as u64,
                    shift: -20 - o as i32,
                };
                let triple =
                    |f: RealFactor| [f.mantissa as i32, (f.mantissa >> 32) as i32, f.shift];
                let factors: Vec<i32> = (0..count).flat_map(|o| triple(factor(o))).collect();
                let layer = FullyConnectedS16 {
                    batch,
                    depth,
                    outputs,
                    clamp,
                    weights: Src::from(&weights[..]),
                    sums: Sums::Real(Src::from(&bias[..])),
                    factors: Src::from(&factors[..]),
                };
                let mut y = vec![0; batch * outputs];
                fully_connected_s16(&layer, Src::from(&x[..]), Dst::from(&mut y[..]));
                for (at, &y) in y.iter().enumerate() {
                    let (n, o) = (at / outputs, at % outputs);
                    let product =
                        |i: usize| i64::from(x[n * depth + i]) * i64::from(weights[o * depth + i]);
                    let sum = bias[o] + (0..depth).map(product).sum::<i64>();
                    let scaled = factor(if shared { 0 } else { o }).apply(sum);
                    assert_eq!(i32::from(y), scaled.clamp(clamp.min, clamp.max));
                }
            }
        }
    }
}
