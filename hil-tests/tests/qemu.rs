//! Cases on the emulated Cortex-M4: the same bytes as on the host and as the reference runtimes.

use smidge_hil_tests::{Case, board::run, models, vectors};
use smidge_runner::{Board, Qemu, find_program, toolchain::Toolchain};

/// Samples of a large network.
const FEW: usize = 2;

/// The emulated board, or a printed line where it cannot run.
fn target() -> Option<Qemu> {
    let board = Board::find("qemu:cortex-m4").unwrap();
    if find_program("qemu-system-arm").is_none()
        || Toolchain::detect(&board.target, &board.folder).is_err()
    {
        println!("skipped: QEMU or the Rust target is missing; run `cargo xtask setup`");
        return None;
    }
    Some(Qemu::new(board))
}

fn run_all(cases: &[Case], limit: usize) {
    let Some(mut target) = target() else { return };
    let mut failures = Vec::new();
    let (mut runs, mut samples) = (0, 0);
    // That a refused model is refused has nothing to do with the board: the host's tests see to it.
    for case in cases.iter().filter(|case| case.refused.is_none()) {
        for golden in &case.golden {
            runs += 1;
            match run(&mut target, case, golden, limit) {
                Ok(count) => samples += count,
                Err(error) => {
                    failures.push(format!("{} ({:?}): {error}", case.name, golden.rounding));
                }
            }
        }
    }
    println!(
        "{} of {runs} runs agree on the emulated Cortex-M4 ({samples} samples)",
        runs - failures.len()
    );
    assert!(failures.is_empty(), "{} of {runs}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn vectors_give_the_reference_outputs() {
    run_all(&vectors::cases().unwrap(), usize::MAX);
}

#[test]
fn our_own_model_gives_the_reference_outputs() {
    run_all(&[models::own()], 10);
}

#[test]
fn real_models_give_the_reference_outputs() {
    let (large, small): (Vec<_>, Vec<_>) = models::cases()
        .into_iter()
        .partition(|case| std::fs::metadata(&case.model).is_ok_and(|file| file.len() > 60_000));
    run_all(&large, FEW);
    run_all(&small, usize::MAX);
}
