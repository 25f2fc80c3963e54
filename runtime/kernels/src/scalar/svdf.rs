//! A layer of filters of rank one over time: features of the input go into a memory of past ones, and
//! each filter weighs its memory.

use super::conv::{dot_f32, dot_s8};
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// Sizes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Svdf {
    /// Rows of the input.
    pub batch: usize,
    /// Values of an input row.
    pub inputs: usize,
    /// Filters.
    pub filters: usize,
    /// Filters per output.
    pub rank: usize,
    /// Features that are remembered.
    pub memory: usize,
}

/// Numbers of an integer layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SvdfScale {
    /// Minus the input's zero point.
    pub input_offset: i32,
    /// The memory's zero point.
    pub state_zero: i32,
    /// Factor from a feature to the memory's scale.
    pub feature: Multiplier,
    /// Factor from a sum over the memory to the output's scale.
    pub output: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
}

impl Svdf {
    /// Moves all memories by one and calls `feature(row, filter)` for the newest entry of each.
    fn remember<T: Element>(&self, state: Dst<'_, T>, mut feature: impl FnMut(usize, usize) -> T) {
        let kept = state.len().saturating_sub(1);
        state.slice(0, kept).copy_from(state.slice(1, kept).as_src());
        for row in 0..self.batch {
            for filter in 0..self.filters {
                let newest = (row * self.filters + filter + 1) * self.memory;
                state.set(newest.wrapping_sub(1), feature(row, filter));
            }
        }
    }

    /// Calls `write(index, first filter of the row, filters of the output)` for every output.
    fn outputs(&self, mut write: impl FnMut(usize, usize, core::ops::Range<usize>)) {
        let units = self.filters.checked_div(self.rank).unwrap_or(0);
        for row in 0..self.batch {
            for unit in 0..units {
                write(
                    row * units + unit,
                    row * self.filters,
                    unit * self.rank..(unit + 1) * self.rank,
                );
            }
        }
    }
}

/// Weights of a layer: features `[F, I]`, time `[F, T]`, bias `[F / rank]` or none.
#[derive(Clone, Copy)]
pub struct SvdfWeights<'a, W, T, B> {
    /// Of the features.
    pub feature: Src<'a, W>,
    /// Of the memory.
    pub time: Src<'a, T>,
    /// Added to the outputs.
    pub bias: Src<'a, B>,
}

/// int8, with a memory of int8 or int16; all factors are rounded twice.
pub fn svdf_s8<T: Element + Into<i32>>(
    p: &Svdf,
    q: &SvdfScale,
    w: &SvdfWeights<'_, i8, T, i32>,
    x: Src<'_, i8>,
    (state, y): (Dst<'_, T>, Dst<'_, i8>),
    (bounds, narrow): (Clamp<i32>, impl Fn(i32) -> T),
) {
    p.remember(state, |row, filter| {
        let values = x.slice(row * p.inputs, p.inputs);
        let weights = w.feature.slice(filter * p.inputs, p.inputs);
        let feature = q.feature.double(dot_s8(values, q.input_offset, weights, 0));
        narrow(bounds.apply(feature).wrapping_add(q.state_zero))
    });
    let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
    p.outputs(|index, row, filters| {
        let unit = index.checked_rem(p.filters.checked_div(p.rank).unwrap_or(1)).unwrap_or(0);
        let mut sum = w.bias.get(unit);
        for filter in filters {
            let memory = state.as_src().slice((row + filter) * p.memory, p.memory);
            let weights = w.time.slice(filter * p.memory, p.memory);
            for (weight, value) in weights.iter().zip(memory.iter()) {
                let value = value.into().wrapping_sub(q.state_zero);
                sum = sum.wrapping_add(weight.into().wrapping_mul(value));
            }
        }
        let scaled = q.output.double(sum).wrapping_add(q.output_offset);
        y.set(index, clamp.apply(scaled) as i8);
    });
}

/// float.
pub fn svdf_f32(
    p: &Svdf,
    w: &SvdfWeights<'_, f32, f32, f32>,
    clamp: Clamp<f32>,
    x: Src<'_, f32>,
    (state, y): (Dst<'_, f32>, Dst<'_, f32>),
) {
    p.remember(state, |row, filter| {
        let values = x.slice(row * p.inputs, p.inputs);
        dot_f32(0.0, values, w.feature.slice(filter * p.inputs, p.inputs))
    });
    p.outputs(|index, row, filters| {
        let unit = index.checked_rem(p.filters.checked_div(p.rank).unwrap_or(1)).unwrap_or(0);
        let sum = filters.fold(w.bias.get(unit), |sum, filter| {
            let memory = state.as_src().slice((row + filter) * p.memory, p.memory);
            sum + dot_f32(0.0, w.time.slice(filter * p.memory, p.memory), memory)
        });
        y.set(index, clamp.apply(sum));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_remembered_and_weighed() {
        let p = Svdf { batch: 1, inputs: 2, filters: 2, rank: 2, memory: 2 };
        let (feature, time) = ([1.0, 0.0, 0.0, 1.0], [1.0, 10.0, 100.0, 1000.0]);
        let w = SvdfWeights {
            feature: Src::from(&feature[..]),
            time: Src::from(&time[..]),
            bias: Src::from(&[0.5][..]),
        };
        let (mut state, mut y) = ([0.0f32; 4], [0.0f32; 1]);
        let clamp = Clamp { min: f32::MIN, max: f32::MAX };
        for (x, expected) in [([1.0, 2.0], 2010.5), ([3.0, 4.0], 4231.5)] {
            let memory = (Dst::from(&mut state[..]), Dst::from(&mut y[..]));
            svdf_f32(&p, &w, clamp, Src::from(&x[..]), memory);
            assert_eq!(y, [expected]);
        }
        let q = SvdfScale {
            input_offset: 1,
            state_zero: -5,
            feature: Multiplier { mantissa: 1 << 30, shift: 1 },
            output: Multiplier { mantissa: 1 << 30, shift: 1 },
            output_offset: 3,
        };
        let (feature, time) = ([1i8, 0, 0, 1], [1i8, 2, 3, 4]);
        let w = SvdfWeights {
            feature: Src::from(&feature[..]),
            time: Src::from(&time[..]),
            bias: Src::from(&[7][..]),
        };
        let (mut state, mut y) = ([-5i8; 4], [0i8; 1]);
        let bounds = Clamp { min: -128, max: 127 };
        for (x, expected) in [([0i8, 1], 7 + 2 + 8 + 3), ([2, 3], 7 + 1 + 6 + 6 + 16 + 3)] {
            let memory = (Dst::from(&mut state[..]), Dst::from(&mut y[..]));
            svdf_s8(&p, &q, &w, Src::from(&x[..]), memory, (bounds, |v| v as i8));
            assert_eq!(y, [expected]);
        }
    }
}
