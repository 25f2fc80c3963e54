//! `cargo xtask setup`: finds out what this computer lacks for the boards, and gets it.
//!
//! Nothing is remembered: each call looks again, and ends in a moment where nothing is missing.
//! Rust targets come from rustup; where that gives none, Debian's packaged toolchain and the sources
//! of `core` do. Emulators come from the system's package manager.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use smidge_runner::toolchain::Toolchain;
use smidge_runner::{Board, Runner, find_program};

/// Debian's Rust toolchain with the sources of the standard library.
const DEBIAN_RUST: &[&str] = &["cargo-web", "rust-web-src", "rustc-web"];
/// Debian's linker for Rust: a link whose target has the name of the package it is in.
const DEBIAN_LINKER: &str = "/usr/bin/rust-lld";

/// Something that a board asks of this computer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A toolchain that compiles for a board.
    Toolchain {
        /// The board's target triple.
        triple: String,
        /// The board's folder.
        folder: PathBuf,
    },
    /// An emulator.
    Emulator {
        /// Its name, such as `qemu-system-arm`.
        program: String,
    },
}

impl Need {
    /// What this board needs.
    pub fn of(board: &Board) -> [Self; 2] {
        let Runner::Qemu { program, .. } = &board.runner;
        let (triple, folder) = (board.target.clone(), board.folder.clone());
        [Self::Toolchain { triple, folder }, Self::Emulator { program: program.clone() }]
    }

    /// What all boards need.
    ///
    /// # Errors
    /// If the boards cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let mut needs: Vec<_> = Board::all()?.iter().flat_map(Self::of).collect();
        needs.sort();
        needs.dedup();
        Ok(needs)
    }

    /// Where it is; `None` if it is missing.
    fn found(&self) -> Option<String> {
        match self {
            Self::Toolchain { triple, folder } => {
                Some(match Toolchain::detect(triple, folder).ok()? {
                    Toolchain::Installed { .. } => format!("Rust target {triple}"),
                    Toolchain::BuildStd { rustc, .. } => {
                        format!("Rust target {triple}, built by {}", rustc.to_string_lossy())
                    }
                })
            }
            Self::Emulator { program } => {
                find_program(program).map(|path| path.display().to_string())
            }
        }
    }
}

/// Sees to it that all needs are met. With `yes`, packages are installed without asking.
///
/// # Errors
/// If something is missing and cannot be got, or needs rights that this user lacks: then the error
/// has the command to type.
pub fn ensure(needs: &[Need], yes: bool) -> Result<()> {
    for need in needs {
        if need.found().is_some() {
            continue;
        }
        match need {
            Need::Toolchain { triple, folder } => get_toolchain(triple, folder, yes)?,
            Need::Emulator { program } => get_emulator(program, yes)?,
        }
        if need.found().is_none() {
            bail!("{need:?} is still missing after its installation");
        }
    }
    Ok(())
}

/// Meets the needs of all boards and says what is there: the command itself.
///
/// # Errors
/// As [`ensure`].
pub fn run(yes: bool) -> Result<()> {
    let needs = Need::all()?;
    ensure(&needs, yes)?;
    for found in needs.iter().filter_map(Need::found) {
        println!("ok: {found}");
    }
    Ok(())
}

fn get_toolchain(triple: &str, folder: &Path, yes: bool) -> Result<()> {
    if find_program("rustup").is_some() {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", triple]).current_dir(folder);
        if execute(rustup).is_ok() && Toolchain::detect(triple, folder).is_ok() {
            return Ok(());
        }
        println!("rustup does not give the target {triple}.");
    }
    let Some(manager @ Manager::Apt) = Manager::detect() else {
        bail!("install the Rust target {triple}: rustup target add {triple}");
    };
    println!(
        "Debian's Rust toolchain brings the sources of Rust's `core`, which cargo then compiles for \
         {triple}; the toolchain in use stays as it is."
    );
    manager.install(DEBIAN_RUST, yes)?;
    // The linker is a package of its own; its number is the version of LLVM.
    if let Ok(linker) = fs::read_link(DEBIAN_LINKER)
        && !Path::new(DEBIAN_LINKER).exists()
    {
        let package = linker.file_name().unwrap_or_default().to_string_lossy();
        manager.install(&[&package], yes)?;
    }
    Ok(())
}

fn get_emulator(program: &str, yes: bool) -> Result<()> {
    let Some(manager) = Manager::detect() else {
        bail!("{program} is missing, and no package manager is known here: see qemu.org/download");
    };
    manager.install(&[manager.package(program)], yes)
}

/// A system's package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Zypper,
    Apk,
    Brew,
}

impl Manager {
    const ALL: [Self; 6] =
        [Self::Apt, Self::Dnf, Self::Pacman, Self::Zypper, Self::Apk, Self::Brew];

    fn detect() -> Option<Self> {
        Self::ALL.into_iter().find(|manager| find_program(manager.program()).is_some())
    }

    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
            Self::Zypper => "zypper",
            Self::Apk => "apk",
            Self::Brew => "brew",
        }
    }

    /// The package that has an emulator. Most systems name it after the program.
    fn package(self, emulator: &str) -> &str {
        match (self, emulator) {
            (Self::Brew, _) => "qemu",
            (Self::Zypper, "qemu-system-arm") => "qemu-arm",
            _ => emulator,
        }
    }

    /// The commands that install these packages.
    fn commands(self, packages: &[&str]) -> Vec<Vec<String>> {
        let before: &[&[&str]] = match self {
            Self::Apt => &[&["update"]],
            Self::Dnf | Self::Pacman | Self::Zypper | Self::Apk | Self::Brew => &[],
        };
        let install: &[&str] = match self {
            Self::Apt => &["install", "--yes", "--no-install-recommends"],
            Self::Dnf => &["install", "--assumeyes"],
            Self::Pacman => &["-S", "--needed", "--noconfirm"],
            Self::Zypper => &["--non-interactive", "install"],
            Self::Apk => &["add"],
            Self::Brew => &["install"],
        };
        let line = |arguments: &[&str]| {
            [self.program()].iter().chain(arguments).map(ToString::to_string).collect()
        };
        let last = line(&[install, packages].concat());
        before.iter().map(|arguments| line(arguments)).chain([last]).collect()
    }

    /// Installs packages, or says which commands do. Homebrew wants no other rights; the others
    /// are started by root, or with `sudo` where the user or a CI system agrees.
    fn install(self, packages: &[&str], yes: bool) -> Result<()> {
        let agreed = yes || env::var("CI").is_ok_and(|value| value == "true");
        let sudo = match self {
            Self::Brew => false,
            Self::Apt | Self::Dnf | Self::Pacman | Self::Zypper | Self::Apk => !is_root(),
        };
        let mut commands = self.commands(packages);
        if sudo {
            commands.iter_mut().for_each(|command| command.insert(0, "sudo".into()));
        }
        if sudo && !agreed || sudo && find_program("sudo").is_none() {
            let lines: Vec<_> = commands.iter().map(|command| command.join(" ")).collect();
            bail!("missing: {}. Type\n  {}", packages.join(", "), lines.join("\n  "));
        }
        for line in commands {
            let Some((program, arguments)) = line.split_first() else { continue };
            let mut command = Command::new(program);
            command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
            execute(command)?;
        }
        Ok(())
    }
}

/// Runs a command in view of the user.
fn execute(mut command: Command) -> Result<()> {
    let text = format!("{command:?}").replace('"', "");
    println!("> {text}");
    let status = command.status().with_context(|| text.clone())?;
    if !status.success() {
        bail!("{text}: {status}");
    }
    Ok(())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(manager: Manager) -> String {
        let package = manager.package("qemu-system-arm");
        let commands = manager.commands(&[package]);
        commands.iter().map(|command| command.join(" ")).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_manager_has_its_commands() {
        let apt = "apt-get update; apt-get install --yes --no-install-recommends qemu-system-arm";
        assert_eq!(text(Manager::Apt), apt);
        assert_eq!(text(Manager::Dnf), "dnf install --assumeyes qemu-system-arm");
        assert_eq!(text(Manager::Pacman), "pacman -S --needed --noconfirm qemu-system-arm");
        assert_eq!(text(Manager::Zypper), "zypper --non-interactive install qemu-arm");
        assert_eq!(text(Manager::Apk), "apk add qemu-system-arm");
        assert_eq!(text(Manager::Brew), "brew install qemu");
    }

    #[test]
    fn the_boards_need_a_toolchain_and_an_emulator() {
        let needs = Need::all().unwrap();
        assert!(needs.contains(&Need::Emulator { program: "qemu-system-arm".into() }));
        let triple_of = |need: &Need| match need {
            Need::Toolchain { triple, .. } => Some(triple.clone()),
            Need::Emulator { .. } => None,
        };
        let triples: Vec<_> = needs.iter().filter_map(triple_of).collect();
        assert!(triples.contains(&"thumbv7em-none-eabihf".to_string()), "{triples:?}");
    }
}
