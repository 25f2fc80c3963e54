//! A model with inputs and expected outputs.

use smidge_format::Isa;
use smidge_tools::convert::{Converted, convert};
use smidge_tools::emit::Labels;
use smidge_tools::lower::{Options, Rounding};
use smidge_tools::npy::{self, Array};
use std::path::{Path, PathBuf};

/// How close outputs must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// The same bytes.
    Exact,
    /// Floats within this distance: absolute, or relative to the expected value if that is larger.
    Float(f32),
}

/// Expected outputs under one rounding.
#[derive(Clone, Debug)]
pub struct Golden {
    /// The rounding that the model is converted with.
    pub rounding: Rounding,
    /// A file for each output.
    pub outputs: Vec<PathBuf>,
}

/// A model file with inputs and expected outputs.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called in messages.
    pub name: String,
    /// The model file.
    pub model: PathBuf,
    /// A file for each input.
    pub inputs: Vec<PathBuf>,
    /// What must come out.
    pub golden: Vec<Golden>,
    /// How exactly.
    pub tolerance: Tolerance,
    /// Whether the arrays have a leading axis of samples; otherwise they are one sample.
    pub sampled: bool,
    /// The code of the error that conversion gives instead, for what smidge does not run.
    pub refused: Option<String>,
}

impl Case {
    /// Converts the model for a core, with one rounding.
    ///
    /// # Errors
    /// The converter's message.
    pub fn convert(&self, rounding: Rounding, isa: Isa) -> Result<Converted, String> {
        let options = Options { rounding, ..Options::default() };
        convert(&self.model, isa, &options, &Labels::default())
            .map_err(|error| format!("{}: {error}", self.name))
    }

    /// Reads arrays; at most `limit` samples of each.
    ///
    /// # Errors
    /// The message of a file that cannot be read.
    pub fn read(&self, files: &[PathBuf], limit: usize) -> Result<Vec<Array>, String> {
        let read = |file: &PathBuf| {
            if self.sampled { read(file, limit) } else { read_one(file) }
        };
        files.iter().map(read).collect()
    }
}

/// An array that is one sample.
fn read_one(file: &Path) -> Result<Array, String> {
    let mut array = npy::read(file).map_err(|error| error.to_string())?;
    array.shape.insert(0, 1);
    Ok(array)
}

fn read(file: &Path, limit: usize) -> Result<Array, String> {
    let mut array = npy::read(file).map_err(|error| error.to_string())?;
    if let Some(samples) = array.shape.first_mut().filter(|samples| **samples > limit) {
        let sample = array.data.len() / *samples;
        *samples = limit;
        array.data.truncate(limit * sample);
    }
    Ok(array)
}
