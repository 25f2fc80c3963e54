//! The folder that the fake programs work in: what is connected, and what is in its flash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use serde::Deserialize;

use crate::Fault;

/// Names the folder to a fake program.
const VARIABLE: &str = "SMIDGE_FAKES";
const SETUP: &str = "setup.toml";
const FLASH: &str = "flash.bin";
const CALLS: &str = "calls";

/// What is connected.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The version that `probe-rs` says it has.
    pub version: String,
    /// Probes as `probe-rs list` shows them.
    pub probes: Vec<String>,
    /// The chip on the probe, or behind the ESP's port.
    pub chip: String,
    /// Words of its memory, by their addresses in decimal.
    pub words: BTreeMap<String, u32>,
    /// What the firmware calls the board.
    pub board: String,
    /// Where the slot begins, for `probe-rs` and for `espflash`.
    pub slot: u64,
    /// What a message says instead of anything being done.
    pub refusal: String,
    /// After so many bytes of a download, the power goes; 0 for never.
    pub power: usize,
    /// What `/proc/device-tree/model` says.
    pub model: String,
    /// When the firmware's wire breaks: garbage, silence or unplug, and after how many bytes.
    pub fault: String,
    /// After how many bytes it does.
    pub at: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            version: "0.32.0".into(),
            probes: vec!["Debug Probe (CMSIS-DAP) -- 2e8a:000c:E6616408 (CMSIS-DAP)".into()],
            chip: "FAKE".into(),
            words: BTreeMap::from([("4096".into(), 0x1234_5678)]),
            board: "fake-probe".into(),
            slot: 0x1010_0000,
            refusal: String::new(),
            power: 0,
            model: String::new(),
            fault: String::new(),
            at: 0,
        }
    }
}

impl Setup {
    fn text(&self) -> String {
        let words = self.words.iter().map(|(at, word)| format!("{at} = {word}\n"));
        format!(
            "version = {:?}\nprobes = {:?}\nchip = {:?}\nboard = {:?}\nslot = {}\nrefusal = {:?}\n\
             power = {}\nmodel = {:?}\nfault = {:?}\nat = {}\n[words]\n{}",
            self.version,
            self.probes,
            self.chip,
            self.board,
            self.slot,
            self.refusal,
            self.power,
            self.model,
            self.fault,
            self.at,
            words.collect::<String>()
        )
    }

    /// The fault of the firmware's wire.
    pub fn faults(&self) -> Vec<Fault> {
        let at = self.at;
        match self.fault.as_str() {
            "garbage" => vec![Fault::Garbage { at, bytes: 50 }],
            "silence" => vec![Fault::Silence { at }],
            "unplug" => vec![Fault::Unplug { at }],
            "reset" => vec![Fault::Reset { at }],
            _ => Vec::new(),
        }
    }
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// Connects what is described to fake programs in this folder.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn new(folder: &Path, setup: &Setup) -> io::Result<Self> {
        fs::create_dir_all(folder.join("home"))?;
        let bench = Self { folder: folder.to_path_buf() };
        bench.connect(setup)?;
        Ok(bench)
    }

    /// Connects something else; the flash stays.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn connect(&self, setup: &Setup) -> io::Result<()> {
        fs::write(self.folder.join(SETUP), setup.text())
    }

    /// The bench that a fake program was started for.
    pub fn of_program() -> Self {
        let folder = env::var_os(VARIABLE).expect("fake programs are started by a bench's scripts");
        Self { folder: folder.into() }
    }

    /// What is connected.
    pub fn setup(&self) -> Setup {
        let text = fs::read_to_string(self.folder.join(SETUP)).expect("a bench has a setup");
        toml::from_str(&text).expect("a setup is TOML")
    }

    /// A command that starts a fake program on this bench, such as `fake-probe-rs`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn script(&self, name: &str) -> io::Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.join(name);
        let (folder, program) = (self.folder.display(), program(name));
        let text =
            format!("#!/bin/sh\n{VARIABLE}='{folder}' exec '{}' \"$@\"\n", program.display());
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    /// The folder that is a user's home behind `fake-ssh`.
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// What is in the slot.
    pub fn flash(&self) -> Vec<u8> {
        fs::read(self.folder.join(FLASH)).unwrap_or_default()
    }

    /// Puts bytes at an offset of the slot.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn write_flash(&self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let mut flash = self.flash();
        let end = offset + bytes.len();
        if flash.len() < end {
            flash.resize(end, 0xFF);
        }
        flash[offset..end].copy_from_slice(bytes);
        fs::write(self.folder.join(FLASH), flash)
    }

    /// Remembers a call.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn note(&self, call: &str) -> io::Result<()> {
        let mut calls = self.calls();
        calls.push(call.to_string());
        fs::write(self.folder.join(CALLS), calls.join("\n"))
    }

    /// All calls of fake programs so far.
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join(CALLS)).unwrap_or_default();
        text.lines().map(String::from).collect()
    }
}

/// A program of this crate, built if it is not there.
///
/// # Panics
/// If it cannot be built.
pub fn program(name: &str) -> PathBuf {
    let here = env::current_exe().expect("this program has a path");
    let mut above = here.ancestors().skip(1).map(|folder| folder.join(name));
    let is_there = |path: &PathBuf| path.is_file() && path.parent().is_some_and(is_profile);
    if let Some(path) = above.find(is_there) {
        return path;
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--quiet", "--bin", name]);
    let status = command.status().expect("cargo starts");
    assert!(status.success(), "{name} does not build");
    let mut folders = here.ancestors().map(Path::to_path_buf);
    let target = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.expect("this program is in a target folder").join("debug").join(name)
}

/// Whether this is a folder of a profile, such as `target/debug`.
fn is_profile(folder: &Path) -> bool {
    folder.join("deps").is_dir()
}
