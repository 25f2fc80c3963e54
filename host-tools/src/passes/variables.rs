//! Variables that nodes reach through a handle become tensors that keep their value between calls.
//! What a subgraph that runs once assigns to them is their initial value.

use smidge_graph::{Graph, Model, Node, Op, Tensor, TensorId};
use std::collections::HashMap;
use std::sync::Arc;

/// The names behind handles: each is a tensor of the graph.
type Handles = HashMap<TensorId, String>;

/// Resolves the main graph's handles; returns how many variables it has. A variable whose initial value
/// is not constant keeps its handle, which lowering refuses.
pub fn resolve(model: &mut Model) -> usize {
    let Some((main, others)) = model.subgraphs.split_first_mut() else { return 0 };
    let once: Vec<usize> = main.nodes.iter().filter_map(called_once).collect();
    let mut initial = HashMap::new();
    for &index in &once {
        let Some(graph) = index.checked_sub(1).and_then(|at| others.get(at)) else { return 0 };
        if !collect(graph, &mut initial) {
            return 0;
        }
    }
    let variables = variables(main, &initial);
    main.nodes.retain(|node| called_once(node).is_none());
    // Subgraphs keep their numbers, which others may call.
    for index in once {
        if let Some(graph) = others.get_mut(index - 1) {
            *graph = Graph::default();
        }
    }
    if others.iter().all(|graph| graph.nodes.is_empty() && graph.outputs.is_empty()) {
        model.subgraphs.truncate(1);
    }
    variables
}

fn called_once(node: &Node) -> Option<usize> {
    match node.op {
        Op::CallOnce { subgraph } => Some(subgraph),
        _ => None,
    }
}

fn handles(graph: &Graph) -> Handles {
    let handle = |node: &Node| match (&node.op, node.outputs.as_slice()) {
        (Op::VarHandle { name }, &[output]) => Some((output, name.clone())),
        _ => None,
    };
    graph.nodes.iter().filter_map(handle).collect()
}

/// The constants that a graph assigns; whether it does nothing else.
fn collect(graph: &Graph, initial: &mut HashMap<String, Tensor>) -> bool {
    let handles = handles(graph);
    graph.nodes.iter().all(|node| match node.op {
        Op::VarHandle { .. } => true,
        Op::AssignVariable => {
            let name = node.input(0).and_then(|id| handles.get(&id));
            let value = node.input(1).map(|id| graph.tensor(id)).filter(|v| v.is_constant());
            name.zip(value)
                .map(|(name, value)| initial.insert(name.clone(), value.clone()))
                .is_some()
        }
        _ => false,
    })
}

/// Makes a tensor of each variable and lets the nodes that read and assign it name that.
fn variables(graph: &mut Graph, initial: &HashMap<String, Tensor>) -> usize {
    let handles = handles(graph);
    let mut tensors: HashMap<String, (TensorId, Option<TensorId>)> = HashMap::new();
    for at in 0..graph.nodes.len() {
        let node = &graph.nodes[at];
        let value = match node.op {
            Op::ReadVariable => node.outputs.first().copied(),
            Op::AssignVariable => node.input(1),
            _ => None,
        };
        let Some((value, name)) = value.zip(node.input(0).and_then(|id| handles.get(&id))) else {
            continue;
        };
        let (variable, start) = *tensors
            .entry(name.clone())
            .or_insert_with(|| add_variable(graph, name, value, initial.get(name)));
        let node = &mut graph.nodes[at];
        node.inputs[0] = Some(variable);
        if node.op == Op::ReadVariable && start.is_some() {
            node.inputs.push(start);
        }
    }
    graph.nodes.retain(|node| !matches!(node.op, Op::VarHandle { .. }));
    tensors.len()
}

/// A variable like `value`, and the constant it starts with unless that is all zeros.
fn add_variable(
    graph: &mut Graph,
    name: &str,
    value: TensorId,
    initial: Option<&Tensor>,
) -> (TensorId, Option<TensorId>) {
    let like = graph.tensor(value).clone();
    let none = Tensor { data: None, source_index: Tensor::NO_SOURCE, ..like };
    let variable = Tensor { name: name.to_owned(), is_variable: true, ..none.clone() };
    let variable = graph.add_tensor(variable);
    let bytes = initial.and_then(|tensor| tensor.data.as_deref());
    let start = bytes.filter(|bytes| bytes.iter().any(|&byte| byte != 0)).map(Arc::from);
    let start = start.map(|data: Arc<[u8]>| {
        let name = format!("{name}/initial");
        graph.add_tensor(Tensor { name, data: Some(data), is_variable: false, ..none })
    });
    (variable, start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_graph::DType;

    fn add(graph: &mut Graph, dtype: DType, data: Option<&[u8]>) -> TensorId {
        graph.add_tensor(Tensor {
            name: "t".into(),
            dtype,
            shape: if dtype == DType::Resource { vec![] } else { vec![2] },
            quant: None,
            data: data.map(Arc::from),
            is_variable: false,
            source_index: 0,
            source_dtype: dtype,
        })
    }

    fn node(graph: &mut Graph, op: Op, inputs: &[TensorId], outputs: &[TensorId]) {
        let inputs = inputs.iter().copied().map(Some).collect();
        let outputs = outputs.to_vec();
        graph.nodes.push(Node { name: "n".into(), op, inputs, outputs, source_index: 0 });
    }

    fn handle(graph: &mut Graph) -> TensorId {
        let handle = add(graph, DType::Resource, None);
        node(graph, Op::VarHandle { name: "v".into() }, &[], &[handle]);
        handle
    }

    #[test]
    fn handles_become_tensors_that_start_with_what_is_assigned_once() {
        let (mut main, mut once) = (Graph::default(), Graph::default());
        node(&mut main, Op::CallOnce { subgraph: 1 }, &[], &[]);
        let (first, second) = (handle(&mut main), handle(&mut main));
        let (read, next) = (add(&mut main, DType::I8, None), add(&mut main, DType::I8, None));
        node(&mut main, Op::ReadVariable, &[first], &[read]);
        node(&mut main, Op::Relu, &[read], &[next]);
        node(&mut main, Op::AssignVariable, &[second, next], &[]);
        let value = add(&mut once, DType::I8, Some(&[3, 4]));
        let target = handle(&mut once);
        node(&mut once, Op::AssignVariable, &[target, value], &[]);
        let mut model = Model { subgraphs: vec![main, once], ..Model::default() };
        assert_eq!(resolve(&mut model), 1);
        assert_eq!(model.subgraphs.len(), 1);
        let graph = &model.subgraphs[0];
        graph.validate().expect("a legal graph stays legal");
        let names: Vec<_> = graph.nodes.iter().map(|node| node.op.name()).collect();
        assert_eq!(names, ["READ_VARIABLE", "RELU", "ASSIGN_VARIABLE"]);
        let variable = graph.nodes[0].input(0).unwrap();
        assert_eq!(graph.nodes[2].input(0), Some(variable));
        assert!(graph.tensor(variable).is_variable);
        let start = graph.nodes[0].input(1).unwrap();
        assert_eq!(graph.tensor(start).data.as_deref(), Some(&[3u8, 4][..]));
    }
}
