//! `cargo run -p smidge-onnx-generate`: writes `src/schema.rs` of smidge-onnx from its schema.
#![forbid(unsafe_code)]

use std::fs;

use smidge_onnx_generate::{generate, package};

fn main() -> anyhow::Result<()> {
    fs::write(package().join("src/schema.rs"), generate()?)?;
    Ok(())
}
