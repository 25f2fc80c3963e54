//! Conversion: a model file in, a blob out.

use crate::emit::{EmitError, Labels, emit};
use crate::import::{Import, ImportError, Warning, import};
use crate::lower::{LowerError, Options, Program, lower};
use crate::pack::{Packed, pack};
use crate::passes;
use crate::plan::{Plan, plan};
use smidge_format::Isa;
use std::path::Path;

/// A converted model.
#[derive(Debug)]
pub struct Converted {
    /// The blob.
    pub bytes: Vec<u8>,
    /// The device program that is in it.
    pub program: Program,
    /// The arena's plan.
    pub plan: Plan,
    /// The forms that were chosen for steps with weights.
    pub packed: Vec<Packed>,
    /// What was odd about the source file.
    pub warnings: Vec<Warning>,
}

/// Why a model cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The file cannot be read or is damaged.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Nodes that smidge cannot run.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The blob cannot be written.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Converts a model file.
///
/// # Errors
/// [`ConvertError`].
pub fn convert(
    path: &Path,
    isa: Isa,
    options: &Options,
    labels: &Labels,
) -> Result<Converted, ConvertError> {
    convert_import(import(path)?, isa, options, labels)
}

/// Converts a model that was imported.
///
/// # Errors
/// [`ConvertError`].
pub fn convert_import(
    Import { mut model, warnings }: Import,
    isa: Isa,
    options: &Options,
    labels: &Labels,
) -> Result<Converted, ConvertError> {
    passes::run_all(&mut model);
    let mut program = lower(&model, options)?;
    let packed = pack(&mut program, isa, &options.packing);
    let plan = plan(&program);
    let mut labels = labels.clone();
    if labels.name.is_empty() {
        labels.name = model.main().map(|graph| graph.name.clone()).unwrap_or_default();
    }
    if !labels.strip && !model.description.is_empty() {
        labels.metadata.push(("description".into(), model.description.clone()));
    }
    labels.metadata.push(("producer".into(), concat!("smidge ", env!("CARGO_PKG_VERSION")).into()));
    let bytes = emit(&program, &plan, isa, &labels)?;
    Ok(Converted { bytes, program, plan, packed, warnings })
}
