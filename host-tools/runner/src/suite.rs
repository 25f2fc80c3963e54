//! The suite of kernels on a board: every fast kernel against the portable one, there.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::{self, Machine, Program};
use crate::{Board, Counts, Firmware, Problem, Qemu, RunError, process};

const COUNTS: &str = "counts";

/// Which cases to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cases {
    /// Small ones, over the axes of shape.
    Shapes,
    /// Layers of real networks.
    Layers,
}

/// What a suite found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Operators on shapes, which are the same on every board.
    pub cases: usize,
    /// What ran for them: each form of each family that the board's core has.
    pub verdicts: Vec<Verdict>,
}

/// A run of a case, in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its name.
    pub name: String,
    /// Whether the kernel gave what the portable one gives.
    pub passed: bool,
    /// Multiply-accumulates of the portable kernel.
    pub macs: u64,
    /// How often kernels were called for it.
    pub calls: usize,
    /// What they executed, where that was counted.
    pub instructions: Option<u64>,
}

/// How often to look whether the program has ended.
const POLL: Duration = Duration::from_millis(20);

impl Cases {
    /// What the program is told.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Shapes => &["list"],
            Self::Layers => &["list", "layers"],
        }
    }
}

/// The program.
pub(crate) fn firmware() -> Firmware<'static> {
    Firmware {
        program: Some("suite"),
        features: &["suite"],
        may_panic: true,
        ..Firmware::default()
    }
}

impl Qemu {
    /// Runs the suite of kernels of the board's core.
    ///
    /// # Errors
    /// If the program does not build, or does not come to its end. A run that fails is none.
    pub fn suite(&mut self, cases: Cases, count: bool) -> Result<Findings, RunError> {
        let elf = firmware().build(&self.board, &mut self.listener)?;
        let plugin = if count { self.plugin().ok() } else { None };
        let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
        let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
        let program = Program {
            elf: &elf,
            blob: None,
            words: cases.words(),
            plugin: plugin.as_deref().map(|plugin| (plugin, COUNTS)),
        };
        let machine = Machine::start(&self.board, &program, folder.path())?;
        let mut findings = finish(&self.board, machine, folder.path(), self.patience)?;
        if plugin.is_some() {
            add_counts(&mut findings.verdicts, &folder.path().join(COUNTS));
        }
        Ok(findings)
    }
}

/// Waits for the program's end, as long as it goes on telling of cases.
pub(crate) fn finish(
    board: &Board,
    mut machine: Machine,
    folder: &Path,
    patience: Duration,
) -> Result<Findings, RunError> {
    let (mut told, mut last) = (0, Instant::now());
    while machine.is_running() {
        let length = machine::console_len(folder);
        if length != told {
            (told, last) = (length, Instant::now());
        }
        if last.elapsed() > patience {
            let (board, limit) = (board.name.clone(), patience);
            return Err(Problem::Timeout { board, limit, done: 0, total: 0 }.into());
        }
        thread::sleep(POLL);
    }
    let text = machine::console(folder);
    findings(&text).ok_or_else(|| {
        let (board, status) = (board.name.clone(), machine.status());
        let output = process::last_lines(&text, 4);
        Problem::Stopped { board, status, done: 0, total: 0, output }.into()
    })
}

/// What the program printed, if it came to its end and printed all.
fn findings(text: &str) -> Option<Findings> {
    let (lines, total) = text.rsplit_once('\n').unwrap_or(("", text));
    let verdicts: Vec<_> = lines.lines().map(verdict).collect::<Option<_>>()?;
    let failures = verdicts.iter().filter(|verdict| !verdict.passed).count();
    let (cases, rest) = total.split_once(" cases, ")?;
    let complete = rest == format!("{} runs, {failures} failures", verdicts.len());
    complete.then_some(Findings { cases: cases.parse().ok()?, verdicts })
}

/// `ok 1 2304 conv 3x3`: verdict, number of calls of kernels, multiply-accumulates, name.
fn verdict(line: &str) -> Option<Verdict> {
    let mut parts = line.splitn(4, ' ');
    let passed = match parts.next()? {
        "ok" => true,
        "FAILED" => false,
        _ => return None,
    };
    let calls = parts.next()?.parse().ok()?;
    let macs = parts.next()?.parse().ok()?;
    Some(Verdict { name: parts.next()?.into(), passed, macs, calls, instructions: None })
}

/// Each call of a kernel is an inference to the plugin.
fn add_counts(verdicts: &mut [Verdict], counts: &Path) {
    let calls = verdicts.iter().map(|verdict| verdict.calls).sum();
    let counts = Counts::read(counts, calls, 0);
    let mut counts = counts.iter().map(|count| count.instructions);
    for verdict in verdicts {
        let own: Vec<_> = counts.by_ref().take(verdict.calls).collect();
        verdict.instructions = (!own.is_empty()).then(|| own.iter().sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_that_ends_is_its_cases() {
        let text = "ok 1 2304 conv 3x3 of 4\nFAILED 2 10 pool\n1 cases, 2 runs, 1 failures";
        let Findings { cases, mut verdicts } = findings(text).unwrap();
        assert_eq!(cases, 1);
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
        let none = Findings { cases: 0, verdicts: vec![] };
        assert_eq!(findings("0 cases, 0 runs, 0 failures"), Some(none));
    }

    #[test]
    fn a_suite_that_stops_is_none() {
        for text in [
            "",
            "ok 1 2 conv",
            "panic at x\n0 cases, 0 runs, 0 failures",
            "ok 1 2 a\n1 cases, 2 runs, 0 failures",
            "ok 1 2 a\n1 cases, 1 runs, 1 failures",
        ] {
            assert_eq!(findings(text), None, "{text:?}");
        }
    }
}
