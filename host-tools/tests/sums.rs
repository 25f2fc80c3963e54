//! Layers whose sums could leave their type are refused, by name.

use smidge_format::Isa;
use smidge_graph::TensorId;
use smidge_graph::op::{Conv2d, DepthwiseConv2d, FullyConnected, WeightsFormat};
use smidge_graph::{Activation, DType, Graph, Model, Node, Op, Padding, Quantization, Tensor};
use smidge_tools::convert::convert_import;
use smidge_tools::emit::Labels;
use smidge_tools::import::Import;
use smidge_tools::lower::Options;

fn tensor(dtype: DType, shape: &[usize], zero: i64, data: Option<Vec<u8>>) -> Tensor {
    Tensor {
        name: "t".into(),
        dtype,
        shape: shape.to_vec(),
        quant: Some(Quantization::per_tensor(0.5, zero)),
        data: data.map(Into::into),
        is_variable: false,
        source_index: 0,
        source_dtype: dtype,
    }
}

/// A layer of two outputs, whose second one sums `count` products of -127 and a bias.
fn layer(op: Op, x: DType, zero: i64, count: usize, bias: i64) -> Result<(), String> {
    let mut graph = Graph::default();
    let depthwise = matches!(op, Op::DepthwiseConv2d(_));
    let dense = matches!(op, Op::FullyConnected(_));
    let (x_shape, w_shape, y_shape) = match (depthwise, dense) {
        (true, _) => (vec![1, count, 1, 2], vec![1, count, 1, 2], vec![1, 1, 1, 2]),
        (_, true) => (vec![1, count], vec![2, count], vec![1, 2]),
        _ => (vec![1, 1, 1, count], vec![2, 1, 1, count], vec![1, 1, 1, 2]),
    };
    let mut weights = vec![0u8; 2 * count];
    for (at, weight) in weights.iter_mut().enumerate() {
        let second = if depthwise { at % 2 == 1 } else { at >= count };
        *weight = if second { -127i8 as u8 } else { 0 };
    }
    let wide = x == DType::I16 && bias.abs() > i64::from(i32::MAX);
    let (dtype, bytes): (DType, Vec<u8>) = if wide {
        (DType::I64, [0, bias].iter().flat_map(|b| b.to_le_bytes()).collect())
    } else {
        (DType::I32, [0, bias as i32].iter().flat_map(|b| b.to_le_bytes()).collect())
    };
    let input = graph.add_tensor(tensor(x, &x_shape, zero, None));
    let weights = graph.add_tensor(tensor(DType::I8, &w_shape, 0, Some(weights)));
    let bias = graph.add_tensor(tensor(dtype, &[2], 0, Some(bytes)));
    let output = graph.add_tensor(tensor(x, &y_shape, 0, None));
    (graph.inputs, graph.outputs) = (vec![input], vec![output]);
    graph.nodes.push(Node {
        name: "the layer".into(),
        op,
        inputs: [input, weights, bias].map(Some::<TensorId>).to_vec(),
        outputs: vec![output],
        source_index: 0,
    });
    graph.validate().unwrap();
    let model = Model { subgraphs: vec![graph], ..Model::default() };
    let import = Import { model, warnings: Vec::new() };
    let converted = convert_import(import, Isa::Portable, &Options::default(), &Labels::default());
    converted.map(|_| ()).map_err(|error| error.to_string())
}

fn ops() -> [Op; 3] {
    let (stride, dilation, activation) = ([1, 1], [1, 1], Activation::None);
    let padding = Padding::Valid;
    [
        Op::Conv2d(Conv2d { stride, dilation, padding, activation }),
        Op::DepthwiseConv2d(DepthwiseConv2d {
            stride,
            dilation,
            padding,
            activation,
            depth_multiplier: 1,
        }),
        Op::FullyConnected(FullyConnected {
            activation,
            keep_num_dims: false,
            weights_format: WeightsFormat::Default,
            asymmetric_quantize_inputs: false,
        }),
    ]
}

#[track_caller]
fn is_refused(result: Result<(), String>) {
    let error = result.unwrap_err();
    assert!(error.contains("E0508"), "{error}");
    assert!(error.contains("the layer"), "{error}");
    assert!(error.contains("output channel 1"), "{error}");
}

#[test]
fn sums_of_32_bits_have_a_bound() {
    for op in ops() {
        // |x - zero point| is at most 255, a product 32,385, a thousand of them 32,385,000.
        let most = i64::from(i32::MAX) - 32_385_000;
        assert_eq!(layer(op.clone(), DType::I8, -128, 1000, most), Ok(()));
        is_refused(layer(op.clone(), DType::I8, -128, 1000, most + 1));
        is_refused(layer(op.clone(), DType::I8, -128, 1000, -most - 1));
        // With a zero point in the middle the largest difference is half of that.
        assert_eq!(layer(op, DType::I8, 0, 1000, most + 1), Ok(()));
    }
}

#[test]
fn layers_with_too_many_weights_are_refused() {
    let [conv, depthwise, dense] = ops();
    for op in [conv, dense] {
        is_refused(layer(op, DType::I8, -128, 70_000, 0));
    }
    // A window has at most 65,535 rows, but int16 inputs are larger.
    is_refused(layer(depthwise, DType::I16, 0, 600, 0));
}

#[test]
fn sums_of_int16_have_the_bound_of_their_bias() {
    for op in ops() {
        assert_eq!(layer(op.clone(), DType::I16, 0, 500, 0), Ok(()));
        is_refused(layer(op.clone(), DType::I16, 0, 520, 0));
        // A wide bias makes wide sums.
        assert_eq!(layer(op.clone(), DType::I16, 0, 520, 1 << 46), Ok(()));
        is_refused(layer(op, DType::I16, 0, 520, 1 << 47));
    }
}
