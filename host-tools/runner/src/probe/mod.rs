//! Boards on a debug probe: the blob goes into the slot, and the firmware takes its requests from
//! files of this computer (semihosting), as it does in QEMU.

mod cli;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use cli::ProbeRs;
pub use cli::{Found, probes};

use crate::batch::{self, REPLIES, REQUESTS};
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

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        batch::fits(&self.board, job)?;
        let elf = self.elf()?;
        let folder = batch::folder(&self.board, job)?;
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
        let outcome = machine.run(&self.board, job, &folder, self.patience, &mut self.listener);
        let mut report = outcome.map_err(|error| self.meaning(error))?;
        report.log.extend(process::lines(&path(LOG_CHANNEL)));
        report.counts = Counts::NotCounted("only QEMU counts instructions".into());
        Ok(report)
    }
}

impl Probe {
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
