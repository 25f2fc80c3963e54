//! Rules, order and cost of graphs.

mod macs;
mod order;
mod rules;

use std::sync::Arc;

use smidge_graph::{DType, Graph, Node, Op, Tensor, TensorId};

/// A float tensor without a value.
fn tensor(name: &str, shape: &[usize]) -> Tensor {
    Tensor {
        name: name.to_owned(),
        dtype: DType::F32,
        shape: shape.to_vec(),
        quant: None,
        data: None,
        is_variable: false,
        source_index: 0,
        source_dtype: DType::F32,
    }
}

/// A constant of zeros.
fn zeros(name: &str, dtype: DType, shape: &[usize]) -> Tensor {
    let plain = Tensor { dtype, source_dtype: dtype, ..tensor(name, shape) };
    let len = plain.byte_len().expect("a sized type");
    Tensor { data: Some(Arc::from(vec![0; len])), ..plain }
}

fn node(op: Op, inputs: &[u32], outputs: &[u32]) -> Node {
    Node {
        name: format!("n{}", outputs.first().unwrap_or(&0)),
        op,
        inputs: inputs.iter().map(|&id| Some(TensorId(id))).collect(),
        outputs: outputs.iter().map(|&id| TensorId(id)).collect(),
        source_index: 0,
    }
}

/// Tensor 0 is the input, tensor `i + 1` is `RELU` of tensor `i`, the last one is the output.
fn chain(length: u32) -> Graph {
    Graph {
        name: "chain".to_owned(),
        tensors: (0..=length).map(|index| tensor(&format!("t{index}"), &[1, 4])).collect(),
        nodes: (0..length).map(|index| node(Op::Relu, &[index], &[index + 1])).collect(),
        inputs: vec![TensorId(0)],
        outputs: vec![TensorId(length)],
    }
}
