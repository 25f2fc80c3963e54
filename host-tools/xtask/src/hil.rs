//! Programs of `hil-tests`: the conformance suite on boards, the cases of ONNX operators.

use crate::root;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Builds and runs a program; its exit code is that of the task.
pub fn run(program: &str, arguments: &[OsString]) -> ExitCode {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--package", "smidge-hil-tests", "--bin", program]);
    cargo.arg("--manifest-path").arg(root().join("Cargo.toml")).arg("--").args(arguments);
    match cargo.status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("error: cargo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The table of all boards, which the repository has.
pub fn boards() -> ExitCode {
    let table = root().join("hil-tests/boards.md").into_os_string();
    let arguments = ["--no-search", "--emulated", "--table"].map(OsString::from);
    run("hil", &[&arguments[..], &[table]].concat())
}
