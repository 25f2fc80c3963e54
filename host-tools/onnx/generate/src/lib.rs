//! Writes the reader of ONNX files from its protobuf schema, without protoc.
#![forbid(unsafe_code)]

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

const HEADER: &str = "\
// Written by `cargo run -p smidge-onnx-generate` from schema/onnx.proto. Do not edit.

";

/// The folder of the package that is written to.
pub fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The content of `schema.rs`, from `schema/onnx.proto`.
///
/// # Errors
///
/// When the schema cannot be compiled.
pub fn generate() -> Result<String> {
    let schema = package().join("schema");
    let files = protox::compile(["onnx.proto"], [schema])?;
    let folder = tempfile::tempdir()?;
    prost_build::Config::new().out_dir(folder.path()).compile_fds(files)?;
    Ok(HEADER.to_owned() + &fs::read_to_string(folder.path().join("onnx.rs"))?)
}
