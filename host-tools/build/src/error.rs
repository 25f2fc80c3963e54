//! Why a model cannot become a module.

use smidge::CheckError;
use smidge_tools::convert::ConvertError;
use std::io;
use std::path::PathBuf;

/// Why a model cannot become a module.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The model cannot be converted.
    #[error("{0}")]
    Convert(#[from] ConvertError),
    /// A blob (`.smg`) is damaged or not for this version.
    #[error(
        "E{code:04}: {path}: {reason}\n  help: convert the model again with this version of smidge",
        path = .path.display(), code = .reason.code()
    )]
    Blob {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: CheckError,
    },
    /// The arena is longer than the budget allows.
    #[error(
        "E0721: {text}\n  help: convert with less scratch memory (`.scratch_limit`), make that layer's \
         tensors smaller, or raise `.arena_budget`", text = .0.text("arena")
    )]
    Arena(Excess),
    /// The blob is longer than the budget allows.
    #[error(
        "E0722: {text}\n  help: make those layers smaller, let weights take less (`.flash_percent`), or \
         raise `.flash_budget`", text = .0.text("flash for the model")
    )]
    Flash(Excess),
    /// The model is packed for a core whose kernels the program will not have.
    #[error(
        "E0723: the model is for {isa}, and programs for {target} have no kernels for it\n  help: \
         leave out `.isa`, or use {has} or portable; for Cortex-M55 build with \
         `--cfg smidge_isa=\"mve\"`"
    )]
    Core {
        /// The core that was asked for, or that a blob has.
        isa: &'static str,
        /// The target triple.
        target: String,
        /// The core that it has the kernels of.
        has: &'static str,
    },
    /// The name is not one of a module.
    #[error(
        "E0724: `{name}` cannot be the name of a module\n  help: give one of letters, digits and _ \
         with `.name(\"...\")`"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A file cannot be read or written.
    #[error("E0725: {path}: {reason}\n  help: {help}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
        /// What to do.
        help: &'static str,
    },
    /// This is no build script.
    #[error("E0726: there is no OUT_DIR\n  help: call this from a build script, or use `.out_dir`")]
    NoOutDir,
}

/// What is more than its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The model's name.
    pub name: String,
    /// Bytes that it needs.
    pub needs: usize,
    /// Bytes that it may have.
    pub budget: usize,
    /// The layers that need most of them, as a text of some lines.
    pub detail: String,
}

impl Excess {
    fn text(&self, what: &str) -> String {
        let Self { name, needs, budget, detail } = self;
        let over = needs.saturating_sub(*budget);
        let detail = detail.replace('\n', "\n  ");
        format!(
            "{name} needs {needs} bytes of {what}, {over} more than the budget of {budget}\n  {detail}"
        )
    }
}
