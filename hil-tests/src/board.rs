//! Running a case on a board.

use crate::{Case, Golden, host::check_outputs};
use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_runner::{Inference, Job, Target};
use smidge_tools::arrays;

/// Converts for a core, runs on at most `limit` samples on a target, and compares the outputs. Returns how many
/// samples ran.
///
/// # Errors
/// What differs, or what failed.
pub fn run(
    target: &mut impl Target,
    case: &Case,
    golden: &Golden,
    isa: Isa,
    limit: usize,
) -> Result<usize, String> {
    let converted = case.convert(golden.rounding, isa)?;
    let blob = AlignedBuf::from(converted.bytes.as_slice());
    let model = Model::check_foreign(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
    let inputs = case.read(&case.inputs, limit)?;
    let samples = arrays::samples(&model, &inputs).map_err(|e| e.to_string())?;
    let mut job = Job {
        blob: &blob,
        inferences: Vec::new(),
        outputs: model.output_count() as u16,
        trace_first: false,
        count: false,
    };
    for (at, inputs) in samples.inputs.iter().enumerate() {
        let inputs = inputs.iter().map(Vec::as_slice).collect();
        job.inferences.push(Inference { reset: samples.resets(at), inputs });
    }
    let report = target.run(&job).map_err(|e| e.to_string())?;
    check_outputs(case, golden, &model, &samples, &report.outputs, limit)?;
    Ok(report.outputs.len())
}
