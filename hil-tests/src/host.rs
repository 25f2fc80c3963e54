//! Running a case on this machine.

use crate::{Case, Golden, compare::compare, models};
use smidge::{Model, Pool};
use smidge_format::{AlignedBuf, Isa};
use smidge_tools::arrays::{self, Samples};
use smidge_tools::execute::{Traced, execute_on};
use smidge_tools::npy::Array;
use std::sync::OnceLock;

/// Converts for a core of this machine, runs on at most `limit` samples, and compares outputs and,
/// for a portable blob and where they are known, the tensors of the first sample. Returns how many tensors were compared.
///
/// # Errors
/// What differs, or what failed.
pub fn run(case: &Case, golden: &Golden, isa: Isa, limit: usize) -> Result<usize, String> {
    let converted = match (case.convert(golden.rounding, isa), &case.refused) {
        (Err(error), Some(code)) if error.contains(code.as_str()) => return Ok(0),
        (Ok(_), Some(code)) => return Err(format!("converted, where {code} is expected")),
        (converted, _) => converted?,
    };
    let blob = AlignedBuf::from(converted.bytes.as_slice());
    let model = Model::check(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
    let inputs = case.read(&case.inputs, limit)?;
    let samples = arrays::samples(&model, &inputs).map_err(|e| e.to_string())?;
    let outcome = execute_on(&model, &samples, true, None).map_err(|e| e.to_string())?;
    check_outputs(case, golden, &model, &samples, &outcome.outputs, limit)?;
    let threaded =
        execute_on(&model, &samples, false, Some(threads())).map_err(|e| e.to_string())?;
    if threaded.outputs != outcome.outputs {
        return Err("several threads give something else than one".into());
    }
    let layers = if isa != Isa::Portable || golden.outputs[0].ends_with("outputs_tflm.npy") {
        vec![]
    } else {
        models::layers(case)
    };
    check_layers(case, &model, &outcome.trace, &layers)
}

/// Three threads for all runs.
fn threads() -> &'static Pool {
    static THREADS: OnceLock<Pool> = OnceLock::new();
    THREADS.get_or_init(|| Pool::new(3).expect("the system gives three threads"))
}

/// Compares the outputs of all inferences with the golden files.
///
/// # Errors
/// What differs.
pub fn check_outputs(
    case: &Case,
    golden: &Golden,
    model: &Model<'_>,
    samples: &Samples,
    outputs: &[Vec<Vec<u8>>],
    limit: usize,
) -> Result<(), String> {
    for (index, expected) in case.read(&golden.outputs, limit)?.iter().enumerate() {
        let tensor = model.output(index).ok_or("fewer outputs than expected")?;
        let parts = outputs.iter().map(|outputs| outputs[index].clone()).collect();
        let got = arrays::array(&tensor, &samples.leading, parts);
        compare(&got, expected, case.tolerance).map_err(|e| format!("output {index}: {e}"))?;
    }
    Ok(())
}

/// The first of an array's samples, where it has several: models with a state have a tensor for every
/// step of every sequence.
fn of_first_step(mut expected: Array, got: &Array) -> Array {
    let leading = expected.shape.len().saturating_sub(got.shape.len());
    if leading > 0 && expected.shape[leading..] == got.shape {
        expected.shape.drain(..leading);
        expected.data.truncate(got.data.len());
    }
    expected
}

fn check_layers(
    case: &Case,
    model: &Model<'_>,
    trace: &[Traced],
    layers: &[(u16, std::path::PathBuf)],
) -> Result<usize, String> {
    for (source, file) in layers {
        let found = trace.iter().find_map(|(id, bytes)| {
            model.blob().tensor(*id).filter(|t| t.source == *source).map(|t| (t, bytes))
        });
        let (tensor, bytes) = found.ok_or(format!("tensor {source} is not computed"))?;
        let got = arrays::array(&tensor, &[], vec![bytes.clone()]);
        let expected = case.read(std::slice::from_ref(file), usize::MAX)?.remove(0);
        let expected = of_first_step(expected, &got);
        compare(&got, &expected, case.tolerance).map_err(|e| format!("tensor {source}: {e}"))?;
    }
    Ok(layers.len())
}
