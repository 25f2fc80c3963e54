//! Every operator and its attributes, from files made here.

use smidge_graph::op::{
    AddSub, Conv2d, DepthwiseConv2d, FullyConnected, Pool2d, Reshape, StridedSlice, WeightsFormat,
};
use smidge_graph::{Activation, Op, Padding};
use smidge_tools::import::import_bytes;

use crate::file::{Code, File, Slot, Tensor, Value};

/// The operator that a file with one node of this code, arity and options has.
fn import_op(code: i32, inputs: i32, outputs: i32, options: (u8, Vec<Slot>)) -> Op {
    let bytes = one_node(code, inputs, outputs, options).bytes();
    let import = import_bytes("test", &bytes).unwrap_or_else(|error| panic!("{error}"));
    assert!(import.warnings.is_empty());
    import.model.subgraphs[0].nodes[0].op.clone()
}

/// The error code of such a file.
fn import_error(code: i32, inputs: i32, outputs: i32, options: (u8, Vec<Slot>)) -> String {
    let bytes = one_node(code, inputs, outputs, options).bytes();
    import_bytes("test", &bytes).expect_err("an impossible node").to_string()
}

fn one_node(code: i32, inputs: i32, outputs: i32, options: (u8, Vec<Slot>)) -> File {
    let mut file = File::default();
    file.codes[0] = Code { short: code.min(127) as i8, long: code, custom: "" };
    let graph = &mut file.graphs[0];
    let tensor = Tensor { shape: vec![1, 4], ..Tensor::default() };
    graph.tensors = vec![tensor; (inputs + outputs) as usize];
    graph.inputs = (0..inputs).collect();
    graph.outputs = (inputs..inputs + outputs).collect();
    let operator = &mut graph.operators[0];
    (operator.inputs, operator.outputs) = (graph.inputs.clone(), graph.outputs.clone());
    operator.options = options;
    file
}

const NO_OPTIONS: (u8, Vec<Slot>) = (0, Vec::new());

fn byte(position: u16, value: i8) -> Slot {
    (position, Value::Byte(value))
}

fn int(position: u16, value: i32) -> Slot {
    (position, Value::Int(value))
}

#[test]
fn operators_without_attributes() {
    let table = [
        (14, 1, Op::Logistic),
        (28, 1, Op::Tanh),
        (19, 1, Op::Relu),
        (21, 1, Op::Relu6),
        (20, 1, Op::ReluN1To1),
        (54, 2, Op::Prelu),
        (117, 1, Op::HardSwish),
        (70, 2, Op::ExpandDims),
        (34, 2, Op::Pad),
        (60, 3, Op::PadV2),
        (65, 3, Op::Slice),
        (39, 2, Op::Transpose),
        (114, 1, Op::Quantize),
        (6, 1, Op::Dequantize),
    ];
    for (code, inputs, op) in table {
        assert_eq!(import_op(code, inputs, 1, NO_OPTIONS), op);
    }
}

#[test]
fn absent_options_have_the_defaults_of_the_schema() {
    let dense = FullyConnected {
        activation: Activation::None,
        keep_num_dims: false,
        weights_format: WeightsFormat::Default,
        asymmetric_quantize_inputs: false,
    };
    let sum = AddSub { activation: Activation::None, pot_scale_int16: true };
    let table = [
        (9, 2, Op::FullyConnected(dense)),
        (0, 2, Op::Add(sum)),
        (41, 2, Op::Sub(sum)),
        (18, 2, Op::Mul { activation: Activation::None }),
        (25, 1, Op::Softmax { beta: 0.0 }),
        (98, 1, Op::LeakyRelu { alpha: 0.0 }),
        (22, 1, Op::Reshape(Reshape { new_shape: None })),
        (43, 1, Op::Squeeze { dims: vec![] }),
        (2, 2, Op::Concatenation { axis: 0, activation: Activation::None }),
        (45, 4, Op::StridedSlice(StridedSlice::default())),
        (40, 2, Op::Mean { keep_dims: false }),
    ];
    for (code, inputs, op) in table {
        assert_eq!(import_op(code, inputs, 1, NO_OPTIONS), op);
        // Options of another operator are as good as none.
        assert_eq!(import_op(code, inputs, 1, (126, vec![])), op);
    }
}

#[test]
fn what_must_be_above_0_must_be_there() {
    for (code, inputs) in [(3, 2), (4, 2), (1, 1), (17, 1), (49, 2)] {
        let error = import_error(code, inputs, 1, NO_OPTIONS);
        assert!(error.starts_with("E0115"), "{error}");
    }
}

#[test]
fn convolutions() {
    let options = vec![byte(0, 1), int(1, 3), int(2, 2), byte(3, 1), int(4, 5), int(5, 4)];
    let expected = Op::Conv2d(Conv2d {
        stride: [2, 3],
        dilation: [4, 5],
        padding: Padding::Valid,
        activation: Activation::Relu,
    });
    assert_eq!(import_op(3, 2, 1, (1, options)), expected);

    let error = import_error(3, 2, 1, (1, vec![int(1, 1), int(2, -2)]));
    assert!(error.contains("CONV_2D node 0 has stride_h = -2"), "{error}");
    let error = import_error(3, 2, 1, (1, vec![int(1, 1), int(2, 1), int(4, 0)]));
    assert!(error.contains("dilation_w_factor = 0"), "{error}");
}

#[test]
fn depthwise_convolutions() {
    let options = vec![byte(0, 0), int(1, 3), int(2, 2), int(3, 6), byte(4, 3), int(5, 5)];
    let expected = Op::DepthwiseConv2d(DepthwiseConv2d {
        stride: [2, 3],
        dilation: [1, 5],
        padding: Padding::Same,
        activation: Activation::Relu6,
        depth_multiplier: 6,
    });
    assert_eq!(import_op(4, 3, 1, (2, options)), expected);
}

#[test]
fn pools() {
    let options = vec![byte(0, 1), int(1, 3), int(2, 2), int(3, 5), int(4, 4), byte(5, 2)];
    let pool = Pool2d {
        filter: [4, 5],
        stride: [2, 3],
        padding: Padding::Valid,
        activation: Activation::ReluN1To1,
    };
    assert_eq!(import_op(1, 1, 1, (5, options.clone())), Op::AveragePool2d(pool));
    assert_eq!(import_op(17, 1, 1, (5, options)), Op::MaxPool2d(pool));
}

#[test]
fn fully_connected_layers() {
    let options = vec![byte(0, 4), byte(1, 1), byte(2, 1), byte(3, 1)];
    let expected = Op::FullyConnected(FullyConnected {
        activation: Activation::Tanh,
        keep_num_dims: true,
        weights_format: WeightsFormat::Shuffled4x16Int8,
        asymmetric_quantize_inputs: true,
    });
    assert_eq!(import_op(9, 3, 1, (8, options)), expected);
}

#[test]
fn arithmetic() {
    let sum = AddSub { activation: Activation::SignBit, pot_scale_int16: false };
    let options = vec![byte(0, 5), byte(1, 0)];
    assert_eq!(import_op(0, 2, 1, (11, options.clone())), Op::Add(sum));
    assert_eq!(import_op(41, 2, 1, (28, options)), Op::Sub(sum));
    let relu = Activation::Relu;
    assert_eq!(import_op(18, 2, 1, (21, vec![byte(0, 1)])), Op::Mul { activation: relu });
}

#[test]
fn functions_with_a_factor() {
    let factor = |value| vec![(0, Value::Float(value))];
    assert_eq!(import_op(25, 1, 1, (9, factor(1.5))), Op::Softmax { beta: 1.5 });
    assert_eq!(import_op(98, 1, 1, (75, factor(0.25))), Op::LeakyRelu { alpha: 0.25 });
    assert!(import_error(25, 1, 1, (9, factor(f32::NAN))).starts_with("E0115"));
    assert!(import_error(98, 1, 1, (75, factor(f32::INFINITY))).starts_with("E0115"));
}

#[test]
fn layouts() {
    let ints = |values: &[i32]| vec![(0, Value::Ints(values.to_vec()))];
    let reshape = Reshape { new_shape: Some(vec![2, -1]) };
    assert_eq!(import_op(22, 1, 1, (17, ints(&[2, -1]))), Op::Reshape(reshape));
    assert_eq!(import_op(43, 1, 1, (30, ints(&[0, -1]))), Op::Squeeze { dims: vec![0, -1] });

    let concat = Op::Concatenation { axis: -1, activation: Activation::Relu };
    assert_eq!(import_op(2, 3, 1, (10, vec![int(0, -1), byte(1, 1)])), concat);
    assert_eq!(import_op(49, 2, 3, (35, vec![int(0, 3)])), Op::Split { num_splits: 3 });
    assert!(import_error(49, 2, 1, (35, vec![int(0, 3)])).starts_with("E0121"));
    assert_eq!(import_op(40, 2, 1, (27, vec![byte(0, 1)])), Op::Mean { keep_dims: true });
}

#[test]
fn strided_slices() {
    let slots = vec![int(0, 1), int(1, 2), int(2, 4), int(3, 8), int(4, -1), byte(5, 1)];
    let expected = Op::StridedSlice(StridedSlice {
        begin_mask: 1,
        end_mask: 2,
        ellipsis_mask: 4,
        new_axis_mask: 8,
        shrink_axis_mask: u32::MAX,
        offset: true,
    });
    assert_eq!(import_op(45, 4, 1, (32, slots)), expected);
}

#[test]
fn operators_that_are_not_supported_are_kept() {
    // Options of a kind that no schema has: nothing may look at them.
    for (code, name) in [(10, "HASHTABLE_LOOKUP"), (15, "LSH_PROJECTION"), (209, "STABLEHLO_CASE")]
    {
        let op = import_op(code, 5, 2, (255, vec![]));
        assert_eq!(op.name(), name);
        assert!(op.is_unsupported());
    }
    let Op::Unsupported { name, reason } = import_op(4000, 1, 1, NO_OPTIONS) else {
        panic!("there is no such operator")
    };
    assert_eq!(name, "BUILTIN:4000");
    assert!(reason.contains("newer"), "{reason}");

    let mut file = one_node(32, 1, 1, NO_OPTIONS);
    file.codes[0].custom = "Foo";
    let import = import_bytes("test", &file.bytes()).expect("a custom operator");
    assert_eq!(import.model.subgraphs[0].nodes[0].op.name(), "CUSTOM:Foo");
}

#[test]
fn the_larger_operator_code_counts() {
    let name = |short, long| {
        let mut file = one_node(0, 1, 1, NO_OPTIONS);
        file.codes[0] = Code { short, long, custom: "" };
        let import = import_bytes("test", &file.bytes()).unwrap_or_else(|e| panic!("{e}"));
        import.model.subgraphs[0].nodes[0].op.name().to_owned()
    };
    assert_eq!(name(19, 0), "RELU");
    assert_eq!(name(0, 19), "RELU");
    assert_eq!(name(127, 209), "STABLEHLO_CASE");
    assert_eq!(name(-1, 19), "RELU");
}
