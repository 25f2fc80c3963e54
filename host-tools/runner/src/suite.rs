//! The suite of kernels on a board: every fast kernel against the portable one, there.

use std::path::Path;

use crate::machine::{self, Machine, Program};
use crate::{Counts, Firmware, Problem, Qemu, RunError};

const COUNTS: &str = "counts";

/// Which cases to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cases {
    /// Small ones, over the axes of shape.
    Shapes,
    /// Layers of real networks.
    Layers,
}

/// A case that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its name.
    pub name: String,
    /// Whether the kernel gave what the portable one gives.
    pub passed: bool,
    /// Multiply-accumulates of the portable kernel.
    pub macs: u64,
    /// How often kernels ran for it.
    pub runs: usize,
    /// What they executed, where that was counted.
    pub instructions: Option<u64>,
}

impl Qemu {
    /// Runs the suite of kernels of the board's core.
    ///
    /// # Errors
    /// If the program does not build, or does not come to its end. A case that fails is none.
    pub fn suite(&mut self, cases: Cases, count: bool) -> Result<Vec<Verdict>, RunError> {
        let firmware = Firmware {
            program: Some("suite"),
            features: &["suite"],
            may_panic: true,
            ..Firmware::default()
        };
        let elf = firmware.build(&self.board, &mut self.listener)?;
        let plugin = if count { self.plugin().ok() } else { None };
        let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
        let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
        let program = Program {
            elf: &elf,
            blob: None,
            words: match cases {
                Cases::Shapes => &["list"],
                Cases::Layers => &["list", "layers"],
            },
            plugin: plugin.as_deref().map(|plugin| (plugin, COUNTS)),
        };
        let mut machine = Machine::start(&self.board, &program, folder.path())?;
        let (board, limit) = (self.board.name.clone(), self.patience);
        if !machine.wait(limit) {
            return Err(Problem::Timeout { board, limit, done: 0, total: 0 }.into());
        }
        let text = machine::console(folder.path());
        let Some(mut verdicts) = verdicts(&text) else {
            let (status, output) = (machine.status(), text);
            return Err(Problem::Stopped { board, status, done: 0, total: 0, output }.into());
        };
        if plugin.is_some() {
            add_counts(&mut verdicts, &folder.path().join(COUNTS));
        }
        Ok(verdicts)
    }
}

/// The cases that the program printed, if it came to its end and printed all.
fn verdicts(text: &str) -> Option<Vec<Verdict>> {
    let (lines, total) = text.rsplit_once('\n').unwrap_or(("", text));
    let verdicts: Vec<_> = lines.lines().map(verdict).collect::<Option<_>>()?;
    let failures = verdicts.iter().filter(|verdict| !verdict.passed).count();
    (total == format!("{} cases, {failures} failures", verdicts.len())).then_some(verdicts)
}

/// `ok 1 2304 conv 3x3`: verdict, number of times that kernels ran, multiply-accumulates, name.
fn verdict(line: &str) -> Option<Verdict> {
    let mut parts = line.splitn(4, ' ');
    let passed = match parts.next()? {
        "ok" => true,
        "FAILED" => false,
        _ => return None,
    };
    let runs = parts.next()?.parse().ok()?;
    let macs = parts.next()?.parse().ok()?;
    Some(Verdict { name: parts.next()?.into(), passed, macs, runs, instructions: None })
}

/// Each time that a kernel ran is an inference to the plugin.
fn add_counts(verdicts: &mut [Verdict], counts: &Path) {
    let runs = verdicts.iter().map(|verdict| verdict.runs).sum();
    let counts = Counts::read(counts, runs, 0);
    let mut counts = counts.iter().map(|count| count.instructions);
    for verdict in verdicts {
        let own: Vec<_> = counts.by_ref().take(verdict.runs).collect();
        verdict.instructions = (!own.is_empty()).then(|| own.iter().sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_ends_is_its_cases() {
        let text = "ok 1 2304 conv 3x3 of 4\nFAILED 2 10 pool\n2 cases, 1 failures";
        let mut verdicts = verdicts(text).unwrap();
        assert_eq!((verdicts[0].name.as_str(), verdicts[0].macs), ("conv 3x3 of 4", 2304));
        assert!(verdicts[0].passed && !verdicts[1].passed);

        let counts = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(counts.path(), "7\n20\n30\n").unwrap();
        add_counts(&mut verdicts, counts.path());
        let instructions: Vec<_> = verdicts.iter().map(|verdict| verdict.instructions).collect();
        assert_eq!(instructions, [Some(7), Some(50)]);
    }

    #[test]
    fn a_suite_without_cases_is_complete() {
        assert_eq!(verdicts("0 cases, 0 failures"), Some(vec![]));
    }

    #[test]
    fn a_suite_that_stops_is_none() {
        for text in
            ["", "ok 1 2 conv", "panic at x\n0 cases, 0 failures", "ok 1 2 a\n2 cases, 0 failures"]
        {
            assert_eq!(verdicts(text), None, "{text:?}");
        }
    }
}
