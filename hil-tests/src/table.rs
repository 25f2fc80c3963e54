//! One table with a row for each board: whether its firmware builds, whether the suite passed where it
//! ran, what the firmware takes, and what networks cost there.

use crate::cycles::{self, Record};
use crate::suite::{Results, Verdict};
use smidge_runner::{Board, Firmware, Sizes, sizes, toolchain::Toolchain};
use std::fmt::Write;

/// What building a board's firmware gave.
#[derive(Clone, Debug)]
pub enum Built {
    /// An image; on bare metal with its sizes.
    Image(Option<Sizes>),
    /// Nothing here compiles for it.
    NoToolchain,
    /// It does not build.
    Failed(String),
}

/// Builds the program of a board that runs blobs, with all operators.
pub fn build(board: &Board) -> Built {
    if Toolchain::detect(&board.target, &board.folder).is_err() {
        return Built::NoToolchain;
    }
    let elf = match Firmware::default().build(board, &mut |_| ()) {
        Ok(elf) => elf,
        Err(error) => return Built::Failed(error.to_string()),
    };
    if !board.target.contains("-none") {
        return Built::Image(None);
    }
    match sizes(&elf) {
        Ok(sizes) => Built::Image(Some(sizes)),
        Err(error) => Built::Failed(error.to_string()),
    }
}

/// The table, in Markdown.
pub fn markdown(boards: &[(Board, Built)], all: &[Results], record: &Record) -> String {
    let mut out = String::from(
        "# Boards\n\nPrinted by `cargo xtask boards`. Flash and RAM are those of the firmware with \
         all operators, without blob, arena and stack, and in parentheses the share of the board's \
         budget. Networks are instructions of one inference in millions, counted in QEMU for the \
         board's core, and in parentheses cycles by the core's model.\n\n| board | core | builds | \
         suite | flash | RAM |",
    );
    let names: Vec<_> = cycles::names().collect();
    names.iter().for_each(|name| {
        let _ = write!(out, " {name} |");
    });
    out.push_str("\n|---|---|---|---|---:|---:|");
    out.push_str(&"---:|".repeat(names.len()));
    out.push('\n');
    for (board, built) in boards {
        let results = all.iter().find(|results| results.board == board.name);
        let (flash, ram) = memory(board, built);
        let _ = write!(
            out,
            "| {} | {} | {} | {} | {flash} | {ram} |",
            board.name,
            board.isa,
            word(built),
            suite(board, results)
        );
        for name in &names {
            let _ = write!(out, " {} |", cost(record, &board.isa, name));
        }
        out.push('\n');
    }
    out
}

fn word(built: &Built) -> &'static str {
    match built {
        Built::Image(_) => "yes",
        Built::NoToolchain => "no toolchain here",
        Built::Failed(_) => "**no**",
    }
}

/// Cases that passed, of all that there are.
fn suite(board: &Board, results: Option<&Results>) -> String {
    let Some(results) = results else {
        let emulated = board.runner.emulator().is_some();
        return if emulated { "not run" } else { "not attached" }.into();
    };
    let all: usize = results.outcomes.iter().map(|outcome| outcome.cases).sum();
    let passed = results.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Passed);
    let passed: usize = passed.map(|outcome| outcome.cases).sum();
    let unfit = match results.unfit() {
        0 => String::new(),
        unfit => format!(", no room for {unfit}"),
    };
    let mark = if results.passed() { "" } else { "**failed**: " };
    format!("{mark}{passed} of {all}{unfit}")
}

/// Bytes of flash and RAM.
fn memory(board: &Board, built: &Built) -> (String, String) {
    let Built::Image(Some(sizes)) = built else { return ("–".into(), "–".into()) };
    let share = |bytes: u64, budget: Option<u64>| match budget {
        Some(budget) => format!("{bytes} ({} %)", bytes * 100 / budget.max(1)),
        None => bytes.to_string(),
    };
    let budget = board.budget;
    (
        share(sizes.flash(), budget.map(|budget| budget.flash_bytes)),
        share(sizes.ram(), budget.map(|budget| budget.ram_bytes)),
    )
}

/// What a network costs on a core, by the record.
fn cost(record: &Record, core: &str, network: &str) -> String {
    let millions = |count: u64| format!("{:.2}", count as f64 / 1e6);
    match record.row(core, network) {
        None => "–".into(),
        Some(row) => match row.cycles_modelled {
            None => millions(row.instructions),
            Some(cycles) => format!("{} ({})", millions(row.instructions), millions(cycles)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_has_a_row_with_all_columns() {
        let boards = Board::all().unwrap().into_iter();
        let sizes = Sizes { text: 900, data: 100, bss: 28, ..Sizes::default() };
        let boards: Vec<_> =
            boards.map(|board| (board, Built::Image(Some(sizes.clone())))).collect();
        let table = markdown(&boards, &[], &Record::read().unwrap());
        let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(rows.len(), boards.len() + 1);
        assert!(rows.iter().all(|row| row.matches('|').count() == 12), "{table}");
        let m4 = rows.iter().find(|row| row.starts_with("| qemu:cortex-m4 |")).unwrap();
        assert!(m4.contains("| yes | not run | 1000 (") && !m4.contains("–"), "{m4}");
    }
}
