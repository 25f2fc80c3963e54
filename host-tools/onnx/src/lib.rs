//! Reader of the ONNX file format.
//!
//! [`decode`] turns a file's bytes into a [`ModelProto`]. It is the whole of protobuf that smidge
//! needs: what the messages *mean* is not checked here. Messages own what they hold, so memory is
//! a small multiple of the file; nesting is bounded by the decoder.
//!
//! # Code map
//!
//! - `schema/onnx.proto`: the messages, written for smidge; the definition of what is read.
//! - `schema.rs`: written from it by `cargo run -p smidge-onnx-generate`, which needs no protoc.
#![forbid(unsafe_code)]

#[allow(missing_docs, clippy::all, reason = "schema/onnx.proto has the comments")]
#[rustfmt::skip]
mod schema;

pub use prost::DecodeError;
pub use schema::*;

/// Decodes a file.
///
/// # Errors
/// When the bytes are not a protobuf message of this schema.
pub fn decode(bytes: &[u8]) -> Result<ModelProto, DecodeError> {
    prost::Message::decode(bytes)
}
