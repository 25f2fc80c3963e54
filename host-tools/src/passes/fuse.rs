//! Joins float layers with what follows them.
//!
//! - A product with a constant per output channel goes into the weights and the bias of the
//!   convolution or fully connected layer before it, a sum with one into the bias. Importers turn
//!   batch normalization into such a pair.
//! - RELU, RELU6 and RELU_N1_TO_1 become the activation of the layer.
//!
//! Only where nothing else reads what is in between. Integer layers are left as they are: there a
//! fused step would round once instead of twice.

use std::sync::Arc;

use smidge_graph::{Activation, DType, Graph, Op, Tensor, TensorId};

/// Joins what it can. Returns how many nodes are gone.
pub fn fuse(graph: &mut Graph) -> usize {
    let readers = graph.consumers();
    let mut gone = vec![false; graph.nodes.len()];
    for at in 0..graph.nodes.len() {
        // A layer that took one in may take in the next as well.
        while !gone[at]
            && let Some(reader) = join_next(graph, at, &readers)
        {
            gone[reader] = true;
        }
    }
    let mut flags = gone.iter();
    graph.nodes.retain(|_| flags.next() != Some(&true));
    gone.iter().filter(|gone| **gone).count()
}

/// Joins node `at` with its only reader, if that can be, and gives the reader, which is to go.
fn join_next(graph: &mut Graph, at: usize, readers: &[Vec<usize>]) -> Option<usize> {
    let &[result] = graph.nodes[at].outputs.as_slice() else { return None };
    if graph.outputs.contains(&result) || graph.tensor(result).dtype != DType::F32 {
        return None;
    }
    let &[reader] = readers.get(result.index())?.as_slice() else { return None };
    let next = &graph.nodes[reader];
    let &[joined] = next.outputs.as_slice() else { return None };
    let once = next.present_inputs().filter(|&id| id == result).count() == 1;
    if !once || graph.nodes[at].op.fused_activation() != Activation::None {
        return None;
    }
    if graph.tensor(joined).shape != graph.tensor(result).shape {
        return None;
    }
    let done = match &next.op {
        Op::Relu => set_activation(graph, at, Activation::Relu),
        Op::Relu6 => set_activation(graph, at, Activation::Relu6),
        Op::ReluN1To1 => set_activation(graph, at, Activation::ReluN1To1),
        Op::Mul { activation } => scale(graph, at, reader, *activation),
        Op::Add(sum) => shift(graph, at, reader, sum.activation),
        _ => false,
    };
    if !done {
        return None;
    }
    graph.nodes[at].outputs = vec![joined];
    Some(reader)
}

/// Gives the node's operator a fused activation, if it can have one.
fn set_activation(graph: &mut Graph, at: usize, activation: Activation) -> bool {
    let slot = match &mut graph.nodes[at].op {
        Op::Conv2d(conv) => &mut conv.activation,
        Op::DepthwiseConv2d(conv) => &mut conv.activation,
        Op::FullyConnected(dense) => &mut dense.activation,
        Op::AveragePool2d(pool) | Op::MaxPool2d(pool) => &mut pool.activation,
        Op::Add(sum) | Op::Sub(sum) => &mut sum.activation,
        Op::Mul { activation } => activation,
        _ => return false,
    };
    *slot = activation;
    true
}

/// Axis of the output channels in a layer's weights.
fn channel_axis(op: &Op) -> Option<usize> {
    match op {
        Op::Conv2d(_) | Op::FullyConnected(_) => Some(0),
        Op::DepthwiseConv2d(_) => Some(3),
        _ => None,
    }
}

/// The float constant operand of `reader` that is not node `at`'s result, one number for each of the
/// channels along the last axis.
fn per_channel(graph: &Graph, at: usize, reader: usize, channels: usize) -> Option<Vec<f32>> {
    let result = *graph.nodes[at].outputs.first()?;
    let other = graph.nodes[reader].present_inputs().find(|&id| id != result)?;
    let tensor = graph.tensor(other);
    let values = tensor.floats()?;
    let last = tensor.shape.last().copied().unwrap_or(1);
    match values.as_slice() {
        &[value] => Some(vec![value; channels]),
        _ if last == channels && values.len() == channels => Some(values),
        _ => None,
    }
}

/// Constant weights and bias of a float layer.
struct Layer {
    shape: Vec<usize>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    channels: usize,
}

fn layer(graph: &Graph, at: usize) -> Option<Layer> {
    let node = &graph.nodes[at];
    let axis = channel_axis(&node.op)?;
    let weights = graph.tensor(node.input(1)?);
    let shape = weights.shape.clone();
    let channels = *shape.get(axis)?;
    let bias = match node.input(2) {
        Some(id) => graph.tensor(id).floats()?,
        None => vec![0.0; channels],
    };
    let weights = weights.floats()?;
    (bias.len() == channels).then_some(Layer { shape, weights, bias, channels })
}

fn scale(graph: &mut Graph, at: usize, reader: usize, activation: Activation) -> bool {
    let Some(layer) = layer(graph, at) else { return false };
    let Layer { shape, mut weights, mut bias, channels } = layer;
    let Some(factors) = per_channel(graph, at, reader, channels) else { return false };
    let Some(axis) = channel_axis(&graph.nodes[at].op) else { return false };
    let inner: usize = shape[axis + 1..].iter().product();
    for (index, weight) in weights.iter_mut().enumerate() {
        *weight *= factors[index / inner.max(1) % channels];
    }
    bias.iter_mut().zip(&factors).for_each(|(bias, factor)| *bias *= factor);
    let weights = floats(graph, shape, &weights);
    graph.nodes[at].inputs[1] = Some(weights);
    set_bias(graph, at, &bias);
    set_activation(graph, at, activation)
}

fn shift(graph: &mut Graph, at: usize, reader: usize, activation: Activation) -> bool {
    let Some(Layer { mut bias, channels, .. }) = layer(graph, at) else { return false };
    let Some(offsets) = per_channel(graph, at, reader, channels) else { return false };
    bias.iter_mut().zip(&offsets).for_each(|(bias, offset)| *bias += offset);
    set_bias(graph, at, &bias);
    set_activation(graph, at, activation)
}

fn set_bias(graph: &mut Graph, at: usize, bias: &[f32]) {
    let id = floats(graph, vec![bias.len()], bias);
    let inputs = &mut graph.nodes[at].inputs;
    inputs.resize(3, None);
    inputs[2] = Some(id);
}

fn floats(graph: &mut Graph, shape: Vec<usize>, values: &[f32]) -> TensorId {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    graph.add_tensor(Tensor {
        name: String::new(),
        dtype: DType::F32,
        shape,
        quant: None,
        data: Some(Arc::from(data)),
        is_variable: false,
        source_index: Tensor::NO_SOURCE,
        source_dtype: DType::F32,
    })
}
