//! Builds a board's firmware.

use std::path::{Path, PathBuf};

use crate::toolchain::Toolchain;
use crate::{Board, Event, Problem, RunError, find_program, panics, process};

/// The name that stands for control flow in a list of operators.
pub const CONTROL_FLOW: &str = "CONTROL_FLOW";

/// What to build for a board.
#[derive(Clone, Debug, Default)]
pub struct Firmware<'a> {
    /// A package with settings of its own, such as an example: it is built with its default
    /// features, and the fields below are not for it. None is the board's.
    pub package: Option<&'a str>,
    /// The program; none is the one that the board names.
    pub program: Option<&'a str>,
    /// Names of the operators that it has, such as `CONV_2D_S8`, separated by commas, and
    /// [`CONTROL_FLOW`] for programs with blocks; none is all.
    pub ops: Option<&'a str>,
    /// A blob that the program contains, if it is one that contains a blob.
    pub blob: Option<&'a Path>,
    /// Cargo features beside the default ones.
    pub features: &'a [&'a str],
    /// Whether it links although it has panic paths.
    pub may_panic: bool,
}

impl Firmware<'_> {
    /// Builds it where it is not up to date, and says where the ELF file is. Where there is no cargo
    /// (an installed smidge with ready-made firmware), an ELF file that is there is taken as it is.
    ///
    /// # Errors
    /// If there is no toolchain, or the firmware does not compile or link.
    pub fn build(
        &self,
        board: &Board,
        listener: &mut dyn FnMut(Event<'_>),
    ) -> Result<PathBuf, RunError> {
        let program = self.program.unwrap_or(&board.firmware);
        let output = self.folder(board);
        let elf = output.join(&board.target).join("release").join(program);
        if find_program("cargo").is_none() && elf.is_file() {
            return Ok(elf);
        }
        let toolchain = Toolchain::detect(&board.target, &board.folder)?;
        let mut cargo = toolchain.cargo("build", &board.folder);
        let package = self.package.unwrap_or(&board.package);
        cargo.args(["--release", "--package", package, "--bin", program]);
        cargo.arg("--target-dir").arg(&output);
        if self.package.is_none() {
            let features = self.all_features().join(",");
            cargo.args(["--no-default-features", "--features", &features]);
        }
        cargo.env_remove("SMIDGE_OPS").env_remove("SMIDGE_BLOB");
        cargo.envs(self.ops.map(|ops| ("SMIDGE_OPS", ops)));
        cargo.envs(self.blob.map(|blob| ("SMIDGE_BLOB", blob)));
        let what = format!("the firmware `{program}` for {}", board.name);
        let built = process::build(cargo, &what, listener);
        built.map_err(|error| self.with_culprits(error, board)).map(|()| elf)
    }

    /// Cargo's features: control flow comes with the list of all operators, or by its name.
    fn all_features(&self) -> Vec<&str> {
        let proof = (!self.may_panic).then_some("prove-no-panic");
        let named = |ops: &str| ops.split(',').any(|name| name == CONTROL_FLOW);
        let flow = self.ops.is_none_or(named).then_some("control-flow");
        self.features.iter().copied().chain(proof).chain(flow).collect()
    }

    /// Names the functions that can panic, where that is the problem. They are found in an image that
    /// is linked without the proof; the next build replaces it.
    fn with_culprits(&self, mut error: RunError, board: &Board) -> RunError {
        if let Problem::PanicPath { functions, .. } = &mut error.problem
            && !self.may_panic
            && self.package.is_none()
        {
            let lax = Self { may_panic: true, ..self.clone() };
            let elf = lax.build(board, &mut |_| ());
            *functions = elf.map(|elf| panics::panicking(&elf)).unwrap_or_default();
        }
        error
    }

    /// Where images of this kind go. Boards may have the same target and names of programs, and an
    /// image with settings must not take the place of the common one.
    fn folder(&self, board: &Board) -> PathBuf {
        let targets = board.folder.parent().unwrap_or(&board.folder);
        let name = board.folder.file_name().unwrap_or_default();
        let common = self.ops.is_none() && self.blob.is_none();
        targets.join(if common { "target" } else { "target/custom" }).join(name)
    }
}
