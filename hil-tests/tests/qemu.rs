//! Cases on every emulated board: the same bytes as on the host and as the reference runtimes.

use smidge_format::Isa;
use smidge_hil_tests::{Case, Golden, board::run, models, vectors};
use smidge_runner::{Board, Cases, Qemu};
use std::time::Duration;

/// The board that runs everything.
const THOROUGH: &str = "qemu:cortex-m4";
/// Of so many runs of vectors, the other boards do one each, and not the same.
const SHARE: usize = 20;
/// How long a suite may take on a busy computer.
const SUITE: Duration = Duration::from_secs(600);
/// Samples of a large network.
const FEW: usize = 2;

/// The emulated board, or a printed line where it cannot run.
fn target(board: &Board) -> Option<Qemu> {
    if let Some(missing) = board.missing() {
        println!("{} skipped: no {missing} here; run `cargo xtask setup`", board.name);
        return None;
    }
    Some(Qemu::new(board.clone()))
}

fn thorough() -> Board {
    Board::find(THOROUGH).unwrap()
}

fn others() -> Vec<Board> {
    Board::emulated().unwrap().into_iter().filter(|board| board.name != THOROUGH).collect()
}

/// What there is to run: each case with each of its outputs. That a refused model is refused has
/// nothing to do with the board: the host's tests see to it.
fn runs(cases: &[Case]) -> Vec<(&Case, &Golden)> {
    let cases = cases.iter().filter(|case| case.refused.is_none());
    cases.flat_map(|case| case.golden.iter().map(move |golden| (case, golden))).collect()
}

/// The core that a board has.
fn isa_of(board: &Board) -> Isa {
    Isa::ALL.into_iter().find(|isa| isa.name() == board.isa).unwrap()
}

/// Runs with weights packed for the board's core.
fn run_all(board: &Board, runs: &[(&Case, &Golden)], limit: usize) {
    run_all_for(board, isa_of(board), runs, limit);
}

fn run_all_for(board: &Board, isa: Isa, runs: &[(&Case, &Golden)], limit: usize) {
    let Some(mut target) = target(board) else { return };
    let mut failures = Vec::new();
    let mut samples = 0;
    for (case, golden) in runs {
        match run(&mut target, case, golden, isa, limit) {
            Ok(count) => samples += count,
            Err(error) => {
                failures.push(format!("{} ({:?}): {error}", case.name, golden.rounding));
            }
        }
    }
    let (name, passed, all) = (&board.name, runs.len() - failures.len(), runs.len());
    println!("{name}, {}: {passed} of {all} runs agree ({samples} samples)", isa.name());
    assert!(failures.is_empty(), "{name}, {} of {all}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn vectors_give_the_reference_outputs() {
    let cases = vectors::cases().unwrap();
    run_all(&thorough(), &runs(&cases), usize::MAX);
    let share: Vec<_> = runs(&cases).into_iter().step_by(SHARE).collect();
    run_all_for(&thorough(), Isa::Portable, &share, usize::MAX);
}

#[test]
fn a_share_of_the_vectors_gives_the_reference_outputs_on_every_other_board() {
    let cases = vectors::cases().unwrap();
    let runs = runs(&cases);
    for (at, board) in others().iter().enumerate() {
        let share: Vec<_> = runs.iter().skip(at).step_by(SHARE).copied().collect();
        run_all(board, &share, usize::MAX);
    }
}

#[test]
fn operators_with_int16_activations_give_the_published_outputs() {
    run_all(&thorough(), &runs(&models::int16_operators().unwrap()), 1);
}

#[test]
fn our_own_model_gives_the_reference_outputs_on_every_board() {
    let own = [models::own()];
    run_all(&thorough(), &runs(&own), 10);
    for board in others() {
        run_all(&board, &runs(&own), FEW);
    }
}

#[test]
fn real_models_give_the_reference_outputs() {
    let (large, small): (Vec<_>, Vec<_>) = models::cases()
        .into_iter()
        .partition(|case| std::fs::metadata(&case.model).is_ok_and(|file| file.len() > 60_000));
    run_all(&thorough(), &runs(&small), usize::MAX);
    for board in Board::emulated().unwrap() {
        run_all(&board, &runs(&large), FEW);
    }
}

#[test]
fn every_kernel_is_the_portable_one_on_every_board() {
    for board in Board::emulated().unwrap() {
        let Some(target) = target(&board) else { continue };
        let mut target = target.patience(SUITE);
        for cases in [Cases::Shapes, Cases::Layers] {
            let verdicts = target.suite(cases, false).unwrap_or_else(|error| panic!("{error}"));
            let failed: Vec<_> = verdicts.iter().filter(|verdict| !verdict.passed).collect();
            println!("{}: {} cases, {} failed", board.name, verdicts.len(), failed.len());
            assert!(failed.is_empty(), "{}: {failed:#?}", board.name);
            assert!(cases == Cases::Layers || verdicts.len() > 500, "{}", verdicts.len());
        }
    }
}
