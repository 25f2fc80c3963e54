//! The conformance suite on boards: `cargo xtask hil`.

use clap::Parser;
use smidge_hil_tests::bench::Bench;
use smidge_hil_tests::cycles::Record;
use smidge_hil_tests::suite::{Part, Results, Suite};
use smidge_hil_tests::{attached, rack, report, table};
use smidge_runner::Board;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

/// Runs the conformance suite on all boards that are attached, and writes a table of results.
#[derive(Parser)]
#[command(name = "cargo xtask hil")]
struct Args {
    /// The boards of this computer, and how to bring each back.
    #[arg(long, value_name = "bench.toml")]
    bench: Option<PathBuf>,
    /// Boards that have to be there; where one is not, that is a failure and not a skip.
    #[arg(long, value_name = "BOARD,...", value_delimiter = ',')]
    require: Vec<String>,
    /// Every emulated board, too.
    #[arg(long)]
    emulated: bool,
    /// Only what the bench names: look for no other boards.
    #[arg(long)]
    no_search: bool,
    /// Build the firmware of every board, and write one table of all boards to this file.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Only these parts: hostile, operators, portable, models, kernels, layers.
    #[arg(long, value_name = "PART,...", value_delimiter = ',', value_parser = part)]
    parts: Vec<Part>,
    /// Where the results go, `hil.xml` (JUnit) and `hil.md`, if not in the repository's `target/hil`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn part(text: &str) -> Result<Part, String> {
    let part = Part::ALL.into_iter().find(|part| part.name() == text);
    part.ok_or_else(|| format!("there are {}", Part::ALL.map(Part::name).join(", ")))
}

/// What is wrong: the input, or a board.
enum Failure {
    Input(String),
    Boards(String),
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Input(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Boards(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let bench = args.bench.as_deref().map(Bench::read).transpose().map_err(Failure::Input)?;
    let bench = bench.unwrap_or_default();
    let required = required(&args.require)?;
    let mut entries = bench.boards.clone();
    if !args.no_search {
        let found = attached::look(&entries).map_err(|error| Failure::Input(error.to_string()))?;
        found.notes.iter().for_each(|note| println!("{note}"));
        entries.extend(found.entries);
    }
    if args.emulated {
        let found = attached::emulated().map_err(|error| Failure::Input(error.to_string()))?;
        found.notes.iter().for_each(|note| println!("skipped: {note}"));
        let known: Vec<_> = entries.iter().map(|entry| entry.on.clone()).collect();
        entries.extend(found.entries.into_iter().filter(|entry| !known.contains(&entry.on)));
    }
    if entries.is_empty() && args.table.is_none() {
        println!("skipped: no board is attached and no bench names one (--emulated runs QEMU's)");
        return absent(&required, &[]);
    }
    let parts = if args.parts.is_empty() { Part::ALL.to_vec() } else { args.parts.clone() };
    let suite = Suite::new().map_err(Failure::Input)?.only(&parts);
    let here = thread::available_parallelism().map_or(1, usize::from);
    let jobs = bench.jobs.unwrap_or(here);
    let all = rack::run_all(&entries, &suite, &parts, jobs, &|line| println!("{line}"));
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/hil");
    write(&args.out.clone().unwrap_or_else(usual), &all)?;
    if let Some(path) = &args.table {
        write_table(path, &all)?;
    }
    absent(&required, &all)?;
    let unexplained = report::differences(&all).unexplained;
    if !unexplained.is_empty() {
        let lines = unexplained.join("\n  ");
        return Err(Failure::Boards(format!(
            "E0707: the suite is not the same on all:\n  {lines}"
        )));
    }
    let failed: Vec<_> = all.iter().filter(|r| !r.passed()).map(|r| r.board.as_str()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::Boards(format!("E0704: the suite fails on {}", failed.join(", "))))
}

/// Builds all firmware and writes the table of all boards.
fn write_table(path: &Path, all: &[Results]) -> Result<(), Failure> {
    let boards = Board::all().map_err(|error| Failure::Input(error.to_string()))?;
    let built = |board: Board| {
        println!("building the firmware of {}", board.name);
        let built = table::build(&board);
        (board, built)
    };
    let boards: Vec<_> = boards.into_iter().map(built).collect();
    let record = Record::read().map_err(Failure::Input)?;
    let text = table::markdown(&boards, all, &record);
    println!("\n{text}");
    let bad = |error| Failure::Input(format!("E0706: {}: {error}", path.display()));
    std::fs::write(path, text).map_err(bad)?;
    let failed = boards.iter().filter_map(|(board, built)| match built {
        table::Built::Failed(why) => Some(format!("{}: {why}", board.name)),
        table::Built::Image(_) | table::Built::NoToolchain => None,
    });
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::Boards(format!("E0708: firmware does not build:\n{}", failed.join("\n"))))
}

/// The names of boards that were given by name or folder.
fn required(names: &[String]) -> Result<Vec<String>, Failure> {
    let name = |name: &String| match Board::find(name) {
        Ok(board) => Ok(board.name),
        Err(error) => Err(Failure::Input(error.to_string())),
    };
    names.iter().map(name).collect()
}

/// A failure where a required board did not run.
fn absent(required: &[String], all: &[Results]) -> Result<(), Failure> {
    let ran = |name: &&String| all.iter().any(|results| results.board == **name);
    let absent: Vec<_> = required.iter().filter(|name| !ran(name)).cloned().collect();
    if absent.is_empty() {
        return Ok(());
    }
    let absent = absent.join(", ");
    Err(Failure::Boards(format!("E0705: required boards are not attached: {absent}")))
}

fn write(folder: &Path, all: &[Results]) -> Result<(), Failure> {
    let record = Record::read().map_err(Failure::Input)?;
    let table = report::markdown(all, &record);
    println!("\n{table}");
    let bad = |error| Failure::Input(format!("E0706: {}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(bad)?;
    std::fs::write(folder.join("hil.xml"), report::junit(all)).map_err(bad)?;
    std::fs::write(folder.join("hil.md"), table).map_err(bad)?;
    println!("written: {}", folder.join("hil.xml").display());
    Ok(())
}
