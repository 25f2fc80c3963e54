//! Boards are data: a folder in `targets` with a `board.toml`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

use crate::toolchain::Toolchain;
use crate::{Problem, RunError, find_program};

/// What a `board.toml` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The name on the command line.
    pub name: String,
    /// A line for people.
    pub title: String,
    /// The core, named as in the blob format.
    pub isa: String,
    /// The target triple of its firmware.
    pub target: String,
    /// The program that runs blobs.
    pub firmware: String,
    /// Bytes of its arena.
    pub arena_bytes: u64,
    /// How programs get to run on it.
    pub runner: Runner,
    /// Where blobs go.
    pub slot: Slot,
    /// What the firmware may take, where that is scarce.
    #[serde(default)]
    pub budget: Option<Budget>,
    /// The board's folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// How programs get to run on a board.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Runner {
    /// On a machine that QEMU emulates, without an operating system.
    Qemu {
        /// The emulator, such as `qemu-system-arm`.
        program: String,
        /// The machine it emulates.
        machine: String,
        /// More of the emulator's arguments.
        #[serde(default)]
        arguments: Vec<String>,
    },
    /// As a Linux program on a core that QEMU emulates.
    QemuUser {
        /// The emulator, such as `qemu-aarch64`.
        program: String,
        /// The core it emulates.
        cpu: String,
    },
}

impl Runner {
    /// The emulator.
    pub fn program(&self) -> &str {
        match self {
            Self::Qemu { program, .. } | Self::QemuUser { program, .. } => program,
        }
    }
}

/// The memory for blobs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its first address; 0 where blobs are files.
    #[serde(default)]
    pub address: u64,
    /// The length of the longest blob.
    pub bytes: u64,
}

/// The most that the firmware with all operators may take, without blob and arena.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Code, constants and initial values.
    pub flash_bytes: u64,
    /// Variables, without the stack.
    pub ram_bytes: u64,
}

impl Board {
    /// The board with this name (`qemu:cortex-m4`) or folder (`qemu-m4`).
    ///
    /// # Errors
    /// If there is no such board, or a `board.toml` cannot be understood.
    pub fn find(name: &str) -> Result<Self, RunError> {
        let folder = targets_folder()?;
        let boards = Self::all_in(&folder)?;
        let known: Vec<_> = boards.iter().map(|board| board.name.clone()).collect();
        let is_it = |board: &Self| board.name == name || board.folder.ends_with(name);
        boards.into_iter().find(is_it).ok_or_else(|| {
            Problem::NoBoard { name: name.into(), folder, known: known.join(", ") }.into()
        })
    }

    /// All boards, by the names of their folders.
    ///
    /// # Errors
    /// If there is no `targets` folder, or a `board.toml` cannot be understood.
    pub fn all() -> Result<Vec<Self>, RunError> {
        Self::all_in(&targets_folder()?)
    }

    /// What this computer lacks to build the board's firmware and to run it, if anything: a program
    /// or a target triple.
    pub fn missing(&self) -> Option<&str> {
        let program = self.runner.program();
        if find_program(program).is_none() {
            return Some(program);
        }
        let compiles = Toolchain::detect(&self.target, &self.folder).is_ok();
        (!compiles).then_some(&self.target)
    }

    fn all_in(targets: &Path) -> Result<Vec<Self>, RunError> {
        board_files(targets).iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self, RunError> {
        let text = fs::read_to_string(path).map_err(Problem::file(path))?;
        let bad = |error: toml::de::Error| Problem::BadBoard {
            path: path.to_path_buf(),
            reason: error.to_string().trim().replace('\n', "\n  "),
        };
        let mut board: Self = toml::from_str(&text).map_err(bad)?;
        board.folder = path.parent().unwrap_or(path).to_path_buf();
        Ok(board)
    }
}

/// The folder that has the boards' folders: `SMIDGE_TARGETS`, or `targets` in the present folder,
/// the program's, or one above.
///
/// # Errors
/// If it is nowhere.
pub fn targets_folder() -> Result<PathBuf, RunError> {
    if let Some(folder) = env::var_os("SMIDGE_TARGETS") {
        return Ok(folder.into());
    }
    let here = [env::current_dir().ok(), env::current_exe().ok()];
    let above = here.iter().flatten().flat_map(|path| path.ancestors());
    let mut candidates = above.map(|folder| folder.join("targets"));
    let found = candidates.find(|folder| !board_files(folder).is_empty());
    Ok(found.ok_or(Problem::NoTargets)?)
}

/// The `board.toml` files in the folders of this one, sorted.
fn board_files(targets: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(targets).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path().join("board.toml"));
    let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_are_found_by_name_and_folder() {
        let by_name = Board::find("qemu:cortex-m4").unwrap();
        let by_folder = Board::find("qemu-m4").unwrap();
        assert_eq!(by_name.folder, by_folder.folder);
        assert!(by_name.folder.join("memory.x").is_file());
        assert_eq!(by_name.slot.address, 0x0010_0000);
    }

    #[test]
    fn an_unknown_board_is_an_error_that_names_the_known_ones() {
        let text = Board::find("qemu:z80").unwrap_err().to_string();
        assert!(text.starts_with("E0401") && text.contains("qemu:cortex-m4"), "{text}");
    }

    #[test]
    fn a_wrong_board_file_is_named_with_the_line() {
        let targets = tempfile::tempdir().unwrap();
        let folder = targets.path().join("board");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("board.toml"), "name = \"x\"\nslot = 5\n").unwrap();
        let text = Board::all_in(targets.path()).unwrap_err().to_string();
        assert!(text.starts_with("E0403") && text.contains("board.toml"), "{text}");
        assert!(text.contains("line"), "{text}");
    }
}
