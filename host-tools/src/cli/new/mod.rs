//! `smidge new`: a firmware project for a board, with a network in it, that builds.

mod network;
mod project;

use super::{Failure, say};
use network::Network;
use project::Project;
use smidge_runner::{Board, RunError};
use smidge_tools::names::is_keyword;
use std::path::{Path, PathBuf};
use std::{fs, io};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The project's folder, which must not exist; its last part is the package's name.
    folder: PathBuf,
    /// The board, such as `rp2350` or `qemu:cortex-m4`.
    #[arg(long, value_name = "NAME")]
    board: String,
    /// The network: a trained model or a blob. Without it, one that hears whistles.
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
    /// A text file with the name of a class on each line.
    #[arg(long, value_name = "FILE", requires = "model")]
    labels: Option<PathBuf>,
    /// A checkout of smidge to build with, instead of the packages of this version on crates.io.
    #[arg(long, value_name = "CHECKOUT")]
    path: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let name = package_name(&args.folder)?;
    if args.folder.symlink_metadata().is_ok() {
        return Err(Failure::Input(format!(
            "E0632: {} exists\n  help: name a folder that does not",
            args.folder.display()
        )));
    }
    let board = Board::find(&args.board).map_err(board_error)?;
    let checkout = args.path.as_deref().map(checkout).transpose()?;
    let (model, labels) = match &args.model {
        Some(model) => (model.clone(), args.labels.clone()),
        None => whistles(&board)?,
    };
    let network = Network::read(&model, labels.as_deref(), &board)?;
    let project = Project { name: &name, board: &board, network: &network, checkout };
    let write = || -> io::Result<()> {
        let parent = args.folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        // Written whole or not at all.
        let folder = tempfile::Builder::new().prefix(".smidge-").tempdir_in(parent)?;
        project.write(folder.path())?;
        fs::rename(folder.path(), &args.folder)?;
        // There is nothing left to clean up.
        let _ = folder.keep();
        open_to_others(&args.folder)
    };
    write().map_err(|error| {
        let folder = args.folder.display();
        Failure::Other(format!(
            "E0612: {folder}: {error}\n  help: check that the folder around it can be written"
        ))
    })?;
    say(format_args!(
        "{name}: firmware for {}, with {} bytes of model and {} bytes of arena\n\n  cd {} && cargo {} \
         --release\n",
        board.title,
        network.blob_len,
        network.arena_len,
        args.folder.display(),
        if board.runner.emulator().is_some() || board.chip.is_some() { "run" } else { "build" },
    ));
    if let Some(missing) = board.missing() {
        let folder = board.folder.display();
        eprintln!("warning: there is no {missing} here: run `cargo xtask setup` in {folder}");
    }
    Ok(())
}

/// The last part of a path, if it is a name that cargo takes.
fn package_name(folder: &Path) -> Result<String, Failure> {
    /// Names that Rust has.
    const TAKEN: &[&str] = &["alloc", "core", "proc_macro", "proc-macro", "std", "test"];
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_part)
        && !TAKEN.contains(&name.as_str())
        && !is_keyword(&name);
    if is_name {
        return Ok(name);
    }
    Err(Failure::Input(format!(
        "E0631: `{name}` cannot be the name of a package\n  help: give letters, digits, - and _, a \
         letter first, and no word of Rust's own"
    )))
}

fn board_error(error: RunError) -> Failure {
    if error.problem.is_input() { Failure::input(error) } else { Failure::other(error) }
}

/// The folder of a checkout, as an absolute path.
fn checkout(path: &Path) -> Result<PathBuf, Failure> {
    let wrong = |reason: &str| {
        Failure::Input(format!(
            "E0633: {}: {reason}\n  help: give --path the folder of the smidge repository",
            path.display()
        ))
    };
    let folder = path.canonicalize().map_err(|error| wrong(&error.to_string()))?;
    let has = |file: &str| folder.join(file).is_file();
    if has("runtime/Cargo.toml") && has("targets/common/Cargo.toml") {
        Ok(folder)
    } else {
        Err(wrong("this is no checkout of smidge"))
    }
}

/// The network of the repository that has the board's folder, and its labels.
fn whistles(board: &Board) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let folder = board.folder.join("../../hil-tests/models/whistles");
    let (model, labels) = (folder.join("whistles_int8.tflite"), folder.join("labels.txt"));
    if model.is_file() && labels.is_file() {
        return Ok((model, Some(labels)));
    }
    Err(Failure::Input(
        "E0634: there is no network to begin with here\n  help: give one with --model".into(),
    ))
}

/// A temporary folder is its owner's alone; a project has the rights of any other folder.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let sources = fs::metadata(folder.join("src"))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(sources.permissions().mode()))
}

#[cfg(not(unix))]
fn open_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}
