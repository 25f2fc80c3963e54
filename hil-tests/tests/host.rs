//! Every case on the host: the same bytes as the reference runtimes, or the same numbers.

use smidge_format::Isa;
use smidge_hil_tests::{Case, host::run, models, vectors};

/// The cores that this machine runs blobs of, the portable one first.
fn isas() -> impl Iterator<Item = Isa> {
    let cpu = smidge::kernels::Cpu::detect();
    let runs = move |isa: &Isa| smidge::family(*isa).is_none_or(|family| cpu.runs(family));
    Isa::ALL.into_iter().filter(runs)
}

fn run_all(cases: &[Case]) {
    isas().for_each(|isa| run_all_for(cases, isa));
}

fn run_all_for(cases: &[Case], isa: Isa) {
    let mut failures = Vec::new();
    let (mut runs, mut layers, mut refused) = (0, 0, 0);
    for case in cases {
        for golden in &case.golden {
            runs += 1;
            refused += usize::from(case.refused.is_some());
            match run(case, golden, isa, usize::MAX) {
                Ok(compared) => layers += compared,
                Err(error) => {
                    failures.push(format!("{} ({:?}): {error}", case.name, golden.rounding));
                }
            }
        }
    }
    println!(
        "{}: {} of {runs} runs are as expected ({refused} refusals), and {layers} tensors inside",
        isa.name(),
        runs - failures.len()
    );
    assert!(
        failures.is_empty(),
        "{}: {} of {runs}:\n{}",
        isa.name(),
        failures.len(),
        failures.join("\n")
    );
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
