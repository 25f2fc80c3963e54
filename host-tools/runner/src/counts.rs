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

/// How often an instruction was executed in a step of an inference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The step, in the order of execution; the work behind the last one has the next number.
    pub step: usize,
    /// The instruction's address.
    pub address: u64,
    /// Its bytes in the order of memory, then zeros.
    pub code: [u8; 4],
    /// How many bytes it has: 2 or 4.
    pub len: u8,
    /// Executions.
    pub executed: u64,
    /// How often it branched to something else than the next instruction.
    pub taken: u64,
}

/// Reads the first inference by instruction, which the plugin writes to a file beside the counts.
pub(crate) fn profile(counts: &Path) -> Result<Vec<Site>, String> {
    let mut path = counts.as_os_str().to_owned();
    path.push(".profile");
    let text = fs::read_to_string(&path).map_err(|error| format!("no profile: {error}"))?;
    let sites = text.lines().map(parse_site).collect::<Option<_>>();
    sites.ok_or_else(|| "the plugin's profile has a line that cannot be understood".into())
}

fn parse_site(line: &str) -> Option<Site> {
    let mut words = line.split(' ');
    let step = words.next()?.parse().ok()?;
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let digits = words.next()?;
    let mut code = [0; 4];
    for (at, byte) in code.iter_mut().enumerate().take(digits.len() / 2) {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    let executed = words.next()?.parse().ok()?;
    let taken = words.next()?.parse().ok()?;
    let len = (digits.len() / 2) as u8;
    let complete = words.next().is_none() && (1..=4).contains(&len);
    complete.then_some(Site { step, address, code, len, executed, taken })
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
    fn a_profile_has_a_line_for_each_instruction() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let beside = file.path().with_extension("profile");
        let counts = beside.with_extension("");
        fs::write(&beside, "0 1f0 c820 12 3\n1 8000 01020304 5 0\n").unwrap();
        let sites = profile(&counts).unwrap();
        let first = Site {
            step: 0,
            address: 0x1F0,
            code: [0xC8, 0x20, 0, 0],
            len: 2,
            executed: 12,
            taken: 3,
        };
        assert_eq!(sites[0], first);
        assert_eq!((sites[1].code, sites[1].len), ([1, 2, 3, 4], 4));
        for text in ["0 1f0 c820 12\n", "0 1f0 c8zz 12 3\n", "0 1f0 c820 12 3 4\n", "\n"] {
            fs::write(&beside, text).unwrap();
            assert!(profile(&counts).is_err(), "{text:?}");
        }
        fs::remove_file(beside).unwrap();
        assert!(profile(&counts).is_err());
    }

    #[test]
    fn a_wrong_file_is_no_count() {
        for text in ["60 10\n", "60 x\n7\n", "60  1\n7\n", "\n7\n"] {
            assert!(matches!(read(text, 2, 0), Counts::NotCounted(_)), "{text:?}");
        }
        assert!(matches!(Counts::read(Path::new("/nowhere"), 0, 0), Counts::NotCounted(_)));
    }
}
