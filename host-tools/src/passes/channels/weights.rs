//! Zero rows and columns of weights, and moving constant channels into the bias.

use super::constants::Known;
use super::links::{Axis, Links, Space};
use smidge_graph::{
    DType, Graph, Node, Op, Quantization, Tensor, TensorId, pack_nibbles, unpack_nibbles,
};

/// The stored value that stands for the weight 0; `None` when it differs from channel to channel.
pub(super) fn zero_point(w: &Tensor) -> Option<i64> {
    let points = w.quant.as_ref().map_or(&[][..], |quant| &quant.zero_point);
    let (&first, rest) = points.split_first().unwrap_or((&0, &[]));
    rest.iter().all(|&point| point == first).then_some(first)
}

/// The weights with their zero point subtracted, as numbers that are 0 exactly where the weight is;
/// a weight that is no finite number is `None`.
fn numbers(w: &Tensor) -> Option<Vec<f64>> {
    let zero = zero_point(w)?;
    if let Some(floats) = w.floats() {
        return Some(floats.into_iter().map(f64::from).collect());
    }
    let known = matches!(w.dtype, DType::I4 | DType::I8);
    let integers: Vec<i64> = w.integers().filter(|_| known)?;
    Some(integers.into_iter().map(|v| (v - zero) as f64).collect())
}

/// Columns of a matrix of weights with a weight that is not 0: all of them when that is not known.
pub(super) fn needed_columns(w: &Tensor) -> Vec<usize> {
    let columns = w.shape.last().copied().unwrap_or(0);
    let Some(numbers) = numbers(w) else { return (0..columns).collect() };
    let mut needed = vec![false; columns];
    for row in numbers.chunks_exact(columns.max(1)) {
        needed.iter_mut().zip(row).for_each(|(needed, &weight)| *needed |= weight != 0.0);
    }
    (0..columns).filter(|&column| needed[column]).collect()
}

/// Rows of weights, or channels of depthwise ones, in which every weight is 0.
pub(super) fn zero_channels(w: &Tensor, axis: Axis) -> Vec<bool> {
    let channels = match axis {
        Axis::Last => w.shape.last(),
        Axis::Rows => w.shape.first(),
    };
    let channels = channels.copied().unwrap_or(0);
    let Some(numbers) = numbers(w).filter(|_| channels > 0) else { return vec![false; channels] };
    let inner = match axis {
        Axis::Last => 1,
        Axis::Rows => numbers.len() / channels,
    };
    let mut zero = vec![true; channels];
    for (at, &weight) in numbers.iter().enumerate() {
        zero[at / inner.max(1) % channels] &= weight == 0.0;
    }
    zero
}

/// Moves what constant channels contribute to sums into biases, and sets their weights to 0.
/// Returns whether anything changed.
pub(super) fn fold(graph: &mut Graph, links: &[Links], known: &Known) -> bool {
    let mut changed = false;
    for (index, links) in links.iter().enumerate() {
        let (Some(w), Some(x)) = (links.weights, graph.nodes[index].input(0)) else { continue };
        let columns = columns_to_fold(graph, links, known, x, w);
        for (column, value) in columns {
            changed |= fold_column(graph, index, column, value).is_some();
        }
    }
    changed
}

/// Columns with weights whose channels all have one known value, and that value.
fn columns_to_fold(
    graph: &Graph,
    links: &Links,
    known: &Known,
    x: TensorId,
    w: TensorId,
) -> Vec<(usize, f64)> {
    let (from, to) = (Space(x, Axis::Last), Space(w, Axis::Last));
    let Some(tie) = links.ties.iter().find(|tie| tie.from == from && tie.to == to) else {
        return Vec::new();
    };
    let Some(values) = known.of(x) else { return Vec::new() };
    let tensor = graph.tensor(x);
    let value = |column| {
        let mut sources = tie.rule.sources(column, values.len()).map(|s| values[s].as_deref());
        let first = sources.next()??;
        sources.all(|other| other == Some(first)).then(|| number(tensor, first))?
    };
    let columns = needed_columns(graph.tensor(w)).into_iter();
    columns.filter_map(|column| Some((column, value(column)?))).collect()
}

/// What an element contributes to a sum for each unit of weight.
fn number(tensor: &Tensor, bytes: &[u8]) -> Option<f64> {
    let affine = || tensor.quant.as_ref().and_then(Quantization::as_per_tensor);
    match (tensor.dtype, bytes) {
        (DType::F32, &[a, b, c, d]) => Some(f64::from(f32::from_le_bytes([a, b, c, d]))),
        (DType::I8, &[byte]) => Some((i64::from(byte as i8) - affine()?.1) as f64),
        (DType::I16, &[a, b]) => Some((i64::from(i16::from_le_bytes([a, b])) - affine()?.1) as f64),
        _ => None,
    }
}

/// Folds one column of the weights of node `index`, whose channels are `value` above their zero
/// point everywhere. `None` if that would not be exact.
fn fold_column(graph: &mut Graph, index: usize, column: usize, value: f64) -> Option<()> {
    let node = &graph.nodes[index];
    let w = graph.tensor(node.input(1)?);
    let numbers = numbers(w)?;
    if numbers.iter().any(|weight| !weight.is_finite()) {
        return None;
    }
    if value != 0.0 {
        if w.dtype == DType::F32 || is_padded(graph, node) {
            return None;
        }
        let columns = w.shape.last().copied().unwrap_or(1);
        let weights = numbers.iter().skip(column).step_by(columns);
        let per_row = (numbers.len() / columns).checked_div(w.shape[0])?.max(1);
        let weights: Vec<_> = weights.map(|&weight| weight as i64).collect();
        let sums = weights.chunks_exact(per_row).map(|taps| taps.iter().sum::<i64>());
        let added: Vec<_> = sums.map(|sum| sum * value as i64).collect();
        add_to_bias(graph, index, &added)?;
    }
    let w = own_constant(graph, index, 1)?;
    clear_column(graph.tensor_mut(w), column)
}

/// Sets the weights of one column to 0.
fn clear_column(w: &mut Tensor, column: usize) -> Option<()> {
    let columns = w.shape.last().copied()?;
    let zero = zero_point(w)?;
    let mut data = w.data.as_deref()?.to_vec();
    match w.dtype {
        DType::I8 => data.iter_mut().skip(column).step_by(columns).for_each(|v| *v = zero as u8),
        DType::I4 => {
            let mut elements = unpack_nibbles(&data, w.element_count());
            elements.iter_mut().skip(column).step_by(columns).for_each(|v| *v = zero as u8 & 15);
            data = pack_nibbles(&elements);
        }
        DType::F32 => {
            let words = data.chunks_exact_mut(4).skip(column).step_by(columns);
            words.for_each(|word| word.fill(0));
        }
        _ => return None,
    }
    w.data = Some(data.into());
    Some(())
}

/// Whether some position of the window lies outside the image, where channels have no value.
fn is_padded(graph: &Graph, node: &Node) -> bool {
    let (Op::Conv2d(conv), Some(x), Some(w)) = (&node.op, node.input(0), node.input(1)) else {
        return false;
    };
    let (x, w) = (&graph.tensor(x).shape, &graph.tensor(w).shape);
    let fits = |axis: usize| {
        let (size, kernel) = (*x.get(axis + 1)?, *w.get(axis + 1)?);
        let (stride, dilation) = (conv.stride[axis], conv.dilation[axis]);
        let window = conv.padding.window(axis, size, kernel, stride, dilation)?;
        (window.before == 0 && window.after == 0).then_some(())
    };
    fits(0).is_none() || fits(1).is_none()
}

/// Adds to the bias of a node, which it may not have yet. `None`, and no change, if a sum leaves the
/// bias's type.
fn add_to_bias(graph: &mut Graph, index: usize, added: &[i64]) -> Option<()> {
    let node = &graph.nodes[index];
    let old = match node.input(2) {
        Some(bias) => graph.tensor(bias).integers()?,
        None => vec![0; added.len()],
    };
    let dtype = match node.input(2) {
        Some(bias) => graph.tensor(bias).dtype,
        None if graph.tensor(node.input(0)?).dtype == DType::I8 => DType::I32,
        None => return None,
    };
    let (low, high) = dtype.integer_range()?;
    let sums = old.iter().zip(added).map(|(&a, &b)| a.checked_add(b));
    let sums: Option<Vec<i64>> =
        sums.map(|sum| sum.filter(|sum| (low..=high).contains(sum))).collect();
    let sums = sums.filter(|sums| sums.len() == added.len())?;
    let data: Vec<u8> = match dtype {
        DType::I32 => sums.iter().flat_map(|&sum| (sum as i32).to_le_bytes()).collect(),
        DType::I64 => sums.iter().flat_map(|&sum| sum.to_le_bytes()).collect(),
        _ => return None,
    };
    let bias = match node.input(2) {
        Some(_) => own_constant(graph, index, 2)?,
        None => new_bias(graph, index, dtype, added.len()),
    };
    graph.tensor_mut(bias).data = Some(data.into());
    Some(())
}

/// Gives a node a bias without data yet.
fn new_bias(graph: &mut Graph, index: usize, dtype: DType, channels: usize) -> TensorId {
    let bias = graph.add_tensor(Tensor {
        name: format!("{}/bias", graph.nodes[index].name),
        dtype,
        shape: vec![channels],
        quant: None,
        data: None,
        is_variable: false,
        source_index: Tensor::NO_SOURCE,
        source_dtype: dtype,
    });
    let inputs = &mut graph.nodes[index].inputs;
    inputs.resize(3, None);
    inputs[2] = Some(bias);
    bias
}

/// The constant operand of a node, copied if others use it too.
fn own_constant(graph: &mut Graph, index: usize, operand: usize) -> Option<TensorId> {
    let id = graph.nodes[index].input(operand)?;
    let inside = graph.nodes.iter().flat_map(Node::present_inputs);
    let uses = inside.chain(graph.outputs.iter().copied()).filter(|&used| used == id).count();
    if uses <= 1 {
        return Some(id);
    }
    let copy = graph.tensor(id).clone();
    let copy = graph.add_tensor(Tensor { source_index: Tensor::NO_SOURCE, ..copy });
    graph.nodes[index].inputs[operand] = Some(copy);
    Some(copy)
}
