//! From a model file to a module.

use crate::budget::Budget;
use crate::core::Machine;
use crate::error::BuildError;
use crate::module;
use smidge_format::{AlignedBuf, Isa};
use smidge_tools::convert::{ConvertError, convert};
use smidge_tools::emit::{Labels, emit};
use smidge_tools::lower::{Channels, Options, Rounding};
use smidge_tools::names::is_keyword;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// A model file that becomes a module.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `compile`"]
pub struct Model {
    path: PathBuf,
    name: Option<String>,
    isa: Option<Isa>,
    budget: Budget,
    options: Options,
    labels: Option<PathBuf>,
    strip: bool,
    out_dir: Option<PathBuf>,
}

/// What came of a model.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Name of the module.
    pub name: String,
    /// The file with the module's source.
    pub module: PathBuf,
    /// The blob.
    pub blob: PathBuf,
    /// Bytes of the blob.
    pub blob_len: usize,
    /// Bytes of the arena.
    pub arena_len: usize,
    /// The core it is for.
    pub isa: Isa,
    /// What is odd about the source file.
    pub warnings: Vec<String>,
}

impl Model {
    /// A trained model (`.tflite`) that is converted, or a blob (`.smg`) that is taken as it is. The
    /// path is relative to the package's folder. The module has the name of the file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            name: None,
            isa: None,
            budget: Budget::default(),
            options: Options::default(),
            labels: None,
            strip: true,
            out_dir: None,
        }
    }

    /// Another name for the module.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The core to pack for, instead of the one that follows from the target and `-C target-cpu`.
    pub fn isa(mut self, isa: Isa) -> Self {
        self.isa = Some(isa);
        self
    }

    /// The most bytes of RAM that the arena may take.
    pub fn arena_budget(mut self, bytes: usize) -> Self {
        self.budget.arena = Some(bytes);
        self
    }

    /// The most bytes of flash that the model may take: weights, program and plan, without the code
    /// of the operators.
    pub fn flash_budget(mut self, bytes: usize) -> Self {
        self.budget.flash = Some(bytes);
        self
    }

    /// What the weights of a layer may take, in percent of what they take in the source: more lets
    /// some kernels be faster.
    pub fn flash_percent(mut self, percent: u32) -> Self {
        self.options.packing.flash_percent = percent;
        self
    }

    /// The most bytes of scratch memory of a layer.
    pub fn scratch_limit(mut self, bytes: usize) -> Self {
        self.options.packing.scratch_bytes = bytes;
        self
    }

    /// Whose rounding to reproduce where TensorFlow Lite and TensorFlow Lite Micro differ.
    pub fn rounding(mut self, rounding: Rounding) -> Self {
        self.options.rounding = rounding;
        self
    }

    /// What happens to channels that nothing reads. By default they are removed, unless the model is
    /// portable; no output changes.
    pub fn channels(mut self, channels: Channels) -> Self {
        self.options.channels = channels;
        self
    }

    /// A text file with the name of a class on each line: the constant `LABELS`.
    pub fn labels(mut self, path: impl Into<PathBuf>) -> Self {
        self.labels = Some(path.into());
        self
    }

    /// Keeps the names of layers and tensors in the blob, for tools. They take flash.
    pub fn keep_names(mut self) -> Self {
        self.strip = false;
        self
    }

    /// Where the files go, instead of `OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Writes the module, and tells cargo on which files it depends and what is wrong.
    pub fn compile(self) {
        let files = [Some(&self.path), self.labels.as_ref()];
        for file in files.into_iter().flatten() {
            println!("cargo::rerun-if-changed={}", file.display());
        }
        match self.try_compile() {
            Ok(compiled) => compiled.warnings.iter().for_each(|text| tell("warning", text)),
            Err(error) => tell("error", &error.to_string()),
        }
    }

    /// As [`Model::compile`], for those who want to know what came of it. Prints nothing.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn try_compile(&self) -> Result<Compiled, BuildError> {
        let name = self.module_name()?;
        let out = self.out_dir.clone().or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        let out = out.ok_or(BuildError::NoOutDir)?;
        let machine = Machine::of_build();
        let isa = self.isa.unwrap_or_else(|| machine.isa());
        machine.demand(isa)?;
        let labels = self.read_labels()?;
        let Blobs { named, shipped, warnings } = self.blobs(isa, labels.as_deref())?;
        // The code that a device checks with.
        let check = |bytes| {
            smidge::Model::check_foreign(bytes, smidge::ops::ALL)
                .map_err(|reason| BuildError::Blob { path: self.path.clone(), reason })
        };
        let (named, model) = (check(&named)?, check(&shipped)?);
        machine.demand(model.blob().isa())?;
        self.budget.check(&name, named.blob(), model.blob().bytes().len())?;
        let (module, blob) = (out.join(format!("{name}.rs")), out.join(format!("{name}.smg")));
        write(&blob, model.blob().bytes())?;
        write(&module, module::source(&name, &self.path, &named, model.blob()).as_bytes())?;
        Ok(Compiled {
            name,
            module,
            blob,
            blob_len: model.blob().bytes().len(),
            arena_len: model.arena_len(),
            isa: model.blob().isa(),
            warnings,
        })
    }

    /// The name of the module.
    fn module_name(&self) -> Result<String, BuildError> {
        let stem = || self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = self.name.clone().unwrap_or_else(|| stem().replace(['-', '.', ' '], "_"));
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_name = starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name && !is_keyword(&name) { Ok(name) } else { Err(BuildError::Name { name }) }
    }

    fn read_labels(&self) -> Result<Option<String>, BuildError> {
        let Some(path) = &self.labels else { return Ok(None) };
        let help = "give a UTF-8 text file with a name on each line";
        let text = fs::read_to_string(path).map_err(file_error(path, help))?;
        Ok(Some(text.trim_end().to_owned()))
    }

    /// The blob, with names for messages and as it is shipped.
    fn blobs(&self, isa: Isa, labels: Option<&str>) -> Result<Blobs, BuildError> {
        if self.path.extension().is_some_and(|extension| extension == "smg") {
            let help = "make a blob with `smidge convert`, or give a .tflite file";
            let bytes = fs::read(&self.path).map_err(file_error(&self.path, help))?;
            let bytes = AlignedBuf::from(bytes.as_slice());
            let shipped = AlignedBuf::from(&*bytes);
            return Ok(Blobs { named: bytes, shipped, warnings: Vec::new() });
        }
        let labels = labels.map(|text| ("labels".to_owned(), text.to_owned()));
        let metadata: Vec<_> = labels.into_iter().collect();
        let labels = Labels { strip: false, metadata, ..Labels::default() };
        let converted = convert(&self.path, isa, &self.options, &labels)?;
        let shipped = match self.strip {
            true => {
                let labels = Labels { strip: true, ..Labels::default() };
                emit(&converted.program, &converted.plan, isa, &labels)
                    .map_err(ConvertError::from)?
            }
            false => converted.bytes.clone(),
        };
        Ok(Blobs {
            named: AlignedBuf::from(converted.bytes.as_slice()),
            shipped: AlignedBuf::from(shipped.as_slice()),
            warnings: converted.warnings.iter().map(ToString::to_string).collect(),
        })
    }
}

/// The same network twice.
struct Blobs {
    /// With the names of layers and tensors.
    named: AlignedBuf,
    /// As it goes to the device.
    shipped: AlignedBuf,
    /// What is odd about the source file.
    warnings: Vec<String>,
}

/// Tells cargo something of several lines.
fn tell(kind: &str, text: &str) {
    text.lines().for_each(|line| println!("cargo::{kind}={line}"));
}

fn file_error(path: &Path, help: &'static str) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_path_buf();
    move |reason| BuildError::File { path, reason, help }
}

/// Writes a file, unless it has these bytes.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(file_error(path, "check that the folder can be written"))
}
