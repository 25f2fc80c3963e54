//! The network of a new project: whether it fits the board, and what the program has to know of it.

use super::super::{Failure, check_foreign, read_blob};
use smidge::Model;
use smidge_format::{AlignedBuf, DType, Isa};
use smidge_runner::Board;
use smidge_tools::convert::convert;
use smidge_tools::emit::Labels;
use smidge_tools::lower::Options;
use std::fs;
use std::path::Path;

/// A network that fits a board.
pub(super) struct Network {
    /// Bytes of the model file.
    pub bytes: Vec<u8>,
    /// What the file's name ends with.
    pub extension: String,
    /// Names of classes, a line each.
    pub labels: Option<String>,
    /// Bytes of the blob.
    pub blob_len: usize,
    /// Bytes of arena.
    pub arena_len: usize,
    /// The most that the board has for it.
    pub arena_budget: u64,
    /// The same for the blob.
    pub flash_budget: u64,
    /// Inputs.
    pub inputs: usize,
    /// Element types of the outputs.
    pub outputs: Vec<DType>,
}

impl Network {
    /// Reads a model file and converts it for the board.
    pub fn read(model: &Path, labels: Option<&Path>, board: &Board) -> Result<Self, Failure> {
        let isa = Isa::ALL.into_iter().find(|isa| isa.name() == board.isa);
        let isa = isa.unwrap_or(Isa::Portable);
        let extension = model.extension().unwrap_or_default().to_string_lossy().into_owned();
        let blob = if extension == "smg" {
            read_blob(model)?
        } else {
            let (options, labels) =
                (Options::default(), Labels { strip: true, ..Labels::default() });
            let converted = convert(model, isa, &options, &labels).map_err(Failure::input)?;
            AlignedBuf::from(converted.bytes.as_slice())
        };
        let checked = check_foreign(model, &blob)?;
        let labels = labels.map(read_text).transpose()?;
        let memory = board.memory.map(|memory| memory.flash.bytes);
        let network = Self {
            bytes: fs::read(model).map_err(Failure::other)?,
            extension,
            labels,
            blob_len: checked.blob().bytes().len(),
            arena_len: checked.arena_len(),
            arena_budget: board.arena_bytes,
            flash_budget: memory.unwrap_or(board.slot.bytes),
            inputs: checked.input_count(),
            outputs: outputs(&checked),
        };
        network.check(model, board)?;
        Ok(network)
    }

    fn check(&self, model: &Path, board: &Board) -> Result<(), Failure> {
        let fits = |what: &str, needs: usize, has: u64| {
            if needs as u64 <= has {
                return Ok(());
            }
            let (model, title) = (model.display(), &board.title);
            Err(Failure::Input(format!(
                "E0635: {model} needs {needs} bytes of {what}, {title} has {has}\n  help: take a smaller \
                 network or a larger board"
            )))
        };
        fits("arena", self.arena_len, self.arena_budget)?;
        fits("flash", self.blob_len, self.flash_budget)
    }

    /// The statements that fill the inputs.
    pub fn fill(&self) -> String {
        let fill = |input: &str| format!("network.{input}().ok()?.fill(Default::default());");
        match self.inputs {
            1 => fill("input"),
            count => {
                (0..count).map(|i| fill(&format!("input{i}"))).collect::<Vec<_>>().join("\n    ")
            }
        }
    }

    /// The method that gives the first output.
    pub fn output(&self) -> &'static str {
        if self.outputs.len() == 1 { "output" } else { "output0" }
    }

    /// The method that compares its elements.
    pub fn comparison(&self) -> &'static str {
        if self.outputs.first() == Some(&DType::F32) { "total_cmp" } else { "cmp" }
    }
}

fn outputs(model: &Model<'_>) -> Vec<DType> {
    (0..model.output_count()).filter_map(|i| model.output(i)).map(|tensor| tensor.dtype).collect()
}

fn read_text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Failure::Input(format!("E0613: {path}: {error}\n  help: give a UTF-8 text file"))
    })
}
