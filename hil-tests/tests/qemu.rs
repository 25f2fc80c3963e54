//! The conformance suite on every emulated board.

use smidge_hil_tests::suite::{Limits, Part, Results, Suite, run};
use smidge_runner::{Board, Qemu};
use std::time::Duration;

/// How long a program may be silent on a busy computer.
const PATIENCE: Duration = Duration::from_secs(600);

#[test]
fn every_emulated_board_passes_the_whole_suite_and_it_is_the_same_for_all() {
    let parts = parts();
    let suite = Suite::new().unwrap().only(&parts);
    let mut all: Vec<Results> = Vec::new();
    for board in boards() {
        if let Some(missing) = board.missing() {
            println!("{} skipped: no {missing} here; run `cargo xtask setup`", board.name);
            continue;
        }
        let mut target = Qemu::new(board.clone()).patience(PATIENCE);
        let results = run(&suite, &parts, &board, &mut target, &mut || Ok(()), Limits::default());
        println!("{}", results.line());
        for (outcome, why) in results.bad().take(20) {
            println!("  {}: {}: {why}", outcome.part.name(), outcome.name);
        }
        all.push(results);
    }
    let failed: Vec<_> = all.iter().filter(|r| !r.passed()).map(|r| r.board.as_str()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    for part in parts {
        let counts: Vec<_> = all.iter().map(|r| (r.board.as_str(), r.cases(part))).collect();
        let same = counts.windows(2).all(|pair| pair[0].1 == pair[1].1);
        assert!(same, "{}: {counts:?}", part.name());
    }
}

fn boards() -> Vec<Board> {
    let wanted = std::env::var("BOARDS").unwrap_or_default();
    let boards = Board::all().unwrap().into_iter();
    boards.filter(|board| wanted.is_empty() || wanted.split(',').any(|w| w == board.name)).collect()
}

fn parts() -> Vec<Part> {
    let wanted = std::env::var("PARTS").unwrap_or_default();
    let parts = Part::ALL.into_iter();
    parts.filter(|part| wanted.is_empty() || wanted.split(',').any(|w| w == part.name())).collect()
}
