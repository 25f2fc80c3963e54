//! `cargo xtask new-board`: the folder of a new board, made from that of another one.

use crate::Outcome;
use smidge_runner::{Board, targets_folder};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The board's name, which is that of its folder: lower-case letters, digits and dashes.
    name: String,
    /// The board that it is like, best one with the same chip family.
    #[arg(long, default_value = "rp2040")]
    like: String,
}

pub fn run(args: &Args) -> Outcome {
    let targets = targets_folder().map_err(|error| error.to_string())?;
    let folder = make(&targets, &args.name, &args.like)?;
    println!("{} is made. What it says is still true of {}:", folder.display(), args.like);
    println!("  board.toml          title, core, chip, slot, memories, budget");
    println!("  memory.x            the memory map");
    println!("  .cargo/config.toml  target, processor, chip of the probe");
    println!("  src/lib.rs          clocks, lamp, counter, wire");
    println!("then: cargo xtask firmware {}", args.name);
    Ok(())
}

/// Makes the folder and makes it known to the workspace. Nothing is written before all is checked.
fn make(targets: &Path, name: &str, like: &str) -> Result<PathBuf, String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(format!("`{name}` is no name: lower-case letters, digits and dashes"));
    }
    let (old, new) = (targets.join(like), targets.join(name));
    if new.exists() {
        return Err(format!("{} exists", new.display()));
    }
    if !(old.join("board.toml").is_file() && old.join("Cargo.toml").is_file()) {
        let real = Board::all().map_err(|error| error.to_string())?.into_iter();
        let real = real.filter(|board| board.folder.join("Cargo.toml").is_file());
        let names: Vec<_> = real.map(|board| board.name).collect();
        return Err(format!("`{like}` is no real board; there are {}", names.join(", ")));
    }
    let manifest = targets.join("Cargo.toml");
    let members = read(&manifest)?;
    let members = with_member(&members, name).ok_or("targets/Cargo.toml has no `members = [`")?;
    let mut files = Vec::new();
    for path in files_in(&old)? {
        let text = renamed(&read(&path)?, like, name);
        files.push((new.join(path.strip_prefix(&old).unwrap_or(&path)), text));
    }
    for (path, text) in files {
        let folder = path.parent().unwrap_or(&new);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        write(&path, &text)?;
    }
    write(&manifest, &members)?;
    Ok(new)
}

/// The files of a board's folder, hidden ones included.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let bad = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(bad)? {
        let path = entry.map_err(bad)?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The text with the board's name where the other one's stands as a word.
fn renamed(text: &str, like: &str, name: &str) -> String {
    let places = [
        (format!("name = \"{like}\""), format!("name = \"{name}\"")),
        (format!("smidge-{like}\""), format!("smidge-{name}\"")),
        (format!("../target/{like}\""), format!("../target/{name}\"")),
    ];
    places.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to))
}

/// The workspace's manifest with one more member.
fn with_member(manifest: &str, name: &str) -> Option<String> {
    let start = manifest.find("members = [\n")? + "members = [\n".len();
    let end = start + manifest.get(start..)?.find(']')?;
    let mut members: Vec<_> = manifest.get(start..end)?.lines().map(str::to_string).collect();
    members.push(format!("    \"{name}\","));
    members.sort();
    members.dedup();
    Some(format!("{}{}\n{}", &manifest[..start], members.join("\n"), &manifest[end..]))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use smidge_runner::toolchain::Toolchain;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    /// A copy of this repository's targets, with the folders that they depend on.
    fn copy() -> (tempfile::TempDir, PathBuf) {
        let (root, original) = (tempfile::tempdir().unwrap(), crate::root());
        for folder in ["runtime", "host-tools", "quant", "hil-tests", "Cargo.toml"] {
            symlink(original.join(folder), root.path().join(folder)).unwrap();
        }
        let targets = root.path().join("targets");
        copy_folder(&original.join("targets"), &targets);
        (root, targets)
    }

    fn copy_folder(from: &Path, to: &Path) {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (path, to) = (entry.path(), to.join(entry.file_name()));
            match entry.file_type().unwrap().is_dir() {
                true if entry.file_name() == "target" => {}
                true => copy_folder(&path, &to),
                false => drop(fs::copy(path, to).unwrap()),
            }
        }
    }

    #[test]
    fn a_new_board_builds() {
        let (_root, targets) = copy();
        let folder = make(&targets, "my-board", "rp2040").unwrap();
        let board = read(&folder.join("board.toml")).unwrap();
        assert!(board.contains("name = \"my-board\"") && board.contains("\"smidge-my-board\""));
        let again = make(&targets, "my-board", "rp2040").unwrap_err();
        assert!(again.contains("exists"), "{again}");

        let Ok(toolchain) = Toolchain::detect("thumbv6m-none-eabi", &folder) else {
            println!("skipped: nothing here compiles for thumbv6m-none-eabi");
            return;
        };
        // Crates that others made are compiled once for this and the board that it is like.
        let shared = crate::root().join("targets/target/build");
        let mut cargo: Command = toolchain.cargo("build", &folder);
        cargo.args(["--release", "--bin", "infer"]).env("CARGO_BUILD_BUILD_DIR", shared);
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let elf = targets.join("target/my-board/thumbv6m-none-eabi/release/infer");
        assert!(elf.is_file());
    }

    #[test]
    fn nothing_is_written_for_a_bad_name() {
        let (_root, targets) = copy();
        let before = read(&targets.join("Cargo.toml")).unwrap();
        for (name, like) in [("My_Board", "rp2040"), ("", "rp2040"), ("my-board", "qemu-m4")] {
            assert!(make(&targets, name, like).is_err(), "{name} {like}");
            assert!(!targets.join("my-board").exists());
        }
        let names = make(&targets, "my-board", "pdp-11").unwrap_err();
        assert!(names.contains("rp2040"), "{names}");
        assert_eq!(read(&targets.join("Cargo.toml")).unwrap(), before);
    }
}
