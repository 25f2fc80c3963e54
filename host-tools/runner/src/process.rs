//! Other programs.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Event, Problem, RunError};

/// Lines of a compiler's messages that are worth showing.
const LOG_LINES: usize = 40;

/// The program with this name in `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(&file)).find(|program| program.is_file())
}

/// The program that this variable names, or the one with this name in `PATH`.
pub(crate) fn tool(variable: &str, name: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).or_else(|| find_program(name))
}

/// Runs a program to its end.
pub(crate) fn run(mut command: Command, program: &str) -> Result<(), RunError> {
    let failed = |said: String| Problem::Tool { program: program.into(), said };
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = last_lines(&String::from_utf8_lossy(&output.stderr), 8);
    Err(failed(if said.is_empty() { output.status.to_string() } else { said }).into())
}

/// The last lines of a message.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

/// The lines of a file that may not be there.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().map(String::from).collect()
}

/// Runs a cargo command that builds `what`; tells when it really compiles.
pub(crate) fn build(
    mut cargo: Command,
    what: &str,
    listener: &mut dyn FnMut(Event<'_>),
) -> Result<(), RunError> {
    let failed = |log: String| Problem::Build { what: what.into(), log };
    // Settings of a cargo that runs above this one are for the host.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    cargo.env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
    cargo.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = cargo.spawn().map_err(|error| failed(format!("cargo: {error}")))?;
    let mut lines = Vec::new();
    let mut told = false;
    for line in child.stderr.take().into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n')) {
        let line = line.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let line = line.unwrap_or_default();
        if !told && line.trim_start().starts_with("Compiling") {
            listener(Event::Building(what));
            told = true;
        }
        lines.push(line);
    }
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    if lines.iter().any(|line| line.contains("smidge_panic_path_is_linked")) {
        return Err(Problem::PanicPath { what: what.into(), functions: Vec::new() }.into());
    }
    let from = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    let log: Vec<_> = lines.into_iter().skip(from).take(LOG_LINES).collect();
    Err(failed(log.join("\n")).into())
}

/// A file's name as part of an option of QEMU, where commas separate parts.
pub(crate) fn option_path(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}
