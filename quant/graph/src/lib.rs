//! The network graph that all host code of smidge works on.
//!
//! An importer builds a [`Model`], passes rewrite its [`Graph`]s, and lowering turns the main graph
//! into a blob. Operators keep the meaning and the operand order that TFLite gives them, so a
//! model file, this graph and the device agree on what, say, `CONV_2D` is.
//!
//! # Code map
//!
//! - [`Model`], [`Graph`], [`Node`]: what is connected to what.
//! - [`Tensor`], [`Quantization`], [`DType`]: what flows along the connections.
//! - [`op`]: the operators and their attributes, with the arithmetic of windows and paddings.
//! - [`Graph::validate`]: the executable definition of a legal graph. Importers call it last;
//!   every pass may rely on it and must preserve it.
//! - [`Graph::toposort`], [`Graph::macs`]: order and cost.
#![forbid(unsafe_code)]

mod dtype;
mod error;
mod graph;
mod macs;
pub mod op;
mod tensor;
mod toposort;
mod validate;

pub use dtype::DType;
pub use error::GraphError;
pub use graph::{Graph, Model, Node};
pub use op::{Activation, Op, Padding};
pub use tensor::{Quantization, Tensor, TensorId, pack_nibbles, unpack_nibbles};
pub use validate::{MAX_ELEMENTS, MAX_RANK};
