//! `cargo xtask hil`: the program of `hil-tests` that runs the conformance suite on boards.

use crate::root;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Builds and runs it; its exit code is that of the task.
pub fn run(arguments: &[OsString]) -> ExitCode {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--package", "smidge-hil-tests", "--bin", "hil"]);
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
    run(&[&arguments[..], &[table]].concat())
}
