//! Rewrites of the graph, from one legal graph to another.

pub mod uint8;
