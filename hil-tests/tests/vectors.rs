//! Every small model on the host: the same bytes as the reference runtimes, or the same numbers.

use smidge_format::AlignedBuf;
use smidge_hil_tests::{Case, Golden, compare::compare, vectors};
use smidge_tools::{arrays, execute::execute};

fn run(case: &Case, golden: &Golden) -> Result<(), String> {
    let converted = case.convert(golden.rounding)?;
    let blob = AlignedBuf::from(converted.bytes.as_slice());
    let model = smidge::Model::check(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
    let inputs = case.read(&case.inputs, usize::MAX)?;
    let samples = arrays::samples(&model, &inputs).map_err(|e| e.to_string())?;
    let outcome = execute(&model, &samples, false).map_err(|e| e.to_string())?;
    for (index, expected) in case.read(&golden.outputs, usize::MAX)?.iter().enumerate() {
        let tensor = model.output(index).ok_or("fewer outputs than expected")?;
        let parts = outcome.outputs.iter().map(|outputs| outputs[index].clone()).collect();
        let got = arrays::array(&tensor, &samples.leading, parts);
        compare(&got, expected, case.tolerance).map_err(|e| format!("output {index}: {e}"))?;
    }
    Ok(())
}

#[test]
fn every_vector_gives_the_reference_outputs() {
    let mut failures = Vec::new();
    let mut runs = 0;
    for case in vectors::cases().unwrap() {
        for golden in &case.golden {
            runs += 1;
            if let Err(error) = run(&case, golden) {
                failures.push(format!("{} ({:?}): {error}", case.name, golden.rounding));
            }
        }
    }
    println!("{} of {runs} runs agree", runs - failures.len());
    assert!(failures.is_empty(), "{} of {runs}:\n{}", failures.len(), failures.join("\n"));
}
