//! Rewrites of the graph, from one legal graph to another.

pub mod fold;
pub mod uint8;
