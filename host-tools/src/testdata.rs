//! Where the models and data are that tests use but the repository does not contain.
//!
//! Tests print a line and pass when they are absent.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of real models, each with reference inputs and outputs: `SMIDGE_MODELS`, or
/// `../shared/models` seen from the repository. `None` when there is no such folder.
pub fn models_dir() -> Option<PathBuf> {
    folder("SMIDGE_MODELS", "../shared/models")
}

/// The folder of data sets: `SMIDGE_DATA`, or `../shared/data` seen from the repository. `None`
/// when there is no such folder.
pub fn data_dir() -> Option<PathBuf> {
    folder("SMIDGE_DATA", "../shared/data")
}

/// A file of the golden vectors, which the repository has.
pub fn vector(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hil-tests/vectors").join(file)
}

fn folder(variable: &str, default: &str) -> Option<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = env::var_os(variable).map_or_else(|| repository.join(default), PathBuf::from);
    folder.is_dir().then_some(folder)
}
