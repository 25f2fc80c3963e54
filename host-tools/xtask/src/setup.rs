//! Finds out what is missing on this computer and gets it the way a person would.

use crate::{Outcome, root};
use smidge_runner::{find_program, toolchain::Toolchain};
use std::env;
use std::process::{Command, Stdio};

/// The target triple of the firmware.
const TRIPLE: &str = "thumbv7em-none-eabihf";

/// A system's package manager.
struct Manager {
    program: &'static str,
    /// The command that brings its list up to date, where it needs one.
    refresh: Option<&'static [&'static str]>,
    install: &'static [&'static str],
    /// The package with the emulator of Arm machines.
    qemu: &'static str,
    /// Whether it runs as root.
    as_root: bool,
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        refresh: Some(&["update"]),
        install: &["install", "-y", "--no-install-recommends"],
        qemu: "qemu-system-arm",
        as_root: true,
    },
    Manager {
        program: "dnf",
        refresh: None,
        install: &["install", "-y"],
        qemu: "qemu-system-arm",
        as_root: true,
    },
    Manager {
        program: "pacman",
        refresh: None,
        install: &["-S", "--noconfirm"],
        qemu: "qemu-system-arm",
        as_root: true,
    },
    Manager {
        program: "zypper",
        refresh: None,
        install: &["install", "-y"],
        qemu: "qemu-arm",
        as_root: true,
    },
    Manager {
        program: "apk",
        refresh: None,
        install: &["add"],
        qemu: "qemu-system-arm",
        as_root: true,
    },
    Manager { program: "brew", refresh: None, install: &["install"], qemu: "qemu", as_root: false },
];

/// Gets what is missing. Does nothing, quickly, where nothing is. Packages are installed by root,
/// in CI, or with `yes`; otherwise the command is printed.
pub fn ensure(yes: bool) -> Outcome {
    ensure_toolchain(yes)?;
    if find_program("qemu-system-arm").is_none() {
        install(|manager| vec![manager.qemu], yes, "the emulator qemu-system-arm")?;
        if find_program("qemu-system-arm").is_none() {
            return Err("qemu-system-arm is still not in PATH after its installation".into());
        }
    }
    Ok(())
}

fn has_toolchain() -> bool {
    Toolchain::detect(TRIPLE, &root()).is_ok()
}

/// A compiler for the firmware: rustup's target, else Debian's compiler with its sources, from which
/// cargo builds `core`.
fn ensure_toolchain(yes: bool) -> Outcome {
    if has_toolchain() {
        return Ok(());
    }
    if find_program("rustup").is_some() {
        println!("adding the Rust target {TRIPLE}");
        let added = Command::new("rustup").args(["target", "add", TRIPLE]).status();
        if added.is_ok_and(|status| status.success()) && has_toolchain() {
            return Ok(());
        }
        println!("rustup has no target {TRIPLE} for this computer: trying Debian's compiler");
    }
    if find_program("apt-get").is_none() {
        return Err(format!(
            "there is no compiler for {TRIPLE}: run `rustup target add {TRIPLE}` (rustup is at \
             https://rustup.rs)"
        ));
    }
    let packages = |_: &Manager| vec!["rustc-web", "cargo-web", "rust-web-src", "lld"];
    install(packages, yes, "a compiler for the firmware")?;
    if has_toolchain() { Ok(()) } else { Err(format!("still no compiler for {TRIPLE}")) }
}

/// Installs packages, or says how.
fn install(packages: fn(&Manager) -> Vec<&'static str>, yes: bool, what: &str) -> Outcome {
    let Some(manager) = MANAGERS.iter().find(|m| find_program(m.program).is_some()) else {
        return Err(format!("{what} is missing, and no known package manager is there to get it"));
    };
    let root = is_root();
    let sudo = manager.as_root && !root;
    let packages = packages(manager);
    let command = |arguments: &[&str]| {
        let mut words = if sudo { vec!["sudo"] } else { vec![] };
        words.push(manager.program);
        words.extend(arguments);
        words.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let install = command(&[manager.install, &packages].concat());
    let in_ci = env::var_os("CI").is_some();
    if !(yes || in_ci || root || !manager.as_root) {
        let refresh = manager.refresh.map(|r| command(r).join(" ") + " && ").unwrap_or_default();
        return Err(format!(
            "{what} is missing. Install it:\n\n    {refresh}{}\n\nor run `cargo xtask setup --yes`",
            install.join(" ")
        ));
    }
    if let Some(refresh) = manager.refresh {
        run(&command(refresh))?;
    }
    run(&install)
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn run(words: &[String]) -> Outcome {
    println!("{}", words.join(" "));
    let (program, arguments) = words.split_first().ok_or("nothing to run")?;
    let status = Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` ended with {status}", words.join(" "))),
        Err(error) => Err(format!("`{}`: {error}", words.join(" "))),
    }
}
