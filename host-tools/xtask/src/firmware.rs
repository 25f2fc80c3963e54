//! `cargo xtask firmware`: builds the firmware of all boards and holds it against their budgets.

use crate::{Outcome, bench};
use smidge_runner::toolchain::Toolchain;
use smidge_runner::{Board, Event, Firmware, Sizes, find_program, sizes};
use std::time::Instant;

#[derive(clap::Args, Default)]
pub struct Args {
    /// The boards, such as `rp2040`; none is all.
    boards: Vec<String>,
}

/// What came of a board.
enum Built {
    /// An image that keeps to the budget, or not.
    Image(Sizes),
    /// A program of an operating system, which has neither flash nor a fixed RAM.
    Program,
    /// This computer has no compiler for it.
    Skipped,
    /// It does not build.
    Failed(String),
}

pub fn run(args: &Args) -> Outcome {
    let find = |name: &String| Board::find(name);
    let boards: Result<Vec<_>, _> = match args.boards.as_slice() {
        [] => Board::all(),
        names => names.iter().map(find).collect(),
    };
    let boards = boards.map_err(|error| error.to_string())?;
    let start = Instant::now();
    println!(
        "{:<18} {:>18} {:>14} {:>9} {:>16}  builds",
        "board", "flash / budget", "RAM / budget", "arena", "stack / needed"
    );
    let mut failures = Vec::new();
    for board in &boards {
        let built = build(board);
        println!("{:<18} {}", board.name, row(board, &built));
        match built {
            Built::Failed(reason) => failures.push(format!("{}: {reason}", board.name)),
            Built::Image(sizes) => failures.extend(complaints(board, &sizes)),
            Built::Program | Built::Skipped => {}
        }
    }
    println!("{} boards in {:.0} s", boards.len(), start.elapsed().as_secs_f64());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

fn build(board: &Board) -> Built {
    let no_linker = board.linker().is_some_and(|name| find_program(name).is_none());
    if no_linker || Toolchain::detect(&board.target, &board.folder).is_err() {
        return Built::Skipped;
    }
    let silent = &mut |_: Event<'_>| ();
    let elf = match Firmware::default().build(board, silent) {
        Ok(elf) => elf,
        Err(error) => return Built::Failed(error.to_string()),
    };
    if !board.target.contains("-none") {
        return Built::Program;
    }
    sizes(&elf).map_or_else(|error| Built::Failed(error.to_string()), Built::Image)
}

/// A line of the table without the board's name.
fn row(board: &Board, built: &Built) -> String {
    let word = match built {
        Built::Image(sizes) => return image_row(board, sizes),
        Built::Program => "yes, as a program",
        Built::Skipped => "skipped: no compiler for it here",
        Built::Failed(_) => "NO",
    };
    format!("{:>18} {:>14} {:>9} {:>16}  {word}", "-", "-", "-", "-")
}

fn image_row(board: &Board, sizes: &Sizes) -> String {
    let of = |bytes: u64, limit: Option<u64>| match limit {
        Some(limit) => format!("{bytes} / {limit}"),
        None => bytes.to_string(),
    };
    let budget = board.budget;
    let word = if complaints(board, sizes).is_empty() { "yes" } else { "yes, BEYOND ITS BUDGET" };
    format!(
        "{:>18} {:>14} {:>9} {:>16}  {word}",
        of(sizes.flash(), budget.map(|budget| budget.flash_bytes)),
        of(sizes.ram(), budget.map(|budget| budget.ram_bytes)),
        sizes.arena,
        of(sizes.stack, needed_stack(board)),
    )
}

/// Bytes of stack that the board promises, or that networks took on an emulated board of its core,
/// whatever is more.
fn needed_stack(board: &Board) -> Option<u64> {
    let promised = board.budget.map(|budget| budget.stack_bytes).filter(|&bytes| bytes > 0);
    promised.max(bench::most_stack(&board.isa))
}

/// What is beyond the budget of a board, by how much.
fn complaints(board: &Board, sizes: &Sizes) -> Vec<String> {
    let mut needing = board.clone();
    if let (Some(budget), Some(needed)) = (&mut needing.budget, needed_stack(board)) {
        budget.stack_bytes = needed;
    }
    let excesses = needing.excesses(sizes).into_iter();
    excesses.map(|excess| format!("{}: {excess}", board.name)).collect()
}
