//! Checked reader of the TensorFlow Lite file format.
//!
//! [`ModelRef::read_as_root`](planus::ReadAsRoot) gives a view of a model in memory; its getters
//! give views of the tables below. Nothing is parsed ahead: every getter checks the offsets it
//! follows, so a damaged or hostile file ends in [`planus::Error`], not in a panic. What a table
//! *means* is not checked here.
//!
//! Views hold offsets, and offsets may alias: a small file can name one large table many times.
//! Whoever copies what it reads has to bound the copies.
//!
//! # Code map
//!
//! - `schema/tflite.fbs`: the tables, written for smidge; the definition of what is read.
//! - `schema.rs`: written from it by `cargo run -p smidge-tflite-generate`, which needs
//!   `cargo install planus-cli --version 1.3.0`. The only place with `unsafe`: planus declares
//!   the method that reads an element of a vector so, and the generated bodies are safe code.
//! - [`operator_code`], [`operator_name`]: what the operator codes mean.
#![deny(unsafe_code)]

mod operators;
#[allow(unsafe_code, reason = "planus declares VectorReadInner::from_buffer unsafe")]
#[allow(missing_docs, reason = "schema/tflite.fbs has the comments")]
mod schema;

pub use operators::{CUSTOM, operator_code, operator_name};
pub use planus::{Error, ReadAsRoot, Vector};
pub use schema::tflite::*;

/// Bytes 4 to 8 of every file of this format.
pub const IDENTIFIER: &[u8; 4] = b"TFL3";

/// The only version of the format that has this identifier.
pub const VERSION: u32 = 3;
