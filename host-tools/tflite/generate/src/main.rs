//! `cargo run -p smidge-tflite-generate`: writes `src/schema.rs` of smidge-tflite from its schema.
//!
//! Needs planus 1.3 on the path (`cargo install planus-cli --version 1.3.0`) or named by the
//! environment variable `PLANUS`, and rustfmt.
#![forbid(unsafe_code)]

use std::fs;

use anyhow::{Context, Result};
use smidge_tflite_generate::{generate, package, planus};

fn main() -> Result<()> {
    let source = generate(&planus()).context("planus: install it, or set PLANUS to its path")?;
    fs::write(package().join("src/schema.rs"), source)?;
    Ok(())
}
