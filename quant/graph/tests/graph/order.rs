use smidge_graph::{Graph, GraphError, Op, TensorId};

use super::{chain, node, tensor};

#[test]
fn a_right_order_stays() {
    let mut graph = chain(5);
    assert_eq!(graph.toposort(), Ok(vec![0, 1, 2, 3, 4]));
    let before = graph.clone();
    assert_eq!(graph.sort_nodes(), Ok(false));
    assert_eq!(graph, before);
}

#[test]
fn a_wrong_order_is_sorted() {
    let mut graph = chain(4);
    graph.nodes.reverse();
    assert_eq!(graph.toposort(), Ok(vec![3, 2, 1, 0]));
    assert_eq!(graph.sort_nodes(), Ok(true));
    assert_eq!(graph, chain(4));
}

#[test]
fn independent_nodes_keep_their_order() {
    let mut graph = chain(1);
    // Two more readers of the input, listed first, and one that joins both.
    graph.tensors.extend([tensor("a", &[1, 4]), tensor("b", &[1, 4]), tensor("c", &[1, 4])]);
    graph.nodes.insert(0, node(Op::Add(Default::default()), &[2, 3], &[4]));
    graph.nodes.insert(1, node(Op::Tanh, &[0], &[3]));
    graph.nodes.insert(2, node(Op::Logistic, &[0], &[2]));
    assert_eq!(graph.toposort(), Ok(vec![1, 2, 0, 3]));
}

#[test]
fn a_tensor_read_twice_by_one_node_counts_once() {
    let mut graph = chain(1);
    graph.tensors.push(tensor("square", &[1, 4]));
    graph.nodes.push(node(Op::Mul { activation: Default::default() }, &[1, 1], &[2]));
    assert_eq!(graph.toposort(), Ok(vec![0, 1]));
    assert_eq!(graph.consumers()[1], [1]);
    assert_eq!(graph.producers(), [None, Some(0), Some(1)]);
}

#[test]
fn illegal_graphs_have_an_order_too() {
    let mut graph = chain(2);
    graph.nodes[0].outputs = vec![TensorId(1), TensorId(1), TensorId(99)];
    graph.nodes[1].inputs.push(Some(TensorId(99)));
    assert_eq!(graph.toposort(), Ok(vec![0, 1]));
}

#[test]
fn a_cycle_is_named_without_what_hangs_on_it() {
    let mut graph = chain(5);
    // t2 -> n3 -> t3 -> n2 -> t2, where n1 no longer produces anything that they need.
    graph.nodes[1] = node(Op::Tanh, &[3], &[2]);
    let Err(GraphError::Cycle { nodes }) = graph.toposort() else { panic!("there is a cycle") };
    assert_eq!(nodes, ["RELU node 0 `n3`", "TANH node 0 `n2`"]);
    assert_eq!(graph.validate().map_err(|error| error.code()), Err("E0125"));
    assert!(graph.sort_nodes().is_err());
}

#[test]
fn a_node_that_reads_what_it_produces_is_a_cycle() {
    let mut graph = chain(1);
    graph.nodes[0].inputs = vec![Some(TensorId(1))];
    let Err(GraphError::Cycle { nodes }) = graph.toposort() else { panic!("there is a cycle") };
    assert_eq!(nodes, ["RELU node 0 `n1`"]);
}

#[test]
fn an_empty_graph_is_in_order() {
    assert_eq!(Graph::default().toposort(), Ok(Vec::new()));
    assert_eq!(Graph::default().validate(), Ok(()));
}
