//! Instructions, as the QEMU plugin counts them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{Board, Event, process};

/// Instructions of a job's inferences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// One for each inference; none for a traced one.
    Counted(Vec<Option<Count>>),
    /// They were not counted, for this reason.
    NotCounted(String),
}

/// Executed instructions of an inference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The whole inference.
    pub instructions: u64,
    /// Each operator that was executed, in order. Their sum is the whole without the little at the
    /// end.
    pub steps: Vec<u64>,
}

impl Counts {
    /// The counts of the inferences that have one.
    pub fn iter(&self) -> impl Iterator<Item = &Count> {
        let counts = match self {
            Self::Counted(counts) => counts.as_slice(),
            Self::NotCounted(_) => &[],
        };
        counts.iter().flatten()
    }

    /// Reads the plugin's file: a line for each inference that was not traced.
    pub(crate) fn read(path: &Path, total: usize, traced: usize) -> Self {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return Self::NotCounted(format!("the plugin wrote no file: {error}")),
        };
        let counts: Option<Vec<_>> = text.lines().map(parse_line).collect();
        match counts {
            Some(counts) if counts.len() + traced == total => Self::Counted(
                (0..traced).map(|_| None).chain(counts.into_iter().map(Some)).collect(),
            ),
            Some(counts) => {
                Self::NotCounted(format!("the plugin saw {} of {total} inferences", counts.len()))
            }
            None => Self::NotCounted("the plugin's file has no numbers".into()),
        }
    }
}

fn parse_line(line: &str) -> Option<Count> {
    let mut numbers = line.split(' ').map(|number| number.parse().ok());
    Some(Count { instructions: numbers.next()??, steps: numbers.collect::<Option<_>>()? })
}

/// Builds the plugin and says where it is, or why there is none.
pub(crate) fn plugin(
    board: &Board,
    listener: &mut dyn FnMut(Event<'_>),
) -> Result<PathBuf, String> {
    let targets = board.folder.parent().ok_or("the board has no folder")?;
    let folder = targets.join("../hil-tests/plugin");
    if !folder.join("Cargo.toml").is_file() {
        return Err("the sources of the QEMU plugin are not here".into());
    }
    let output = targets.join("target");
    let name = format!("{}smidge_qemu_plugin{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).args(["build", "--release", "--target-dir"]).arg(&output);
    let built = process::build(cargo, "the instruction counter", listener);
    built.map_err(|error| error.to_string())?;
    Ok(output.join("release").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, total: usize, traced: usize) -> Counts {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        Counts::read(file.path(), total, traced)
    }

    #[test]
    fn lines_become_counts() {
        let count = Count { instructions: 60, steps: vec![10, 45] };
        let other = Count { instructions: 7, steps: vec![] };
        let counts = Counts::Counted(vec![Some(count.clone()), Some(other.clone())]);
        assert_eq!(read("60 10 45\n7\n", 2, 0), counts);
        assert_eq!(counts.iter().count(), 2);
        assert_eq!(read("60 10 45\n", 2, 1), Counts::Counted(vec![None, Some(count)]));
    }

    #[test]
    fn a_wrong_file_is_no_count() {
        for text in ["60 10\n", "60 x\n7\n", "60  1\n7\n", "\n7\n"] {
            assert!(matches!(read(text, 2, 0), Counts::NotCounted(_)), "{text:?}");
        }
        assert!(matches!(Counts::read(Path::new("/nowhere"), 0, 0), Counts::NotCounted(_)));
    }
}
