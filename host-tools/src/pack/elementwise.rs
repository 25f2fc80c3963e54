//! ADD and SUB in linear form.

use super::Packed;
use crate::lower::Program;
use smidge::Variant;
use smidge::ops::add::{AttrsLinear, AttrsS8};
use smidge_format::attrs::Reader;
use smidge_quant::linear::linear_form;

/// Gives an addition of equal shapes its linear form, if there is one.
pub(super) fn add(program: &mut Program, at: usize, subtract: bool) -> Option<Packed> {
    let step = &program.steps[at];
    let shape = |value: usize| program.values[value].shape.padded();
    let y = shape(*step.outputs.first()?);
    let equal = step.inputs.iter().flatten().all(|&input| shape(input) == y);
    let attrs = AttrsS8::decode(Reader::new(&step.attrs)).ok()?;
    let kernel = linear_form(&attrs.kernel(), subtract).filter(|_| equal)?;
    let step = &mut program.steps[at];
    step.variant = Variant::S8Linear;
    step.attrs = AttrsLinear { kernel }.encode().to_vec();
    None
}
