use smidge_graph::op::{Conv2d, DepthwiseConv2d, FullyConnected, WeightsFormat};
use smidge_graph::{Activation, DType, Graph, Op, Padding, TensorId};

use super::{node, tensor, zeros};

/// A graph of one node over x, weights and y.
fn layer(op: Op, x: &[usize], weights: &[usize], y: &[usize]) -> Graph {
    Graph {
        tensors: vec![tensor("x", x), zeros("w", DType::F32, weights), tensor("y", y)],
        nodes: vec![node(op, &[0, 1], &[2])],
        inputs: vec![TensorId(0)],
        outputs: vec![TensorId(2)],
        ..Graph::default()
    }
}

fn conv() -> Op {
    Op::Conv2d(Conv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::Same,
        activation: Activation::None,
    })
}

#[test]
fn a_convolution_multiplies_the_window_and_the_channels() {
    let graph = layer(conv(), &[1, 8, 8, 3], &[16, 3, 3, 3], &[1, 8, 8, 16]);
    assert_eq!(graph.macs(), 8 * 8 * 16 * 3 * 3 * 3);
}

#[test]
fn a_grouped_convolution_multiplies_the_channels_of_a_group() {
    let graph = layer(conv(), &[1, 8, 8, 4], &[16, 3, 3, 2], &[1, 8, 8, 16]);
    assert_eq!(graph.macs(), 8 * 8 * 16 * 3 * 3 * 2);
}

#[test]
fn a_depthwise_convolution_multiplies_the_window() {
    let op = Op::DepthwiseConv2d(DepthwiseConv2d {
        stride: [2, 2],
        dilation: [1, 1],
        padding: Padding::Same,
        activation: Activation::None,
        depth_multiplier: 2,
    });
    let graph = layer(op, &[1, 8, 8, 3], &[1, 3, 3, 6], &[1, 4, 4, 6]);
    assert_eq!(graph.macs(), 4 * 4 * 6 * 3 * 3);
}

#[test]
fn a_fully_connected_layer_multiplies_its_depth() {
    let op = Op::FullyConnected(FullyConnected {
        activation: Activation::None,
        keep_num_dims: false,
        weights_format: WeightsFormat::Default,
        asymmetric_quantize_inputs: false,
    });
    let graph = layer(op, &[2, 5], &[7, 5], &[2, 7]);
    assert_eq!(graph.macs(), 2 * 7 * 5);
}

#[test]
fn nonsense_counts_nothing() {
    let mut graph = layer(conv(), &[1], &[16, 3, 3], &[1]);
    assert_eq!(graph.macs(), 0);
    graph.nodes[0].inputs = vec![Some(TensorId(99)); 2];
    graph.nodes[0].outputs.clear();
    assert_eq!(graph.macs(), 0);
}
