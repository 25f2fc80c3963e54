//! Boards on a debug probe: the blob goes into the slot, and the firmware takes its requests from
//! files of this computer (semihosting), as it does in QEMU.

mod cli;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use cli::ProbeRs;
pub use cli::{Found, probes};

use crate::batch::{self, Batch, REPLIES, REQUESTS, Results, Talk};
use crate::{
    Board, Counts, Event, Firmware, Job, Listener, Problem, Report, RunError, Target, process,
};

/// The name of the channel that firmware logs to.
const LOG_CHANNEL: &str = "defmt";

/// A board on a debug probe.
pub struct Probe {
    board: Board,
    cli: ProbeRs,
    elf: Option<PathBuf>,
    patience: Duration,
    listener: Listener,
}

impl Probe {
    /// The board on the probe with this serial number or `VID:PID[:SERIAL]`, or on the only one.
    ///
    /// # Errors
    /// If there is no such probe, this user may not use it, or another chip is on it.
    pub fn open(board: Board, selector: Option<&str>) -> Result<Self, RunError> {
        Self::open_with(process::tool("SMIDGE_PROBE_RS", "probe-rs"), board, selector)
    }

    /// As [`open`](Self::open), with this program instead of `probe-rs`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        program: Option<PathBuf>,
        board: Board,
        selector: Option<&str>,
    ) -> Result<Self, RunError> {
        let cli = ProbeRs::find(program, &board, selector)?;
        cli.identify(&board)?;
        let (patience, listener) = (Duration::from_secs(120), Box::new(|_: Event<'_>| ()));
        Ok(Self { board, cli, elf: None, patience, listener })
    }

    /// How long to wait for a reply before the job is given up.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Takes this ELF file as the firmware and builds none.
    pub fn firmware(self, elf: PathBuf) -> Self {
        Self { elf: Some(elf), ..self }
    }

    fn elf(&mut self) -> Result<PathBuf, RunError> {
        if let Some(elf) = &self.elf {
            return Ok(elf.clone());
        }
        let elf = Firmware::default().build(&self.board, &mut self.listener)?;
        self.elf = Some(elf.clone());
        Ok(elf)
    }
}

impl Target for Probe {
    fn board(&self) -> &Board {
        &self.board
    }

    fn listen(&mut self, listener: Listener) {
        self.listener = listener;
    }

    fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    fn reset(&mut self) -> Result<(), RunError> {
        self.cli.output(self.cli.reset()).map(|_| ())
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        batch::only(self.run_batch(&Batch::one(job)))
    }

    fn run_some(&mut self, jobs: &[Job<'_>]) -> Vec<Result<Report, RunError>> {
        let results = self.run_batch(&Batch::of(&self.board, jobs));
        results.unwrap_or_else(|error| vec![Err(error)])
    }
}

impl Probe {
    /// Runs jobs whose blobs are written to the slot together. Logs are those of all of them.
    fn run_batch(&mut self, batch: &Batch<'_>) -> Result<Results, RunError> {
        let folder = batch.folder(&self.board)?;
        let elf = self.elf()?;
        let path = |name: &str| folder.path().join(name);
        self.cli.output(self.cli.download_bytes(&path(batch::BLOB), self.board.slot.address))?;

        let mut command = self.cli.command("run");
        command.args(["--preverify", "--disable-progressbars"]);
        for name in [REQUESTS, REPLIES] {
            command.arg("--semihosting-file").arg(mapped(name, &path(name)));
        }
        command.arg("--target-output-file").arg(mapped(LOG_CHANNEL, &path(LOG_CHANNEL)));
        command.arg(elf);
        let machine = batch::Program { command, requests: None, replies: None };
        let (board, patience, listener) = (&self.board, self.patience, &mut self.listener);
        let talk = Talk { board, folder: folder.path(), patience, listener };
        let outcome = machine.run(talk, &batch.jobs);
        let results = outcome.map_err(|error| self.meaning(error))?.into_iter();
        let results = results.map(|result| result.map_err(|error| self.meaning(error)));
        let mut results: Results = results.collect();
        let log = process::lines(&path(LOG_CHANNEL));
        for report in results.iter_mut().flatten() {
            report.log.extend(log.iter().cloned());
            report.counts = Counts::NotCounted("only QEMU counts instructions".into());
        }
        Ok(results)
    }

    /// Where `probe-rs` ended before the firmware did anything, its message says why.
    fn meaning(&self, error: RunError) -> RunError {
        match error.problem {
            Problem::Stopped { ref output, done: 0, .. } if output.contains("Error") => {
                self.cli.problem(output)
            }
            _ => error,
        }
    }
}

fn mapped(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}
