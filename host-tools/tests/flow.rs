//! Subgraphs that are called on a condition, or repeated, become blocks that run on the device.

use smidge::Model as Checked;
use smidge_format::{AlignedBuf, Isa};
use smidge_graph::op::{AddSub, Binary};
use smidge_graph::{Activation, DType, Graph, Model, Node, Op, Tensor, TensorId};
use smidge_tools::convert::convert_import;
use smidge_tools::emit::Labels;
use smidge_tools::execute::{Samples, execute};
use smidge_tools::import::Import;
use smidge_tools::lower::Options;

fn add(graph: &mut Graph, dtype: DType, shape: &[usize], data: Option<i32>) -> TensorId {
    graph.add_tensor(Tensor {
        name: format!("t{}", graph.tensors.len()),
        dtype,
        shape: shape.to_vec(),
        quant: None,
        data: data.map(|value| value.to_le_bytes().into()),
        is_variable: false,
        source_index: graph.tensors.len() as u32,
        source_dtype: dtype,
    })
}

fn node(graph: &mut Graph, op: Op, inputs: &[TensorId], outputs: &[TensorId]) {
    let source_index = graph.nodes.len() as u32;
    let inputs = inputs.iter().copied().map(Some).collect();
    let (name, outputs) = (format!("n{source_index}"), outputs.to_vec());
    graph.nodes.push(Node { name, op, inputs, outputs, source_index });
}

/// `[inputs] -> op(first, constant)`, and the other inputs passed on.
fn subgraph(op: Op, constant: i32, dtype: DType, more: usize) -> Graph {
    let mut graph = Graph::default();
    let x = add(&mut graph, DType::I32, &[], None);
    let others: Vec<_> = (0..more).map(|_| add(&mut graph, DType::I32, &[], None)).collect();
    let constant = add(&mut graph, DType::I32, &[], Some(constant));
    let y = add(&mut graph, dtype, &[], None);
    node(&mut graph, op, &[x, constant], &[y]);
    graph.inputs = [vec![x], others.clone()].concat();
    graph.outputs = if dtype == DType::Bool { vec![y] } else { [vec![y], others].concat() };
    graph
}

fn run(model: Model, inputs: &[i32]) -> Vec<i32> {
    let import = Import { model, warnings: Vec::new() };
    let converted =
        convert_import(import, Isa::Portable, &Options::default(), &Labels::default()).unwrap();
    let blob = AlignedBuf::from(converted.bytes.as_slice());
    let model = Checked::check(&blob, smidge::ops::ALL).unwrap();
    let inputs = inputs.iter().map(|value| value.to_le_bytes().to_vec()).collect();
    let samples = Samples { leading: vec![1], inputs: vec![inputs] };
    let outputs = execute(&model, &samples, false).unwrap().outputs.remove(0);
    let number = |bytes: &Vec<u8>| i32::from_le_bytes(bytes[..4].try_into().unwrap());
    outputs.iter().map(number).collect()
}

fn sum() -> Op {
    Op::Add(AddSub::default())
}

#[test]
fn a_condition_chooses_a_subgraph() {
    let mut main = Graph::default();
    let x = add(&mut main, DType::I32, &[], None);
    let limit = add(&mut main, DType::I32, &[], Some(10));
    let flag = add(&mut main, DType::Bool, &[], None);
    let y = add(&mut main, DType::I32, &[], None);
    node(&mut main, Op::Binary(Binary::Less), &[x, limit], &[flag]);
    node(&mut main, Op::If { then: 1, otherwise: 2 }, &[flag, x], &[y]);
    (main.inputs, main.outputs) = (vec![x], vec![y]);
    let product = Op::Mul { activation: Activation::None };
    let others = [subgraph(sum(), 100, DType::I32, 0), subgraph(product, 2, DType::I32, 0)];
    let model = Model { subgraphs: [vec![main], others.to_vec()].concat(), ..Model::default() };
    assert_eq!(run(model.clone(), &[3]), [103]);
    assert_eq!(run(model, &[30]), [60]);
}

/// Both values go round, exchanged each time.
#[test]
fn what_goes_round_may_change_places() {
    let mut main = Graph::default();
    let inputs = [0; 2].map(|_| add(&mut main, DType::I32, &[], None));
    let outputs = [0; 2].map(|_| add(&mut main, DType::I32, &[], None));
    node(&mut main, Op::While { condition: 1, body: 2 }, &inputs, &outputs);
    (main.inputs, main.outputs) = (inputs.to_vec(), outputs.to_vec());
    let condition = subgraph(Op::Binary(Binary::Less), 5, DType::Bool, 1);
    let mut body = subgraph(sum(), 3, DType::I32, 1);
    body.outputs.reverse();
    let model = Model { subgraphs: vec![main, condition, body], ..Model::default() };
    // (0, 1), (1, 3), (3, 4), (4, 6), (6, 7).
    assert_eq!(run(model.clone(), &[0, 1]), [6, 7]);
    assert_eq!(run(model, &[7, 1]), [7, 1], "no round at all");
}
