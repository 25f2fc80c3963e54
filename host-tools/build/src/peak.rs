//! Where the arena is fullest.

use smidge::{OpCode, Variant};
use smidge_format::{Blob, NameKind, Storage};
use std::fmt;

/// The step of a blob at which most bytes of the arena are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peak {
    /// Number of the step.
    pub step: u16,
    /// Its operator, such as `CONV_2D_S8_PACKED`.
    pub operator: String,
    /// Its name in the source model, where the blob has names.
    pub name: String,
    /// Bytes that are in use there; the arena may be longer where places leave gaps.
    pub bytes: usize,
    /// What is in them, greatest first.
    pub alive: Vec<Alive>,
}

/// Something in the arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alive {
    /// Its bytes.
    pub bytes: usize,
    /// What it is: `input`, `output`, `kept`, `scratch` or `state`, as the step sees it.
    pub role: &'static str,
    /// Name and shape of the tensor.
    pub what: String,
    offset: usize,
}

/// The step at which a blob's arena is fullest; that of no step for a blob without steps.
pub fn peak(blob: &Blob<'_>) -> Peak {
    let steps = (0..blob.step_count() as u16).map(|step| at_step(blob, step));
    // The first of several.
    steps.reduce(|a, b| if b.bytes > a.bytes { b } else { a }).unwrap_or_default()
}

fn at_step(blob: &Blob<'_>, index: u16) -> Peak {
    let Some(step) = blob.step(index) else { return Peak::default() };
    let inputs: Vec<_> = blob.step_inputs(&step).collect();
    let outputs: Vec<_> = blob.step_outputs(&step).collect();
    let tensors = (0..blob.tensor_count() as u16).filter_map(|id| Some((id, blob.tensor(id)?)));
    let live = tensors.filter(|(_, tensor)| match tensor.storage {
        Storage::Arena => (tensor.first..=tensor.last).contains(&index),
        Storage::State => true,
        Storage::Constant => false,
    });
    let mut alive: Vec<_> = live
        .map(|(id, tensor)| Alive {
            bytes: tensor.len as usize,
            role: match tensor.storage {
                Storage::State => "state",
                _ if outputs.contains(&id) => "output",
                _ if inputs.contains(&id) => "input",
                _ => "kept",
            },
            what: format!(
                "{} {:?}",
                first_name(blob.name(NameKind::Tensor, id).unwrap_or("(stripped)")),
                tensor.shape
            ),
            offset: tensor.offset as usize,
        })
        .collect();
    if step.scratch_len > 0 {
        let (bytes, offset) = (step.scratch_len as usize, step.scratch as usize);
        alive.push(Alive { bytes, role: "scratch", what: String::new(), offset });
    }
    alive.sort_by_key(|alive| (std::cmp::Reverse(alive.bytes), alive.offset));
    Peak {
        step: index,
        operator: operator(step.code, step.variant),
        name: first_name(blob.name(NameKind::Step, index).unwrap_or_default()).to_owned(),
        bytes: covered(&alive),
        alive,
    }
}

/// A name of the source as people say it: TensorFlow joins those of fused layers.
pub(crate) fn first_name(name: &str) -> &str {
    name.split(';').next().unwrap_or_default()
}

/// An operator's name with its variant.
pub(crate) fn operator(code: u16, variant: u16) -> String {
    let code = OpCode::from_u16(code).map_or("control flow", OpCode::name);
    match Variant::from_u16(variant) {
        Some(variant) => format!("{code}_{}", variant.name()),
        None => code.to_owned(),
    }
}

/// Bytes that are covered once or more: an output may stand on an input.
fn covered(alive: &[Alive]) -> usize {
    let mut ranges: Vec<_> = alive.iter().map(|a| (a.offset, a.offset + a.bytes)).collect();
    ranges.sort_unstable();
    let (mut bytes, mut end) = (0, 0);
    for (from, to) in ranges {
        bytes += to.max(end) - from.max(end);
        end = end.max(to);
    }
    bytes
}

impl fmt::Display for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, operator, name, bytes, alive } = self;
        write!(f, "fullest at step {step}, {operator} `{name}`: {bytes} bytes")?;
        for Alive { bytes, role, what, .. } in alive.iter().take(6) {
            write!(f, "\n  {bytes:>9}  {role:<7} {what}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_something_else_counts_once() {
        let alive = |offset, bytes| Alive { bytes, role: "input", what: String::new(), offset };
        assert_eq!(covered(&[alive(0, 16), alive(0, 16), alive(32, 16)]), 32);
        assert_eq!(covered(&[alive(8, 16), alive(0, 10)]), 24);
        assert_eq!(covered(&[]), 0);
    }
}
