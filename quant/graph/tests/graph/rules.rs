use smidge_graph::{DType, Graph, Op, Quantization, Tensor, TensorId};

use super::{chain, tensor, zeros};

/// Expects the code, and the name of what is wrong in the message.
fn check(graph: &Graph, code: &str, name: &str) {
    let error = graph.validate().expect_err("breaks a rule");
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(name), "{error}");
}

/// A legal graph whose tensor 0 is replaced.
fn with_input(tensor: Tensor) -> Graph {
    let mut graph = chain(1);
    graph.tensors[0] = tensor;
    graph
}

fn quantized(dtype: DType, shape: &[usize], quant: Quantization) -> Graph {
    with_input(Tensor { dtype, quant: Some(quant), ..tensor("q", shape) })
}

#[test]
fn a_chain_is_legal() {
    assert_eq!(chain(3).validate(), Ok(()));
}

#[test]
fn ids_are_in_range() {
    let mut graph = chain(1);
    graph.nodes[0].inputs[0] = Some(TensorId(2));
    check(&graph, "E0120", "RELU node 0 `n1`");

    let mut graph = chain(1);
    graph.inputs[0] = TensorId(u32::MAX);
    check(&graph, "E0120", "input list");

    let mut graph = chain(1);
    graph.outputs[0] = TensorId(2);
    check(&graph, "E0120", "output list");
}

#[test]
fn operators_have_their_operands() {
    let mut graph = chain(1);
    graph.nodes[0].op = Op::Add(Default::default());
    check(&graph, "E0121", "n1");
    check(&graph, "E0121", "needs 2 operands and 1 results");

    let mut graph = chain(1);
    graph.nodes[0].inputs[0] = None;
    check(&graph, "E0121", "n1");

    let mut graph = chain(1);
    graph.nodes[0].inputs.push(None);
    check(&graph, "E0121", "n1");

    let mut graph = chain(1);
    graph.nodes[0].op = Op::Split { num_splits: 2 };
    check(&graph, "E0121", "2 operands and 2 results");
}

#[test]
fn a_tensor_is_produced_once() {
    let mut graph = chain(2);
    graph.nodes[1].outputs = vec![TensorId(1)];
    graph.nodes[1].inputs = vec![Some(TensorId(0))];
    graph.outputs = vec![TensorId(1)];
    check(&graph, "E0122", "t1");
}

#[test]
fn constants_and_inputs_are_not_produced() {
    let mut graph = chain(1);
    graph.tensors[1] = zeros("c", DType::F32, &[1, 4]);
    check(&graph, "E0123", "a constant");

    let mut graph = chain(1);
    graph.inputs.push(TensorId(1));
    check(&graph, "E0123", "an input");
}

#[test]
fn what_is_read_has_a_value() {
    let mut graph = chain(1);
    graph.inputs.clear();
    check(&graph, "E0124", "t0");

    graph.tensors[0].is_variable = true;
    assert_eq!(graph.validate(), Ok(()));

    let mut graph = chain(1);
    graph.tensors.push(tensor("lost", &[1]));
    graph.outputs.push(TensorId(2));
    check(&graph, "E0124", "lost");
}

#[test]
fn unsupported_operators_may_read_and_leave_open_what_they_like() {
    let mut graph = chain(2);
    graph.inputs.clear();
    graph.tensors[0].shape = vec![0];
    graph.nodes[0].op = Op::Unsupported { name: "SVDF".into(), reason: "is not known".into() };
    graph.nodes[0].inputs = vec![None, Some(TensorId(0)), None];
    assert_eq!(graph.validate(), Ok(()));
}

#[test]
fn shapes_are_bounded() {
    check(&with_input(tensor("x", &[1; 9])), "E0126", "x");
    check(&with_input(tensor("x", &[2, 0])), "E0126", "x");
    check(&with_input(tensor("x", &[1 << 16, 1 << 15])), "E0126", "x");
    check(&with_input(tensor("x", &[usize::MAX, 2])), "E0126", "x");
    assert_eq!(with_input(tensor("x", &[])).validate(), Ok(()));
    assert_eq!(with_input(tensor("x", &[i32::MAX as usize])).validate(), Ok(()));
}

#[test]
fn constants_are_full() {
    let mut graph = chain(1);
    let mut weights = zeros("w", DType::I32, &[2, 3]);
    weights.shape = vec![2, 2];
    graph.tensors.push(weights);
    check(&graph, "E0127", "24 bytes");

    let mut graph = chain(1);
    graph.tensors.push(zeros("empty", DType::I32, &[0]));
    graph.tensors.push(zeros("packed", DType::I4, &[3]));
    assert_eq!(graph.validate(), Ok(()));
}

#[test]
fn scales_and_zero_points_fit_the_tensor() {
    let quant = |scales: usize, points: usize, axis| Quantization {
        scale: vec![0.5; scales],
        zero_point: vec![0; points],
        axis,
    };
    for legal in [quant(1, 1, None), quant(4, 4, Some(1)), quant(1, 1, Some(0))] {
        assert_eq!(quantized(DType::I8, &[1, 4], legal).validate(), Ok(()));
    }
    for broken in [
        quant(1, 2, None),
        quant(4, 1, Some(1)),
        quant(4, 4, None),
        quant(4, 4, Some(0)),
        quant(4, 4, Some(2)),
        quant(0, 0, None),
    ] {
        check(&quantized(DType::I8, &[1, 4], broken), "E0128", "q");
    }
}

#[test]
fn scales_are_finite_and_positive() {
    for scale in [0.0, -0.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let quant = Quantization::per_tensor(scale, 0);
        check(&quantized(DType::I8, &[1, 4], quant), "E0129", "q");
    }
    let tiny = Quantization::per_tensor(f32::MIN_POSITIVE, 0);
    assert_eq!(quantized(DType::I8, &[1, 4], tiny).validate(), Ok(()));
}

#[test]
fn zero_points_are_in_range() {
    let at = |dtype, point| quantized(dtype, &[1, 4], Quantization::per_tensor(1.0, point));
    for (dtype, low, high) in [
        (DType::I8, -128, 127),
        (DType::U8, 0, 255),
        (DType::I4, -8, 7),
        (DType::I16, -32768, 32767),
    ] {
        assert_eq!(at(dtype, low).validate(), Ok(()));
        assert_eq!(at(dtype, high).validate(), Ok(()));
        check(&at(dtype, low - 1), "E0130", "q");
        check(&at(dtype, high + 1), "E0130", "q");
    }
}
