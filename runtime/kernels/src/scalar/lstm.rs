//! Long short-term memory over a sequence: gates of the input and of the last output decide what a cell
//! forgets, takes and shows. The gates are in the order input, forget, cell, output.

use super::conv::{dot_f32, dot_s8, factor};
use super::s16::{Curve, logistic_fixed, logistic_s16, tanh_fixed, tanh_s16};
use crate::requant::rounding_shift_right;
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// Sizes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lstm {
    /// Sequences.
    pub batch: usize,
    /// Steps of a sequence.
    pub time: usize,
    /// Values of a step.
    pub inputs: usize,
    /// Cells.
    pub cells: usize,
    /// Steps are the first axis, not the second.
    pub time_major: bool,
    /// From the last step to the first.
    pub backwards: bool,
}

impl Lstm {
    /// Calls `f(sequence, row)` for every step in order; rows count steps of all sequences as they are in
    /// memory.
    fn steps(&self, mut f: impl FnMut(usize, usize)) {
        for step in 0..self.time {
            let step = if self.backwards { self.time - 1 - step } else { step };
            for n in 0..self.batch {
                let row =
                    if self.time_major { step * self.batch + n } else { n * self.time + step };
                f(n, row);
            }
        }
    }
}

/// Weights `[cells, inputs]` and `[cells, cells]`, biases `[cells]` of each gate. Without weights of the
/// input gate, the cell takes what it does not forget.
#[derive(Clone, Copy)]
pub struct LstmWeights<'a, W, B> {
    /// For the input.
    pub input: [Src<'a, W>; 4],
    /// For the last output.
    pub recurrent: [Src<'a, W>; 4],
    /// Added.
    pub bias: [Src<'a, B>; 4],
}

/// float. `gates` has room for four times the cells; the cell's magnitude is at most `clip`.
#[allow(clippy::too_many_arguments, reason = "memory and functions of a layer")]
pub fn lstm_f32(
    p: &Lstm,
    w: &LstmWeights<'_, f32, f32>,
    clip: Clamp<f32>,
    x: Src<'_, f32>,
    (y, output, cell): (Dst<'_, f32>, Dst<'_, f32>, Dst<'_, f32>),
    gates: Dst<'_, f32>,
    (logistic, tanh): (impl Fn(f32) -> f32, impl Fn(f32) -> f32),
) {
    let cells = p.cells;
    p.steps(|n, row| {
        let (values, last) = (x.slice(row * p.inputs, p.inputs), output.slice(n * cells, cells));
        for (gate, (input, recurrent)) in w.input.iter().zip(&w.recurrent).enumerate() {
            let bias = w.bias.get(gate).copied().unwrap_or(Src::empty());
            for c in 0..cells {
                let sum = dot_f32(bias.get(c), values, input.slice(c * p.inputs, p.inputs));
                let sum = dot_f32(sum, last.as_src(), recurrent.slice(c * cells, cells));
                gates.set(gate * cells + c, if gate == 2 { tanh(sum) } else { logistic(sum) });
            }
        }
        let gates = gates.as_src();
        for c in 0..cells {
            let forget = gates.get(cells + c);
            let take = if w.input[0].is_empty() { 1.0 - forget } else { gates.get(c) };
            let old = cell.as_src().get(n * cells + c);
            let value = clip.apply(forget * old + take * gates.get(2 * cells + c));
            cell.set(n * cells + c, value);
            let shown = gates.get(3 * cells + c) * tanh(value);
            last.set(c, shown);
            y.set(row * cells + c, shown);
        }
    });
}

/// How an integer layer computes its functions and products.
#[derive(Clone, Copy)]
pub enum LstmArithmetic<'a> {
    /// In fixed point, with products rounded once: TensorFlow Lite.
    Fixed,
    /// By a table, with products rounded twice: TensorFlow Lite Micro.
    Table(Src<'a, u16>),
}

/// Numbers of an integer layer: int8 or int16 inputs and outputs, int16 cells.
#[derive(Clone, Copy)]
pub struct LstmScale<'a> {
    /// Minus the zero points of input and output.
    pub offsets: [i32; 2],
    /// Factors of the four gates' products with the input, then of those with the output, to Q3.12.
    pub gates: Src<'a, i32>,
    /// Factors of `forget * cell` and `take * candidate` to the cell's scale.
    pub products: [Multiplier; 2],
    /// Factor of `show * tanh(cell)` to the output's scale.
    pub output: Multiplier,
    /// The cell's scale is `2^(integer_bits - 15)`.
    pub integer_bits: u32,
    /// Bounds of the cell.
    pub clip: Clamp<i32>,
    /// How functions are computed.
    pub arithmetic: LstmArithmetic<'a>,
}

const WORD: Clamp<i32> = Clamp { min: i16::MIN as i32, max: i16::MAX as i32 };

impl LstmScale<'_> {
    fn product(&self, index: usize, a: i16, b: i16) -> i32 {
        let factor = self.products[index & 1];
        let product = a as i32 * b as i32;
        match self.arithmetic {
            // The factor is a power of two.
            LstmArithmetic::Fixed => rounding_shift_right(product, 1i32.wrapping_sub(factor.shift)),
            LstmArithmetic::Table(_) => WORD.apply(factor.double(product)),
        }
    }

    /// The sum of both products of a gate.
    fn sum(&self, input: i32, recurrent: i32) -> i16 {
        let input = WORD.apply(input);
        let recurrent = match self.arithmetic {
            LstmArithmetic::Fixed => recurrent,
            LstmArithmetic::Table(_) => WORD.apply(recurrent),
        };
        WORD.apply(input.saturating_add(recurrent)) as i16
    }

    fn logistic(&self, values: Dst<'_, i16>) {
        match self.arithmetic {
            LstmArithmetic::Fixed => {
                values.fill_with(values.as_src().iter().map(logistic_fixed));
            }
            LstmArithmetic::Table(table) => {
                logistic_s16(Curve { multiplier: 3, shift: 0 }, table, values.as_src(), values);
            }
        }
    }

    fn tanh(&self, integer_bits: u32, from: Src<'_, i16>, to: Dst<'_, i16>) {
        match self.arithmetic {
            LstmArithmetic::Fixed => {
                to.fill_with(from.iter().map(|x| tanh_fixed(x, integer_bits)));
            }
            LstmArithmetic::Table(table) => {
                let curve = match integer_bits.checked_sub(3) {
                    Some(left) => Curve { multiplier: 3 << (left & 7), shift: 0 },
                    None => Curve { multiplier: 3, shift: 3u32.wrapping_sub(integer_bits) },
                };
                tanh_s16(curve, table, from, to);
            }
        }
    }
}

/// int8; `gates` has room for four times the cells.
pub fn lstm_s8(
    p: &Lstm,
    q: &LstmScale<'_>,
    w: &LstmWeights<'_, i8, i32>,
    x: Src<'_, i8>,
    (y, output, cell): (Dst<'_, i8>, Dst<'_, i8>, Dst<'_, i16>),
    gates: Dst<'_, i16>,
) {
    let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
    let dot = |bias: i32, x: Src<'_, i8>, offset: usize, w: Src<'_, i8>| {
        bias.wrapping_add(dot_s8(x, q.offsets[offset & 1], w, 0))
    };
    let zero = q.offsets[1];
    lstm(p, q, w, x, (y, output, cell), gates, dot, |value| {
        clamp.apply(value.wrapping_sub(zero)) as i8
    });
}

#[allow(clippy::too_many_arguments, reason = "memory and functions of a layer")]
fn lstm<T: Element>(
    p: &Lstm,
    q: &LstmScale<'_>,
    w: &LstmWeights<'_, i8, i32>,
    x: Src<'_, T>,
    (y, output, cell): (Dst<'_, T>, Dst<'_, T>, Dst<'_, i16>),
    gates: Dst<'_, i16>,
    dot: impl Fn(i32, Src<'_, T>, usize, Src<'_, i8>) -> i32,
    narrow: impl Fn(i32) -> T,
) {
    let cells = p.cells;
    p.steps(|n, row| {
        let (values, last) = (x.slice(row * p.inputs, p.inputs), output.slice(n * cells, cells));
        for (gate, (input, recurrent)) in w.input.iter().zip(&w.recurrent).enumerate() {
            let bias = w.bias.get(gate).copied().unwrap_or(Src::empty());
            for c in 0..cells {
                let sum = dot(bias.get(c), values, 0, input.slice(c * p.inputs, p.inputs));
                let again = dot(0, last.as_src(), 1, recurrent.slice(c * cells, cells));
                let sum = factor(q.gates, gate).double(sum);
                let again = factor(q.gates, 4 + gate).double(again);
                gates.set(gate * cells + c, q.sum(sum, again));
            }
            let of_gate = gates.slice(gate * cells, cells);
            if gate == 2 { q.tanh(3, of_gate.as_src(), of_gate) } else { q.logistic(of_gate) }
        }
        let state = cell.slice(n * cells, cells);
        for c in 0..cells {
            let value = |gate: usize| gates.as_src().get(gate * cells + c);
            let forget = value(1);
            let take = if w.input[0].is_empty() { i16::MAX.wrapping_sub(forget) } else { value(0) };
            let kept = q.product(0, forget, state.as_src().get(c)) as i16;
            let taken = q.product(1, take, value(2)) as i16;
            let sum = WORD.apply(kept as i32 + taken as i32);
            state.set(c, q.clip.apply(sum) as i16);
        }
        // What the input gate was is not needed any more.
        let shown = gates.slice(0, cells);
        q.tanh(q.integer_bits, state.as_src(), shown);
        for c in 0..cells {
            let product = shown.as_src().get(c) as i32 * gates.as_src().get(3 * cells + c) as i32;
            let value = narrow(q.output.double(product));
            last.set(c, value);
            y.set(row * cells + c, value);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One cell whose gates are given by their biases.
    fn cell(bias: [f32; 4], steps: usize) -> Vec<f32> {
        let zero = [0.0f32];
        let biases = bias.map(|bias| [bias]);
        let w = LstmWeights {
            input: [Src::from(&zero[..]); 4],
            recurrent: [Src::from(&zero[..]); 4],
            bias: core::array::from_fn(|gate| Src::from(&biases[gate][..])),
        };
        let p = Lstm {
            batch: 1,
            time: steps,
            inputs: 1,
            cells: 1,
            time_major: false,
            backwards: false,
        };
        let (x, mut y) = (vec![1.0; steps], vec![0.0; steps]);
        let (mut output, mut state, mut gates) = ([0.0], [0.0], [0.0; 4]);
        let clip = Clamp { min: f32::MIN, max: f32::MAX };
        let memory = (Dst::from(&mut y[..]), Dst::from(&mut output[..]), Dst::from(&mut state[..]));
        let logistic = |x: f32| 1.0 / (1.0 + (-x).exp());
        let gates = Dst::from(&mut gates[..]);
        lstm_f32(&p, &w, clip, Src::from(&x[..]), memory, gates, (logistic, f32::tanh));
        y
    }

    #[test]
    fn a_cell_adds_what_it_takes() {
        // All gates open, the candidate a half.
        let y = cell([50.0, 50.0, 0.549_306_15, 50.0], 3);
        for (step, y) in y.iter().enumerate() {
            let expected = (0.5 * (step + 1) as f32).tanh();
            assert!((y - expected).abs() < 1e-6, "{step}: {y} {expected}");
        }
        // Nothing is taken.
        assert_eq!(cell([-200.0, 50.0, 3.0, 50.0], 2), [0.0, 0.0]);
    }
}
