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
    /// The package in `targets` that has its programs; a real board has its own.
    #[serde(default = "common_package")]
    pub package: String,
    /// The program that runs blobs.
    pub firmware: String,
    /// Bytes of its arena.
    pub arena_bytes: u64,
    /// How programs get to run on it.
    pub runner: Runner,
    /// Where blobs go.
    pub slot: Slot,
    /// The chip, as programs that flash it name it.
    #[serde(default)]
    pub chip: Option<Chip>,
    /// Its serial port, if its firmware answers on one.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// How firmware and blobs get into its flash.
    #[serde(default)]
    pub flash: Option<Flash>,
    /// Its memories.
    #[serde(default)]
    pub memory: Option<Memory>,
    /// What the firmware may take, where that is scarce.
    #[serde(default)]
    pub budget: Option<Budget>,
    /// What people should know before they connect it.
    #[serde(default)]
    pub notes: Option<String>,
    /// The board's folder.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// The package whose programs run on all emulated boards.
fn common_package() -> String {
    "smidge-firmware".into()
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
    /// Through a debug probe, which also is the host's files to the firmware (semihosting). The
    /// board has a [`Chip`].
    Probe {},
    /// Through a serial port, on which firmware in flash answers. The board has a [`Serial`].
    Serial {},
    /// As a Linux program that is copied to the board.
    Ssh {
        /// The folder on the board where program and blobs go, from the user's home.
        #[serde(default = "ssh_folder")]
        folder: String,
        /// How `/proc/device-tree/model` begins there.
        #[serde(default)]
        model: Option<String>,
    },
}

fn ssh_folder() -> String {
    ".smidge".into()
}

impl Runner {
    /// The emulator, if the board is emulated.
    pub fn emulator(&self) -> Option<&str> {
        match self {
            Self::Qemu { program, .. } | Self::QemuUser { program, .. } => Some(program),
            Self::Probe {} | Self::Serial {} | Self::Ssh { .. } => None,
        }
    }
}

/// A chip, as programs that flash it name it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chip {
    /// Its name for `probe-rs` (`nRF52840_xxAA`) or `espflash` (`esp32c3`).
    pub name: String,
    /// A word that tells it from other chips; read before anything is written.
    #[serde(default)]
    pub id: Option<ChipId>,
    /// `swd` or `jtag`, where the probe speaks both.
    #[serde(default)]
    pub protocol: Option<String>,
    /// Speed of the probe's wires.
    #[serde(default)]
    pub speed_khz: Option<u32>,
}

/// A word of a chip's memory that says which chip it is.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChipId {
    /// Where it is.
    pub address: u64,
    /// The bits that count.
    #[serde(default = "all_bits")]
    pub mask: u32,
    /// What they are on this chip.
    pub value: u32,
}

fn all_bits() -> u32 {
    u32::MAX
}

/// A serial port on which firmware answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serial {
    /// Bits per second; of no meaning where the port is the board's own USB.
    #[serde(default = "usual_baud")]
    pub baud: u32,
    /// Vendor and product of the port's USB device, `2e8a:000a`, by which it is found.
    #[serde(default)]
    pub usb: Option<String>,
    /// The program that answers there, if it is another than the one for the board's runner.
    #[serde(default)]
    pub firmware: Option<String>,
}

fn usual_baud() -> u32 {
    115_200
}

/// How firmware and blobs get into a board's flash.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Flash {
    /// With `probe-rs`.
    Probe {},
    /// As a file in UF2 that is copied to the drive of the chip's boot program.
    Uf2 {
        /// The family of chips, as UF2 numbers it.
        family: u32,
        /// How the `Board-ID` in the drive's `INFO_UF2.TXT` begins.
        #[serde(default)]
        drive: Option<String>,
    },
    /// With `espflash`.
    Esp {
        /// Where the slot is in the flash chip.
        offset: u32,
    },
}

/// A board's memories, as its `memory.x` has them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Flash for the firmware, without the slot.
    pub flash: Region,
    /// RAM.
    pub ram: Region,
}

/// A part of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Its first address.
    pub address: u64,
    /// Its length.
    pub bytes: u64,
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
    /// What variables and arena must leave for the stack.
    #[serde(default)]
    pub stack_bytes: u64,
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

    /// All boards that are emulated here, by the names of their folders.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn emulated() -> Result<Vec<Self>, RunError> {
        let boards = Self::all()?.into_iter();
        Ok(boards.filter(|board| board.runner.emulator().is_some()).collect())
    }

    /// The linker that its programs need beside Rust's own, if any: the C library of 32-bit Linux is
    /// that of a C compiler.
    pub fn linker(&self) -> Option<&'static str> {
        let gnu = self.target == "armv7-unknown-linux-gnueabihf";
        gnu.then_some("arm-linux-gnueabihf-gcc")
    }

    /// What this computer lacks to build the board's firmware and, where it is emulated, to run it,
    /// if anything: a program or a target triple.
    pub fn missing(&self) -> Option<&str> {
        if let Some(program) = self.runner.emulator().filter(|name| find_program(name).is_none()) {
            return Some(program);
        }
        if let Some(linker) = self.linker().filter(|name| find_program(name).is_none()) {
            return Some(linker);
        }
        let compiles = Toolchain::detect(&self.target, &self.folder).is_ok();
        (!compiles).then_some(&self.target)
    }

    fn all_in(targets: &Path) -> Result<Vec<Self>, RunError> {
        board_files(targets).iter().map(|path| Self::from_file(path)).collect()
    }

    /// The board that this `board.toml` describes.
    ///
    /// # Errors
    /// If it cannot be read or understood.
    pub fn from_file(path: &Path) -> Result<Self, RunError> {
        let text = fs::read_to_string(path).map_err(Problem::file(path))?;
        let bad = |error: toml::de::Error| Problem::BadBoard {
            path: path.to_path_buf(),
            reason: error.to_string().trim().replace('\n', "\n  "),
        };
        let mut board: Self = toml::from_str(&text).map_err(bad)?;
        board.folder = path.parent().unwrap_or(path).to_path_buf();
        board.check().map_err(|reason| {
            let (path, reason) = (path.to_path_buf(), reason.to_string());
            Problem::BadBoard { path, reason }
        })?;
        Ok(board)
    }

    /// Whether everything is there that the way to the board needs.
    fn check(&self) -> Result<(), &'static str> {
        match self.runner {
            Runner::Probe {} if self.chip.is_none() => return Err("a probe needs [chip]"),
            Runner::Serial {} if self.serial.is_none() => return Err("a port needs [serial]"),
            _ => {}
        }
        match &self.flash {
            Some(Flash::Probe {} | Flash::Esp { .. }) if self.chip.is_none() => {
                return Err("flashing needs [chip]");
            }
            _ => {}
        }
        let usb = self.serial.as_ref().and_then(|serial| serial.usb.as_deref());
        match usb {
            Some(usb) if usb_id(usb).is_none() => Err("usb is vendor and product, 2e8a:000a"),
            _ => Ok(()),
        }
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

/// Vendor and product from a text such as `2e8a:000a`.
pub(crate) fn usb_id(text: &str) -> Option<(u16, u16)> {
    let (vendor, product) = text.split_once(':')?;
    let number = |digits: &str| u16::from_str_radix(digits, 16).ok();
    Some((number(vendor)?, number(product)?))
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

    fn parsed(text: &str) -> Result<Board, RunError> {
        let targets = tempfile::tempdir().unwrap();
        let folder = targets.path().join("board");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("board.toml"), text).unwrap();
        Ok(Board::all_in(targets.path())?.remove(0))
    }

    const REAL: &str = r#"
        name = "pico"
        title = "Raspberry Pi Pico"
        isa = "cortex-m0"
        target = "thumbv6m-none-eabi"
        package = "smidge-pico"
        firmware = "infer"
        arena_bytes = 0x2_0000
        notes = "GP0 and GP1 are the serial port"
        [runner]
        kind = "probe"
        [chip]
        name = "RP2040"
        id = { address = 0x4000_0000, mask = 0x0FFF_FFFF, value = 0x0000_2927 }
        [serial]
        usb = "2e8a:000c"
        firmware = "serve"
        [flash]
        kind = "uf2"
        family = 0xE48B_FF56
        [slot]
        address = 0x1010_0000
        bytes = 0x10_0000
        [memory]
        flash = { address = 0x1000_0000, bytes = 0x10_0000 }
        ram = { address = 0x2000_0000, bytes = 0x4_2000 }
    "#;

    #[test]
    fn a_real_board_says_how_it_is_reached_and_flashed() {
        let board = parsed(REAL).unwrap();
        assert!(matches!(board.runner, Runner::Probe {}) && board.runner.emulator().is_none());
        assert_eq!(board.chip.unwrap().id.unwrap().mask, 0x0FFF_FFFF);
        assert_eq!(board.serial.unwrap().baud, 115_200);
        assert_eq!(board.flash, Some(Flash::Uf2 { family: 0xE48B_FF56, drive: None }));
        assert_eq!(board.package, "smidge-pico");
    }

    #[test]
    fn what_the_way_to_a_board_needs_must_be_there() {
        let without = |part: &str| parsed(&REAL.replace(part, "")).unwrap_err().to_string();
        let chip = "[chip]\n        name = \"RP2040\"\n        id = { address = 0x4000_0000, mask = \
                    0x0FFF_FFFF, value = 0x0000_2927 }";
        let text = without(chip);
        assert!(text.starts_with("E0403") && text.contains("needs [chip]"), "{text}");
        let text = parsed(&REAL.replace("2e8a:000c", "pico")).unwrap_err().to_string();
        assert!(text.contains("vendor and product"), "{text}");
    }
}
