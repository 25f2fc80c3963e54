//! What a model may take, and what it takes.

use crate::error::{BuildError, Excess};
use crate::peak::{first_name, operator, peak};
use smidge_format::{Blob, NameKind, Storage};

/// The most that a model may take.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Budget {
    /// Bytes of arena.
    pub arena: Option<usize>,
    /// Bytes of the blob.
    pub flash: Option<usize>,
}

impl Budget {
    /// Fails if a blob takes more, which is `flash` bytes long where it has no names.
    pub fn check(self, name: &str, blob: &Blob<'_>, flash: usize) -> Result<(), BuildError> {
        let arena = blob.header().arena_len as usize;
        if let Some(budget) = self.arena.filter(|&budget| arena > budget) {
            let (name, detail) = (name.to_owned(), peak(blob).to_string());
            return Err(BuildError::Arena(Excess { name, needs: arena, budget, detail }));
        }
        if let Some(budget) = self.flash.filter(|&budget| flash > budget) {
            let (name, detail) = (name.to_owned(), largest_weights(blob));
            return Err(BuildError::Flash(Excess { name, needs: flash, budget, detail }));
        }
        Ok(())
    }
}

/// The steps with most constants.
fn largest_weights(blob: &Blob<'_>) -> String {
    let steps = (0..blob.step_count() as u16).filter_map(|index| Some((index, blob.step(index)?)));
    let mut rows: Vec<_> = steps
        .map(|(index, step)| {
            let inputs = blob.step_inputs(&step).filter_map(|id| blob.tensor(id));
            let constants = inputs.filter(|tensor| tensor.storage == Storage::Constant);
            let bytes: u64 = constants.map(|tensor| u64::from(tensor.len)).sum();
            let name = first_name(blob.name(NameKind::Step, index).unwrap_or_default());
            (bytes, format!("step {index}, {} `{name}`", operator(step.code, step.variant)))
        })
        .filter(|(bytes, _)| *bytes > 0)
        .collect();
    rows.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    let rows = rows.iter().take(4).map(|(bytes, step)| format!("\n  {bytes:>9}  {step}"));
    format!("most weights are in{}", rows.collect::<String>())
}
