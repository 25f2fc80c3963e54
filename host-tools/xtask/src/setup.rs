//! `cargo xtask setup`: finds out what this computer lacks for the boards, and gets it.
//!
//! Nothing is remembered: each call looks again, and ends in a moment where nothing is missing.
//! Rust targets come from rustup; where that gives none, Debian's packaged toolchain and the sources
//! of `core` do. Emulators come from the system's package manager.

use crate::Outcome;
use smidge_runner::toolchain::Toolchain;
use smidge_runner::{Board, Runner, find_program};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// Debian's Rust toolchain with the sources of the standard library and the link to the linker.
const DEBIAN_RUST: &[&str] = &["cargo-web", "rust-web-llvm", "rust-web-src", "rustc-web"];
/// Debian's linker for Rust: a link whose target has the name of the package it is in.
const DEBIAN_LINKER: &str = "/usr/bin/rust-lld";

/// Gets what is missing for all boards. Does nothing, quickly, where nothing is. Packages are
/// installed by root, in CI, or with `yes`; otherwise the commands are told.
pub fn all(yes: bool) -> Outcome {
    let boards = Board::all().map_err(|error| error.to_string())?;
    let (here, elsewhere): (Vec<_>, Vec<_>) = boards.into_iter().partition(runs_here);
    for board in elsewhere {
        println!("{}: only on Linux", board.name);
    }
    get(Need::of(&here), yes)
}

/// As [`all`], for the board with this name.
pub fn board(name: &str, yes: bool) -> Outcome {
    let board = Board::find(name).map_err(|error| error.to_string())?;
    get(Need::of(&[board]), yes)
}

/// QEMU runs single programs of Linux only where there is Linux.
fn runs_here(board: &Board) -> bool {
    match board.runner {
        Runner::Qemu { .. } | Runner::Probe {} | Runner::Serial {} | Runner::Ssh { .. } => true,
        Runner::QemuUser { .. } => cfg!(target_os = "linux"),
    }
}

fn get(needs: Vec<Need>, yes: bool) -> Outcome {
    for need in needs {
        if need.is_met() {
            continue;
        }
        match &need {
            Need::Toolchain { triple, folder } => get_toolchain(triple, folder, yes)?,
            Need::Program { name: program } => get_emulator(program, yes)?,
        }
        if !need.is_met() {
            return Err(format!("{} is still missing after its installation", need.name()));
        }
    }
    Ok(())
}

/// Something that a board asks of this computer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// A toolchain that compiles for this triple, in the board's folder.
    Toolchain { triple: String, folder: PathBuf },
    /// An emulator, such as `qemu-system-arm`, or a linker.
    Program { name: String },
}

impl Need {
    /// What these boards need.
    fn of(boards: &[Board]) -> Vec<Self> {
        let needs = boards.iter().flat_map(|board| {
            let (triple, folder) = (board.target.clone(), board.folder.clone());
            let program = board.runner.emulator().map(String::from);
            let emulator = program.map(|program| Self::Program { name: program });
            let linker = board.linker().map(|name| Self::Program { name: name.into() });
            [Some(Self::Toolchain { triple, folder }), emulator, linker].into_iter().flatten()
        });
        let mut needs: Vec<_> = needs.collect();
        needs.sort();
        needs.dedup_by(|a, b| a.name() == b.name());
        needs
    }

    fn is_met(&self) -> bool {
        match self {
            Self::Toolchain { triple, folder } => Toolchain::detect(triple, folder).is_ok(),
            Self::Program { name: program } => find_program(program).is_some(),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Toolchain { triple, .. } => triple,
            Self::Program { name: program } => program,
        }
    }
}

fn get_toolchain(triple: &str, folder: &Path, yes: bool) -> Outcome {
    if find_program("rustup").is_some() {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", triple]).current_dir(folder);
        if execute(rustup).is_ok() && Toolchain::detect(triple, folder).is_ok() {
            return Ok(());
        }
        println!("rustup does not give the target {triple}.");
    }
    let Some(manager @ Manager::Apt) = Manager::detect().filter(|_| triple.contains("-none"))
    else {
        return Err(format!("install the Rust target {triple}: rustup target add {triple}"));
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

fn get_emulator(program: &str, yes: bool) -> Outcome {
    let Some(manager) = Manager::detect() else {
        let advice = "no package manager is known here, see https://www.qemu.org/download";
        return Err(format!("{program} is missing, and {advice}"));
    };
    let mut outcome = Ok(());
    for package in manager.packages(program) {
        outcome = manager.install(&[package], yes);
        if find_program(program).is_some() {
            return Ok(());
        }
    }
    outcome
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

    /// The package that has an emulator; several, where that depends on the system's version. Most
    /// systems name it after the program.
    fn packages(self, emulator: &str) -> Vec<&str> {
        match (self, emulator) {
            (Self::Brew, _) => vec!["qemu"],
            (Self::Apt, "qemu-system-riscv32") => vec!["qemu-system-misc", "qemu-system-riscv"],
            (Self::Dnf | Self::Pacman, "qemu-system-riscv32") => vec!["qemu-system-riscv"],
            (Self::Zypper, "qemu-system-riscv32") => vec!["qemu-extra"],
            (Self::Zypper, "qemu-system-arm") => vec!["qemu-arm"],
            (Self::Apt | Self::Dnf | Self::Pacman, "qemu-aarch64" | "qemu-arm") => {
                vec!["qemu-user"]
            }
            (Self::Zypper, "qemu-aarch64" | "qemu-arm") => vec!["qemu-linux-user"],
            // The C library first: with the compiler alone the need would seem to be met.
            (Self::Apt, "arm-linux-gnueabihf-gcc") => {
                vec!["libc6-dev-armhf-cross", "gcc-arm-linux-gnueabihf"]
            }
            _ => vec![emulator],
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
    fn install(self, packages: &[&str], yes: bool) -> Outcome {
        let agreed = yes || env::var("CI").is_ok_and(|value| value == "true");
        let sudo = match self {
            Self::Brew => false,
            Self::Apt | Self::Dnf | Self::Pacman | Self::Zypper | Self::Apk => !is_root(),
        };
        let mut commands = self.commands(packages);
        if sudo {
            commands.iter_mut().for_each(|command| command.insert(0, "sudo".into()));
        }
        if sudo && !(agreed && find_program("sudo").is_some()) {
            let lines: Vec<_> = commands.iter().map(|command| command.join(" ")).collect();
            let (packages, lines) = (packages.join(", "), lines.join("\n    "));
            return Err(format!(
                "missing: {packages}. Type\n\n    {lines}\n\nor run `cargo xtask setup --yes`"
            ));
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
fn execute(mut command: Command) -> Outcome {
    let text = format!("{command:?}").replace('"', "");
    println!("> {text}");
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{text}` ended with {status}")),
        Err(error) => Err(format!("`{text}`: {error}")),
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(manager: Manager) -> String {
        let packages = manager.packages("qemu-system-arm");
        let commands = manager.commands(&packages);
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
        let needs = Need::of(&Board::all().unwrap());
        for program in ["qemu-system-arm", "qemu-system-riscv32", "qemu-aarch64"] {
            assert!(needs.contains(&Need::Program { name: program.into() }), "{needs:?}");
        }
        let of = |triple: &str| needs.iter().filter(|need| need.name() == triple).count();
        for triple in ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf"] {
            assert_eq!(of(triple), 1, "{needs:?}");
        }
    }

    #[test]
    fn a_package_may_have_another_name_than_its_program() {
        let riscv = "qemu-system-riscv32";
        assert_eq!(Manager::Apt.packages(riscv), ["qemu-system-misc", "qemu-system-riscv"]);
        assert_eq!(Manager::Pacman.packages("qemu-aarch64"), ["qemu-user"]);
        assert_eq!(Manager::Apk.packages("qemu-aarch64"), ["qemu-aarch64"]);
    }
}
