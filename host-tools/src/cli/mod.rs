//! Subcommands, one file each.
//!
//! Exit codes: 0 for success, 2 for input that is wrong (a file, an array, an argument, an operator
//! that is not supported), 1 for everything else that fails.

mod bench;
mod bundle;
mod check;
mod convert;
mod flash;
mod inspect;
mod new;
mod onnx;
mod run;
mod target;

use clap::{Parser, Subcommand};
use smidge::{CheckError, Model};
use smidge_format::AlignedBuf;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Neural networks for machines that have kilobytes.
#[derive(Parser)]
#[command(name = "smidge", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Convert a trained model (.tflite, .onnx) to a blob (.smg) that devices run.
    Convert(convert::Args),
    /// Run a blob on arrays, on this machine or on a board; or a bundle, and compare its outputs.
    Run(run::Args),
    /// Show what is in a blob: operators, memory, shapes.
    Inspect(inspect::Args),
    /// List everything in a model that smidge cannot run, with remedies.
    Check(check::Args),
    /// Make a firmware project for a board, with a network in it, that builds.
    New(new::Args),
    /// Count what an inference costs on a core: instructions, cycles, flash, memory.
    Bench(bench::Args),
    /// Put a blob, inputs and the outputs that belong to them into one file.
    Bundle(bundle::Args),
    /// Write a blob, and the firmware that runs it, to a board's flash.
    Flash(flash::Args),
}

/// Why a command failed.
enum Failure {
    /// The user's input is wrong.
    Input(String),
    /// Something else went wrong.
    Other(String),
}

impl Failure {
    fn input(error: impl Display) -> Self {
        Self::Input(error.to_string())
    }

    fn other(error: impl Display) -> Self {
        Self::Other(error.to_string())
    }

    /// A board that is wrong, or one that failed.
    fn board(error: smidge_runner::RunError) -> Self {
        if error.problem.is_input() { Self::input(error) } else { Self::other(error) }
    }
}

/// Parses the arguments and runs the command.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Convert(args) => convert::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Check(args) => check::run(&args),
        Command::New(args) => new::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Bundle(args) => bundle::run(&args),
        Command::Flash(args) => flash::run(&args),
    };
    let (message, code) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Input(message)) => (message, 2),
        Err(Failure::Other(message)) => (message, 1),
    };
    eprintln!("error: {message}");
    ExitCode::from(code)
}

/// Prints to standard output. Who stops reading (`| head`) has seen enough: that is no error.
fn say(text: impl Display) {
    if write!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}

/// The threads that were asked for; none for one.
fn pool(threads: usize) -> Result<Option<smidge::Pool>, Failure> {
    if threads == 0 {
        return Err(Failure::Input(
            "E0614: there is no work without threads\n  help: --threads takes a number from 1 on"
                .into(),
        ));
    }
    if threads == 1 {
        return Ok(None);
    }
    let missing = || {
        Failure::Other(format!(
            "E0615: the system does not give {threads} threads\n  help: ask for fewer"
        ))
    };
    smidge::Pool::new(threads).ok_or_else(missing).map(Some)
}

/// Reads a blob's bytes to an aligned place.
fn read_blob(path: &Path) -> Result<AlignedBuf, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::Input(format!(
            "E0611: {}: {error}\n  help: make a blob with `smidge convert MODEL -o {}`",
            path.display(),
            path.display()
        ))
    })?;
    Ok(AlignedBuf::from(bytes.as_slice()))
}

/// Checks a blob's bytes, whatever core it is packed for.
fn check_foreign<'m>(path: &Path, bytes: &'m [u8]) -> Result<Model<'m>, Failure> {
    Model::check_foreign(bytes, smidge::ops::ALL).map_err(|error| refused(path, error))
}

fn refused(path: &Path, error: CheckError) -> Failure {
    let help = match error {
        CheckError::Isa { isa } => format!(
            "run it on that core (--on qemu:{}), or convert the model with --isa portable or --isa \
             host",
            isa.name()
        ),
        _ => "convert the model again with this version of smidge".into(),
    };
    let (code, path) = (error.code(), path.display());
    Failure::Input(format!("E{code:04}: {path}: {error}\n  help: {help}"))
}

/// Checks a blob's bytes, to run it on this machine.
fn check_blob<'m>(path: &Path, bytes: &'m [u8]) -> Result<Model<'m>, Failure> {
    Model::check(bytes, smidge::ops::ALL).map_err(|error| refused(path, error))
}

/// Writes a file whole or not at all.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        let path = path.display();
        Failure::Other(format!(
            "E0612: {path}: {error}\n  help: check that the folder can be written"
        ))
    })
}
