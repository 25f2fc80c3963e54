//! `cargo run -p smidge-tflite-generate`: writes `src/schema.rs` of smidge-tflite from its schema.
//!
//! Needs planus 1.3 on the path (`cargo install planus-cli --version 1.3.0`) or named by the
//! environment variable `PLANUS`, and rustfmt.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use smidge_tflite_generate::reader;

const HEADER: &str = "\
// Written by `cargo run -p smidge-tflite-generate` from schema/tflite.fbs. Do not edit.

";

fn main() -> Result<()> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = package.join("src/schema.rs");

    let planus = env::var_os("PLANUS").unwrap_or_else(|| "planus".into());
    let mut generate = Command::new(planus);
    generate.current_dir(&package).args(["rust", "--format", "false", "-o", "src/schema.rs"]);
    run(generate.arg("schema/tflite.fbs")).context("planus: set PLANUS to its path")?;

    let source = fs::read_to_string(&output)?;
    fs::write(&output, HEADER.to_owned() + &reader(&source)?)?;
    run(Command::new("rustfmt").args(["--edition", "2024"]).arg(&output))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
