//! Every case on the host: the same bytes as the reference runtimes, or the same numbers.

use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_hil_tests::host::{check_outputs, run};
use smidge_hil_tests::{Case, Golden, models, vectors};
use smidge_tools::arrays;
use smidge_tools::convert::convert;
use smidge_tools::emit::Labels;
use smidge_tools::execute::execute;
use smidge_tools::lower::{Channels, Options};

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

/// The same outputs from a blob without the channels that nothing reads.
fn run_without_channels(case: &Case, golden: &Golden) -> Result<u64, String> {
    let (rounding, channels) = (golden.rounding, Channels::Drop);
    let options = Options { rounding, channels, ..Options::default() };
    let converted = convert(&case.model, Isa::Portable, &options, &Labels::default());
    let converted = converted.map_err(|e| e.to_string())?;
    let blob = AlignedBuf::from(converted.bytes.as_slice());
    let model = Model::check(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
    let inputs = case.read(&case.inputs, usize::MAX)?;
    let samples = arrays::samples(&model, &inputs).map_err(|e| e.to_string())?;
    let outcome = execute(&model, &samples, false).map_err(|e| e.to_string())?;
    check_outputs(case, golden, &model, &samples, &outcome.outputs, usize::MAX)?;
    Ok(converted.removed.channels)
}

#[test]
fn removing_channels_changes_no_output() {
    let (mut failures, mut removed) = (Vec::new(), 0);
    let cases = vectors::cases().unwrap().into_iter().chain(models::cases()).chain([models::own()]);
    for case in cases.filter(|case| case.refused.is_none()) {
        for golden in &case.golden {
            match run_without_channels(&case, golden) {
                Ok(channels) => removed += channels,
                Err(error) => failures.push(format!("{}: {error}", case.name)),
            }
        }
    }
    println!("{removed} channels removed");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(removed > 0);
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
