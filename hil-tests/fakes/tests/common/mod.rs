//! The network of this repository on a target.

use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_hil_tests::{host::check_outputs, models};
use smidge_runner::{Inference, Job, Target};
use smidge_tools::arrays;

/// Its blob for any core.
pub fn blob() -> Vec<u8> {
    let case = models::own();
    case.convert(case.golden[0].rounding, Isa::Portable).unwrap().bytes
}

/// Runs it on so many images, and compares with the outputs that the reference gave for them.
pub fn fashion(target: &mut impl Target, limit: usize) -> Result<usize, String> {
    let (case, blob) = (models::own(), AlignedBuf::from(blob().as_slice()));
    let model = Model::check(&blob, smidge::ops::ALL).map_err(|error| error.to_string())?;
    let inputs = case.read(&case.inputs, limit)?;
    let samples = arrays::samples(&model, &inputs).map_err(|error| error.to_string())?;
    let inferences = samples.inputs.iter().map(|inputs| Inference {
        reset: true,
        inputs: inputs.iter().map(Vec::as_slice).collect(),
    });
    let job = Job { blob: &blob, inferences: inferences.collect(), outputs: 1, ..Job::default() };
    let report = target.run(&job).map_err(|error| error.to_string())?;
    check_outputs(&case, &case.golden[0], &model, &samples, &report.outputs, limit)?;
    Ok(report.outputs.len())
}
