//! The conformance suite on every emulated board: the whole of it on each, and the same on all.

use smidge_hil_tests::suite::{Part, Suite};
use smidge_hil_tests::{attached, rack, report};
use std::thread;

#[test]
fn every_emulated_board_passes_the_whole_suite_and_it_is_the_same_on_all() {
    let found = attached::emulated().unwrap();
    found.notes.iter().for_each(|note| println!("skipped: {note}"));
    let suite = Suite::new().unwrap();
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let all = rack::run_all(&found.entries, &suite, &Part::ALL, jobs, &|line| println!("{line}"));
    assert_eq!(all.len(), found.entries.len());
    let bad = all.iter().flat_map(|results| {
        let bad = results.bad().take(10);
        bad.map(|(outcome, why)| format!("{}: {}: {why}", results.board, outcome.name))
    });
    let bad: Vec<_> = bad.collect();
    assert!(bad.is_empty() && all.iter().all(|results| results.passed()), "{}", bad.join("\n"));
    let differences = report::differences(&all);
    differences.named.iter().for_each(|line| println!("{line}"));
    assert!(differences.unexplained.is_empty(), "{:#?}", differences.unexplained);
}
