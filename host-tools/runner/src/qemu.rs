//! Boards that QEMU emulates.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::batch::{self, BLOB, Batch, REPLIES, REQUESTS, Results, Talk};
use crate::conversation::Placed;
use crate::machine::{Machine, Program};
use crate::{
    Board, Cases, Counts, Event, Findings, Firmware, Job, Listener, Problem, Report, RunError,
    Target, counts,
};

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

    /// Runs jobs in one start, with or without the plugin.
    fn attempt(
        &mut self,
        jobs: &[Placed<'_>],
        folder: &Path,
        plugin: Option<&Path>,
    ) -> Result<Results, RunError> {
        let elf = self.elf()?;
        let replies = folder.join(REPLIES);
        // The firmware empties the file and writes to it; it is read while it grows.
        let file = File::open(&replies).map_err(Problem::file(&replies))?;
        let program = Program {
            elf: &elf,
            blob: Some(BLOB),
            words: &[REQUESTS, REPLIES],
            plugin: plugin.map(|plugin| (plugin, COUNTS)),
        };
        let machine = Machine::start(&self.board, &program, folder)?;
        let (board, patience, listener) = (&self.board, self.patience, &mut self.listener);
        Talk { board, folder, patience, listener }.replies(jobs, file, machine)
    }
}

impl Target for Qemu {
    fn board(&self) -> &Board {
        &self.board
    }

    fn listen(&mut self, listener: Listener) {
        self.listener = listener;
    }

    fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        let batch = Batch::one(job);
        let folder = batch.folder(&self.board)?;
        if !job.count {
            return batch::only(self.attempt(&batch.jobs, folder.path(), None));
        }
        let reason = match self.plugin() {
            Ok(plugin) => {
                match batch::only(self.attempt(&batch.jobs, folder.path(), Some(&plugin))) {
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
                }
            }
            Err(reason) => reason,
        };
        let report = batch::only(self.attempt(&batch.jobs, folder.path(), None))?;
        Ok(Report { counts: Counts::NotCounted(reason), ..report })
    }

    fn run_some(&mut self, jobs: &[Job<'_>]) -> Vec<Result<Report, RunError>> {
        if let Some(job) = jobs.first().filter(|job| job.count) {
            return vec![self.run(job)];
        }
        let batch = Batch::of(&self.board, jobs);
        let folder = batch.folder(&self.board);
        let results = folder.and_then(|folder| self.attempt(&batch.jobs, folder.path(), None));
        results.unwrap_or_else(|error| vec![Err(error)])
    }

    fn kernels(&mut self, cases: Cases) -> Result<Option<Findings>, RunError> {
        self.suite(cases, false).map(Some)
    }
}
