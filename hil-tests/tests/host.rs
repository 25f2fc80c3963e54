//! Every case on the host: the same bytes as the reference runtimes, or the same numbers.

use smidge_hil_tests::{Case, host::run, models, vectors};

fn run_all(cases: &[Case]) {
    let mut failures = Vec::new();
    let (mut runs, mut layers, mut refused) = (0, 0, 0);
    for case in cases {
        for golden in &case.golden {
            runs += 1;
            refused += usize::from(case.refused.is_some());
            match run(case, golden, usize::MAX) {
                Ok(compared) => layers += compared,
                Err(error) => {
                    failures.push(format!("{} ({:?}): {error}", case.name, golden.rounding));
                }
            }
        }
    }
    println!(
        "{} of {runs} runs are as expected ({refused} refusals), and {layers} tensors inside",
        runs - failures.len()
    );
    assert!(failures.is_empty(), "{} of {runs}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_vector_gives_the_reference_outputs() {
    run_all(&vectors::cases().unwrap());
}

#[test]
fn every_real_model_gives_the_reference_outputs() {
    run_all(&models::cases());
}

#[test]
fn operators_with_int16_activations_give_the_published_outputs() {
    run_all(&models::int16_operators().unwrap());
}

#[test]
fn our_own_model_gives_the_reference_outputs() {
    run_all(&[models::own()]);
}
