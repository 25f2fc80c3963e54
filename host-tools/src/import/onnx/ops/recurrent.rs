//! RNN, GRU and LSTM: written out step by step.
//!
//! X is `[T, B, I]` (or `[B, T, I]` with layout 1), W `[D, gates*H, I]`, R `[D, gates*H, H]`, B
//! `[D, 2*gates*H]`, the initial state `[D, B, H]`. Results are Y `[T, D, B, H]` and the last states.

use smidge_graph::op::{AddSub, Binary, FullyConnected, Unary, WeightsFormat};
use smidge_graph::{Activation, DType, Op, TensorId};

use super::super::Constant;
use super::super::node::{NodeCx, Result};
use super::control::stacked;
use super::elementwise::pair;

/// Longest sequence that is written out.
const MAX_STEPS: usize = 512;

/// A layer in one direction.
struct Cell<'a> {
    /// `[gates*H, I]`, `[gates*H, H]`.
    weights: [TensorId; 2],
    /// Of the two products, `[gates*H]` each.
    biases: [Option<TensorId>; 2],
    /// `[3*H]`: input, output, forget.
    peepholes: Option<TensorId>,
    hidden: usize,
    activations: Vec<&'a str>,
    clip: Option<f32>,
    /// GRU: the reset gate is applied behind the product.
    linear_before_reset: bool,
    /// LSTM: the forget gate is what the input gate leaves.
    coupled: bool,
}

/// Hidden state and, for LSTM, cell state.
#[derive(Clone, Copy)]
struct State {
    hidden: TensorId,
    cell: Option<TensorId>,
}

pub(super) fn read(cx: &mut NodeCx<'_, '_>, op: &str) -> Result<Vec<TensorId>> {
    let batch_first = cx.int("layout", 0)? == 1;
    let mut x = cx.input(0)?;
    if batch_first {
        x = cx.transpose(x, &[1, 0, 2])?;
    }
    cx.expect_float(x)?;
    let &[steps, batch, _] = cx.shape(x).as_slice() else {
        return Err("has an operand that is no sequence".into());
    };
    if steps > MAX_STEPS {
        return Err(format!("has {steps} steps; at most {MAX_STEPS} are written out").into());
    }
    let directions: &[bool] = match cx.text("direction", "forward")? {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => return Err(format!("has the direction {other}").into()),
    };
    let lengths = cx.optional(4)?;
    if lengths.is_some() && directions.contains(&true) {
        return Err("has lengths and runs backwards, which is not supported".into());
    }
    let (mut sequences, mut hidden, mut cells) = (Vec::new(), Vec::new(), Vec::new());
    for (index, &backwards) in directions.iter().enumerate() {
        let cell = cell(cx, op, index, directions.len())?;
        let start = initial(cx, op, index, [batch, cell.hidden], batch_first)?;
        let (outputs, end) = run(cx, op, &cell, x, start, backwards, lengths)?;
        sequences.push(stacked(cx, &outputs)?);
        hidden.push(end.hidden);
        cells.extend(end.cell);
    }
    // [D, T, B, H] to [T, D, B, H], or [B, T, D, H].
    let all = stacked(cx, &sequences)?;
    let order = if batch_first { [2, 1, 0, 3] } else { [1, 0, 2, 3] };
    let mut results = vec![cx.transpose(all, &order)?];
    for states in [hidden, cells] {
        if !states.is_empty() {
            let state = stacked(cx, &states)?;
            results.push(if batch_first { cx.transpose(state, &[1, 0, 2])? } else { state });
        }
    }
    Ok(results)
}

fn gates(op: &str) -> usize {
    match op {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    }
}

/// Row `index` of a tensor.
fn row(cx: &mut NodeCx<'_, '_>, x: TensorId, index: usize) -> Result<TensorId> {
    let shape = cx.shape(x);
    let mut ranges: Vec<_> = shape.iter().map(|&dim| (0, 1, dim)).collect();
    *ranges.first_mut().ok_or("has an operand without axes")? = (index, 1, 1);
    let part = cx.slice(x, &ranges)?;
    cx.reshape(part, &shape[1..])
}

/// Elements `start .. start + count` of the first or only axis.
fn part(cx: &mut NodeCx<'_, '_>, x: TensorId, start: usize, count: usize) -> Result<TensorId> {
    let mut ranges: Vec<_> = cx.shape(x).iter().map(|&dim| (0, 1, dim)).collect();
    *ranges.first_mut().ok_or("has an operand without axes")? = (start, 1, count);
    cx.slice(x, &ranges)
}

fn cell<'i>(
    cx: &mut NodeCx<'i, '_>,
    op: &str,
    index: usize,
    directions: usize,
) -> Result<Cell<'i>> {
    let (w, r) = (cx.input(1)?, cx.input(2)?);
    let weights = [row(cx, w, index)?, row(cx, r, index)?];
    let &[rows, hidden] = cx.shape(weights[1]).as_slice() else {
        return Err("has recurrent weights of another rank".into());
    };
    if rows != gates(op) * hidden {
        return Err(format!("has {rows} rows of weights for {hidden} units").into());
    }
    let mut biases = [None, None];
    if let Some(bias) = cx.optional(3)? {
        let bias = row(cx, bias, index)?;
        biases = [Some(part(cx, bias, 0, rows)?), Some(part(cx, bias, rows, rows)?)];
    }
    let peepholes = match cx.optional(7)? {
        Some(peepholes) if op == "LSTM" => Some(row(cx, peepholes, index)?),
        _ => None,
    };
    let defaults: &[&str] = match op {
        "LSTM" => &["Sigmoid", "Tanh", "Tanh"],
        "GRU" => &["Sigmoid", "Tanh"],
        _ => &["Tanh"],
    };
    let given = cx.texts("activations")?;
    let own = defaults.len();
    let activations = match given {
        Some(names) if names.len() == own * directions => names[index * own..][..own].to_vec(),
        Some(names) => return Err(format!("has {} activations", names.len()).into()),
        None => defaults.to_vec(),
    };
    let clip = match cx.attribute("clip") {
        Some(_) => Some(cx.float("clip", 0.0)?),
        None => None,
    };
    let linear_before_reset = cx.flag("linear_before_reset", false)?;
    let coupled = cx.flag("input_forget", false)?;
    Ok(Cell { weights, biases, peepholes, hidden, activations, clip, linear_before_reset, coupled })
}

fn initial(
    cx: &mut NodeCx<'_, '_>,
    op: &str,
    index: usize,
    shape: [usize; 2],
    batch_first: bool,
) -> Result<State> {
    let mut state = |operand: usize| -> Result<TensorId> {
        match cx.optional(operand)? {
            Some(id) => {
                let id = if batch_first { cx.transpose(id, &[1, 0, 2])? } else { id };
                row(cx, id, index)
            }
            None => Ok(cx.floats_constant(&shape, &vec![0.0; shape[0] * shape[1]])),
        }
    };
    let hidden = state(5)?;
    let cell = if op == "LSTM" { Some(state(6)?) } else { None };
    Ok(State { hidden, cell })
}

#[allow(clippy::too_many_arguments, reason = "one caller")]
fn run(
    cx: &mut NodeCx<'_, '_>,
    op: &str,
    cell: &Cell<'_>,
    x: TensorId,
    start: State,
    backwards: bool,
    lengths: Option<TensorId>,
) -> Result<(Vec<TensorId>, State)> {
    let steps = cx.shape(x)[0];
    let mut state = start;
    let mut outputs = Vec::new();
    for step in 0..steps {
        let at = if backwards { steps - 1 - step } else { step };
        let input = row(cx, x, at)?;
        let mut next = match op {
            "LSTM" => lstm(cx, cell, input, state)?,
            "GRU" => gru(cx, cell, input, state)?,
            _ => rnn(cx, cell, input, state)?,
        };
        let mut output = next.hidden;
        if let Some(lengths) = lengths {
            (output, next) = masked(cx, lengths, at, state, next)?;
        }
        outputs.push(output);
        state = next;
    }
    if backwards {
        outputs.reverse();
    }
    Ok((outputs, state))
}

/// Behind a sequence's end the output is zero and the state stays.
fn masked(
    cx: &mut NodeCx<'_, '_>,
    lengths: TensorId,
    step: usize,
    before: State,
    next: State,
) -> Result<(TensorId, State)> {
    let batch = cx.tensor(lengths).element_count();
    let lengths = cx.reshape(lengths, &[batch, 1])?;
    let dtype = cx.dtype(lengths);
    let data = match dtype {
        DType::I64 => (step as i64).to_le_bytes().to_vec(),
        _ => (step as i32).to_le_bytes().to_vec(),
    };
    let number = cx.constant(Constant { dtype, shape: vec![], data });
    let inside = pair(cx, Binary::Greater, lengths, number)?;
    let zero = cx.number(0.0);
    let choose = |cx: &mut NodeCx<'_, '_>, new: TensorId, old: TensorId| {
        let shape = cx.shape(new);
        cx.emit(Op::SelectV2, &[inside, new, old], DType::F32, shape)
    };
    let output = choose(cx, next.hidden, zero)?;
    let hidden = choose(cx, next.hidden, before.hidden)?;
    let cell = match (next.cell, before.cell) {
        (Some(new), Some(old)) => Some(choose(cx, new, old)?),
        _ => None,
    };
    Ok((output, State { hidden, cell }))
}

fn dense(
    cx: &mut NodeCx<'_, '_>,
    x: TensorId,
    w: TensorId,
    bias: Option<TensorId>,
) -> Result<TensorId> {
    let op = Op::FullyConnected(FullyConnected {
        activation: Activation::None,
        keep_num_dims: false,
        weights_format: WeightsFormat::Default,
        asymmetric_quantize_inputs: false,
    });
    let shape = vec![cx.shape(x)[0], cx.shape(w)[0]];
    let operands: Vec<_> = [x, w].into_iter().chain(bias).collect();
    cx.emit(op, &operands, DType::F32, shape)
}

/// Columns `start .. start + count` of a matrix.
fn columns(cx: &mut NodeCx<'_, '_>, x: TensorId, start: usize, count: usize) -> Result<TensorId> {
    let rows = cx.shape(x)[0];
    cx.slice(x, &[(0, 1, rows), (start, 1, count)])
}

/// Activation `index` of the cell, behind its clip.
fn activated(
    cx: &mut NodeCx<'_, '_>,
    cell: &Cell<'_>,
    index: usize,
    x: TensorId,
) -> Result<TensorId> {
    let x = match cell.clip {
        Some(bound) => {
            let (low, high) = (cx.number(-bound), cx.number(bound));
            let x = pair(cx, Binary::Maximum, x, low)?;
            pair(cx, Binary::Minimum, x, high)?
        }
        None => x,
    };
    match cell.activations.get(index).copied().unwrap_or_default() {
        "Sigmoid" => cx.unary(Op::Logistic, x),
        "Tanh" => cx.unary(Op::Tanh, x),
        "Relu" => cx.unary(Op::Relu, x),
        "Elu" => cx.unary(Op::Unary(Unary::Elu), x),
        other => Err(format!("has the activation {other}, which is not supported").into()),
    }
}

fn rnn(cx: &mut NodeCx<'_, '_>, cell: &Cell<'_>, x: TensorId, state: State) -> Result<State> {
    let a = dense(cx, x, cell.weights[0], cell.biases[0])?;
    let b = dense(cx, state.hidden, cell.weights[1], cell.biases[1])?;
    let sum = cx.add(a, b)?;
    Ok(State { hidden: activated(cx, cell, 0, sum)?, cell: None })
}

/// `h' = (1 - z) * n + z * h` with gates z, r and the candidate n, in this order.
fn gru(cx: &mut NodeCx<'_, '_>, cell: &Cell<'_>, x: TensorId, state: State) -> Result<State> {
    let size = cell.hidden;
    let a = dense(cx, x, cell.weights[0], cell.biases[0])?;
    let gates = part(cx, cell.weights[1], 0, 2 * size)?;
    let candidate = part(cx, cell.weights[1], 2 * size, size)?;
    let (gate_bias, candidate_bias) = match cell.biases[1] {
        Some(bias) => (Some(part(cx, bias, 0, 2 * size)?), Some(part(cx, bias, 2 * size, size)?)),
        None => (None, None),
    };
    let b = dense(cx, state.hidden, gates, gate_bias)?;
    let gate = |cx: &mut NodeCx<'_, '_>, index: usize| {
        let left = columns(cx, a, index * size, size)?;
        let right = columns(cx, b, index * size, size)?;
        let sum = cx.add(left, right)?;
        activated(cx, cell, 0, sum)
    };
    let (update, reset) = (gate(cx, 0)?, gate(cx, 1)?);
    let inner = if cell.linear_before_reset {
        let product = dense(cx, state.hidden, candidate, candidate_bias)?;
        cx.mul(reset, product)?
    } else {
        let kept = cx.mul(reset, state.hidden)?;
        dense(cx, kept, candidate, candidate_bias)?
    };
    let left = columns(cx, a, 2 * size, size)?;
    let sum = cx.add(left, inner)?;
    let new = activated(cx, cell, 1, sum)?;
    let one = cx.number(1.0);
    let rest = cx.binary(Op::Sub(AddSub::default()), one, update)?;
    let (new, old) = (cx.mul(rest, new)?, cx.mul(update, state.hidden)?);
    Ok(State { hidden: cx.add(new, old)?, cell: None })
}

/// Gates are input, output, forget, cell, in this order.
fn lstm(cx: &mut NodeCx<'_, '_>, cell: &Cell<'_>, x: TensorId, state: State) -> Result<State> {
    let size = cell.hidden;
    let old = state.cell.ok_or("has no cell state")?;
    let a = dense(cx, x, cell.weights[0], cell.biases[0])?;
    let b = dense(cx, state.hidden, cell.weights[1], cell.biases[1])?;
    let sums = cx.add(a, b)?;
    let peeped = |cx: &mut NodeCx<'_, '_>, index: usize, sum: TensorId, at: TensorId| {
        let Some(peepholes) = cell.peepholes else { return Ok(sum) };
        let weights = part(cx, peepholes, index * size, size)?;
        let seen = cx.mul(at, weights)?;
        cx.add(sum, seen)
    };
    let input = columns(cx, sums, 0, size)?;
    let input = peeped(cx, 0, input, old)?;
    let input = activated(cx, cell, 0, input)?;
    let forget = if cell.coupled {
        let one = cx.number(1.0);
        cx.binary(Op::Sub(AddSub::default()), one, input)?
    } else {
        let forget = columns(cx, sums, 2 * size, size)?;
        let forget = peeped(cx, 2, forget, old)?;
        activated(cx, cell, 0, forget)?
    };
    let new = columns(cx, sums, 3 * size, size)?;
    let new = activated(cx, cell, 1, new)?;
    let (kept, added) = (cx.mul(forget, old)?, cx.mul(input, new)?);
    let next = cx.add(kept, added)?;
    let output = columns(cx, sums, size, size)?;
    let output = peeped(cx, 1, output, next)?;
    let output = activated(cx, cell, 0, output)?;
    let shown = activated(cx, cell, 2, next)?;
    Ok(State { hidden: cx.mul(output, shown)?, cell: Some(next) })
}
