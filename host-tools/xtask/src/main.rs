//! Set-up, demo and tests of the smidge repository: `cargo xtask`.

#![forbid(unsafe_code)]

mod bench;
mod demo;
mod firmware;
mod hil;
mod new_board;
mod setup;
mod suite;
mod test;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Set-up, demo and tests of the smidge repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find out what is missing on this computer and get it.
    Setup {
        /// Install packages without asking (with sudo where needed).
        #[arg(long)]
        yes: bool,
    },
    /// Convert a trained network and run it on an emulated Cortex-M4 and on this computer.
    Demo {
        /// Show all 200 images, not the first 20.
        #[arg(long)]
        all: bool,
    },
    /// Build the firmware of all boards and hold it against their budgets.
    Firmware(firmware::Args),
    /// Make the folder of a new board.
    NewBoard(new_board::Args),
    /// Run every kernel of a board's core against the portable one.
    Suite(suite::Args),
    /// Run the conformance suite on the boards that are attached (`cargo xtask hil --help`).
    #[command(disable_help_flag = true)]
    Hil {
        /// What the suite's program is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run the suite on every emulated board, build the firmware of all, and write one table of them.
    Boards,
    /// Run the installed cases of single ONNX operators (`cargo xtask onnx-nodes --help`).
    #[command(disable_help_flag = true)]
    OnnxNodes {
        /// What the program is told.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Measure every network on every emulated core, beside other engines, and write the record.
    Bench(bench::Args),
    /// Measure times on this machine; a part of `bench --peer`.
    #[command(hide = true)]
    BenchHost {
        /// A Python that has the other engine.
        python: PathBuf,
        /// Names of networks.
        models: Vec<String>,
    },
    /// Run every check and test.
    Test,
}

/// What a task ends with: a message where it fails.
type Outcome = Result<(), String>;

/// The repository's folder.
fn root() -> PathBuf {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).map(PathBuf::from).unwrap_or(manifest)
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Setup { yes } => setup::all(yes).map(|()| println!("everything is there")),
        Command::Demo { all } => setup::board(demo::BOARD, false).and_then(|()| demo::run(all)),
        Command::Firmware(args) => firmware::run(&args),
        Command::NewBoard(args) => new_board::run(&args),
        Command::Suite(args) => suite::run(&args),
        Command::Boards => return hil::boards(),
        Command::Hil { arguments } => return hil::run("hil", &arguments),
        Command::OnnxNodes { arguments } => return hil::run("onnx-nodes", &arguments),
        Command::Bench(args) => bench::run(&args),
        Command::BenchHost { python, models } => bench::host(&python, &models),
        Command::Test => setup::all(false).and_then(|()| test::run()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
