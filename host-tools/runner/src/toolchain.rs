//! The Rust toolchain that compiles for a board. It is looked for each time, nothing is remembered.
//!
//! In this order: the toolchain that is in use, if it has the board's target; the same with the
//! sources of the standard library, so that cargo builds `core` and `alloc` itself; Debian's `rustc-web`,
//! `cargo-web` and `rust-web-src` in the same way, for computers where rustup gets no targets. All
//! of them link with `rust-lld`. The standard library of a Linux board is not built here, so that
//! the target has to be installed.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Problem, RunError, find_program};

/// A way to compile for a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// This cargo; the target is installed.
    Installed {
        /// The cargo program.
        cargo: OsString,
    },
    /// This cargo and compiler; cargo compiles `core` and `alloc` from their sources first. That is
    /// an unstable feature of cargo, which stable ones offer when `RUSTC_BOOTSTRAP` is set.
    BuildStd {
        /// The cargo program.
        cargo: OsString,
        /// The compiler.
        rustc: OsString,
    },
}

impl Toolchain {
    /// The first toolchain that compiles for `triple`, for someone who works in `folder`.
    ///
    /// # Errors
    /// If there is none.
    pub fn detect(triple: &str, folder: &Path) -> Result<Self, RunError> {
        let program = |variable, name: &str| env::var_os(variable).unwrap_or_else(|| name.into());
        let (cargo, rustc) = (program("CARGO", "cargo"), program("RUSTC", "rustc"));
        if let Some(folder) = printed_path(&rustc, &["target-libdir", "--target", triple], folder)
            && has_core(&folder)
        {
            return Ok(Self::Installed { cargo });
        }
        if !triple.contains("-none") {
            return Err(Problem::NoToolchain { triple: triple.into() }.into());
        }
        let debian = ("/usr/bin/cargo".into(), "/usr/bin/rustc".into());
        let candidates = [(cargo, rustc), debian].into_iter();
        let mut usable = candidates.filter(|(cargo, rustc)| {
            let sysroot = printed_path(rustc, &["sysroot"], folder);
            let complete = |sysroot: PathBuf| has_sources(&sysroot) && has_linker(&sysroot);
            sysroot.is_some_and(complete) && runs(cargo, folder)
        });
        let found = usable.next().map(|(cargo, rustc)| Self::BuildStd { cargo, rustc });
        Ok(found.ok_or_else(|| Problem::NoToolchain { triple: triple.into() })?)
    }

    /// A cargo command that compiles for the board in `folder`, whose configuration names the
    /// target.
    pub fn cargo(&self, subcommand: &str, folder: &Path) -> Command {
        let mut command = match self {
            Self::Installed { cargo } | Self::BuildStd { cargo, .. } => Command::new(cargo),
        };
        command.current_dir(folder).arg(subcommand);
        if let Self::BuildStd { rustc, .. } = self {
            command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core,alloc");
        }
        command
    }
}

/// What `rustc --print` says, as a path.
fn printed_path(rustc: &OsString, what: &[&str], folder: &Path) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    let output = command.arg("--print").args(what).current_dir(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim_end()))
}

/// Whether this folder has the compiled `core` of a target.
fn has_core(libdir: &Path) -> bool {
    let files = libdir.read_dir().into_iter().flatten().flatten();
    files.map(|file| file.file_name()).any(|name| name.to_string_lossy().starts_with("libcore-"))
}

/// Whether this sysroot has the sources of the standard library.
fn has_sources(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/core/src/lib.rs").is_file()
}

/// Whether `rust-lld` is there, and not only a link to it.
fn has_linker(sysroot: &Path) -> bool {
    let hosts = sysroot.join("lib/rustlib").read_dir().into_iter().flatten().flatten();
    let linker = format!("bin/rust-lld{}", env::consts::EXE_SUFFIX);
    let mut own = hosts.map(|host| host.path().join(&linker));
    own.any(|linker| linker.is_file()) || find_program("rust-lld").is_some()
}

fn runs(program: &OsString, folder: &Path) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
