//! Boards that QEMU emulates.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use smidge_link::LinkError;
use tempfile::TempDir;

use crate::conversation::{Interrupted, Replies, request_bytes};
use crate::machine::{self, Machine, Program, Wire, WireError};
use crate::{
    Board, Counts, Event, Firmware, Job, Listener, Problem, Report, RunError, Target, counts,
};

const BLOB: &str = "blob.smg";
const REQUESTS: &str = "requests";
const REPLIES: &str = "replies";
const COUNTS: &str = "counts";

/// A board that QEMU emulates.
pub struct Qemu {
    pub(crate) board: Board,
    pub(crate) patience: Duration,
    pub(crate) listener: Listener,
    elf: Option<PathBuf>,
    plugin: Option<Result<PathBuf, String>>,
}

impl Qemu {
    /// This board, with two minutes of patience and nobody listening.
    pub fn new(board: Board) -> Self {
        let patience = Duration::from_secs(120);
        Self { board, patience, listener: Box::new(|_| ()), elf: None, plugin: None }
    }

    /// How long to wait for a reply before the job is given up.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Who is told what happens.
    pub fn listener(self, listener: impl FnMut(Event<'_>) + 'static) -> Self {
        Self { listener: Box::new(listener), ..self }
    }

    /// Takes this ELF file as the firmware and builds none.
    pub fn firmware(self, elf: PathBuf) -> Self {
        Self { elf: Some(elf), ..self }
    }

    /// The firmware's ELF file, built if it is not up to date.
    ///
    /// # Errors
    /// As [`Firmware::build`].
    pub fn elf(&mut self) -> Result<PathBuf, RunError> {
        if let Some(elf) = &self.elf {
            return Ok(elf.clone());
        }
        let elf = Firmware::default().build(&self.board, &mut self.listener)?;
        self.elf = Some(elf.clone());
        Ok(elf)
    }

    pub(crate) fn plugin(&mut self) -> Result<PathBuf, String> {
        let (board, listener) = (&self.board, &mut self.listener);
        self.plugin.get_or_insert_with(|| counts::plugin(board, listener)).clone()
    }

    /// Runs the job once, with or without the plugin.
    fn attempt(
        &mut self,
        job: &Job<'_>,
        folder: &Path,
        plugin: Option<&Path>,
    ) -> Result<Report, RunError> {
        let elf = self.elf()?;
        let replies = folder.join(REPLIES);
        // The firmware empties the file and writes to it; it is read while it grows.
        let file = File::create(&replies).and_then(|_| File::open(&replies));
        let file = file.map_err(Problem::file(&replies))?;
        let program = Program {
            elf: &elf,
            blob: Some(BLOB),
            words: &[REQUESTS, REPLIES],
            plugin: plugin.map(|plugin| (plugin, COUNTS)),
        };
        let machine = Machine::start(&self.board, &program, folder)?;
        let wire = Wire::new(file, machine, self.patience);
        let total = job.inferences.len();
        let mut replies = Replies::new(job, wire);
        let listener = &mut self.listener;
        let outcome = replies.read(|done| listener(Event::Progress { done, total }));
        let done = replies.done();
        let machine = &mut replies.transport_mut().machine;
        match outcome {
            Ok(report) if machine.ended_well() => Ok(report),
            Ok(_) => Err(self.stopped(machine, folder, total, total)),
            Err(Interrupted::Wire(LinkError::Ended)) => {
                Err(self.stopped(machine, folder, done, total))
            }
            Err(Interrupted::Wire(LinkError::Transport(WireError::Patience))) => {
                let (board, limit) = (self.board.name.clone(), self.patience);
                Err(Problem::Timeout { board, limit, done, total }.into())
            }
            Err(Interrupted::Refused(fault)) => {
                Err(Problem::Refused { board: self.board.name.clone(), fault }.into())
            }
            Err(Interrupted::Wire(error)) => Err(self.protocol(error.to_string())),
            Err(Interrupted::Wrong(reason)) => Err(self.protocol(reason)),
        }
    }

    fn stopped(&self, machine: &mut Machine, folder: &Path, done: usize, total: usize) -> RunError {
        let output = machine::console(folder);
        let (board, status) = (self.board.name.clone(), machine.status());
        Problem::Stopped { board, status, done, total, output }.into()
    }

    fn protocol(&self, reason: String) -> RunError {
        Problem::Protocol { board: self.board.name.clone(), reason }.into()
    }
}

impl Target for Qemu {
    fn board(&self) -> &Board {
        &self.board
    }

    fn listen(&mut self, listener: Listener) {
        self.listener = listener;
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        let (blob, slot) = (job.blob.len() as u64, self.board.slot.bytes);
        if blob > slot {
            let board = self.board.name.clone();
            return Err(Problem::BlobTooLarge { blob, slot, board }.into());
        }
        let requests = request_bytes(job).map_err(|error| self.protocol(error.to_string()))?;
        let folder = job_folder(job, &requests)?;
        if !job.count {
            return self.attempt(job, folder.path(), None);
        }
        let reason = match self.plugin() {
            Ok(plugin) => match self.attempt(job, folder.path(), Some(&plugin)) {
                Ok(mut report) => {
                    let traced = usize::from(job.trace_first && !job.inferences.is_empty());
                    let path = folder.path().join(COUNTS);
                    report.counts = Counts::read(&path, job.inferences.len(), traced);
                    report.profile = counts::profile(&path).unwrap_or_default();
                    return Ok(report);
                }
                Err(RunError { problem: Problem::Stopped { output, done: 0, .. } })
                    if output.contains("plugin") =>
                {
                    format!("this QEMU does not take the plugin: {output}")
                }
                Err(error) => return Err(error),
            },
            Err(reason) => reason,
        };
        let report = self.attempt(job, folder.path(), None)?;
        Ok(Report { counts: Counts::NotCounted(reason), ..report })
    }
}

/// A temporary folder with the blob and all requests.
fn job_folder(job: &Job<'_>, requests: &[u8]) -> Result<TempDir, RunError> {
    let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
    let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
    for (name, bytes) in [(BLOB, job.blob), (REQUESTS, requests)] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(Problem::file(path))?;
    }
    Ok(folder)
}
