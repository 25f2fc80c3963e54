//! Rewrites of the graph, from one legal graph to another.

pub mod channels;
pub mod evaluate;
pub mod fold;
pub mod fuse;
pub mod layout;
pub mod qdq;
pub mod uint8;
pub mod variables;

use smidge_graph::{Graph, Model};

/// Runs every pass that a conversion starts with, in order.
pub fn run_all(model: &mut Model) {
    for graph in &mut model.subgraphs {
        uint8::uint8_to_int8(graph);
        fold::fold_constants(graph);
        evaluate::evaluate_constants(graph);
        layout::remove_transposes(graph);
    }
    variables::resolve(model);
}

/// What exporters of ONNX spread over several nodes, brought together.
pub fn join_spread(graph: &mut Graph) {
    uint8::uint8_to_int8(graph);
    layout::remove_transposes(graph);
    fuse::fuse(graph);
    qdq::to_integers(graph);
}
