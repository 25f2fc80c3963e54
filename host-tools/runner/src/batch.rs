//! Jobs for firmware that reads all requests from one file and writes its replies to another, while
//! some program (an emulator, a debug probe's, `ssh`) is its way to these files.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use smidge_link::LinkError;
use tempfile::TempDir;

use crate::conversation::{Interrupted, Placed, Replies, request_bytes};
use crate::machine::{self, Machine, Wire, WireError};
use crate::{Board, Event, Job, Listener, Problem, Report, RunError};

/// The file with what is in the slot.
pub(crate) const BLOB: &str = "blob.smg";
/// The file of requests.
pub(crate) const REQUESTS: &str = "requests";
/// The file of replies.
pub(crate) const REPLIES: &str = "replies";
/// Blobs in the slot start at multiples of this.
const ALIGNMENT: usize = 64;
/// Jobs in one start at most.
const MOST: usize = 512;

/// Whether the blob fits the board's slot.
pub(crate) fn fits(board: &Board, job: &Job<'_>) -> Result<(), RunError> {
    let (blob, slot) = (job.blob.len() as u64, board.slot.bytes);
    if blob <= slot {
        return Ok(());
    }
    Err(Problem::BlobTooLarge { blob, slot, board: board.name.clone() }.into())
}

/// Jobs whose blobs are in the slot together: as many of those given as it holds.
pub(crate) struct Batch<'a> {
    pub jobs: Vec<Placed<'a>>,
    slot: Vec<u8>,
}

impl<'a> Batch<'a> {
    /// A job by itself.
    pub(crate) fn one(job: &'a Job<'a>) -> Self {
        Self { jobs: vec![Placed { job, start: 0 }], slot: job.blob.to_vec() }
    }

    /// The first of these jobs, at least one, up to one that counts instructions.
    pub(crate) fn of(board: &Board, jobs: &'a [Job<'a>]) -> Self {
        let mut batch = Self { jobs: Vec::new(), slot: Vec::new() };
        for job in jobs.iter().take(MOST) {
            let start = batch.slot.len().next_multiple_of(ALIGNMENT);
            let full = (start + job.blob.len()) as u64 > board.slot.bytes;
            if !batch.jobs.is_empty() && (full || job.count) {
                break;
            }
            batch.slot.resize(start, 0);
            batch.slot.extend_from_slice(job.blob);
            batch.jobs.push(Placed { job, start: start as u32 });
            if job.count {
                break;
            }
        }
        batch
    }

    /// A temporary folder with what goes into the slot and all requests, and an empty file for the
    /// replies.
    pub(crate) fn folder(&self, board: &Board) -> Result<TempDir, RunError> {
        if let Some(first) = self.jobs.first() {
            fits(board, first.job)?;
        }
        let requests = request_bytes(&self.jobs).map_err(|error| Problem::Protocol {
            board: board.name.clone(),
            reason: error.to_string(),
        })?;
        let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
        let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
        for (name, bytes) in [(BLOB, self.slot.as_slice()), (REQUESTS, &requests), (REPLIES, &[])] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).map_err(Problem::file(path))?;
        }
        Ok(folder)
    }
}

/// Results of jobs, one for each: those that were answered, and the one where the conversation broke
/// off.
pub(crate) type Results = Vec<Result<Report, RunError>>;

/// The result of a job that was by itself.
pub(crate) fn only(results: Result<Results, RunError>) -> Result<Report, RunError> {
    let none = || Problem::Protocol { board: "the board".into(), reason: "no reply".into() };
    results?.pop().unwrap_or_else(|| Err(none().into()))
}

/// Who is on the other side, how long to wait, and whom to tell.
pub(crate) struct Talk<'a> {
    pub board: &'a Board,
    /// The folder of the batch.
    pub folder: &'a Path,
    pub patience: Duration,
    pub listener: &'a mut Listener,
}

impl Talk<'_> {
    /// Takes the replies to all requests of these jobs from the file, while the machine runs.
    pub(crate) fn replies(
        self,
        jobs: &[Placed<'_>],
        file: File,
        machine: Machine,
    ) -> Result<Results, RunError> {
        let mut replies = Replies::new(Wire::new(file, machine, self.patience));
        let first = jobs.first().map_or(0, |placed| placed.job.inferences.len());
        let info = replies.hello();
        let info = info.map_err(|why| broken(&self, why, &mut replies, first))?;
        let mut results = Vec::new();
        for &placed in jobs {
            let total = placed.job.inferences.len();
            let listener = &mut *self.listener;
            let outcome =
                replies.read(placed, info, |done| listener(Event::Progress { done, total }));
            let is_over = matches!(outcome, Ok(_) | Err(Interrupted::Refused(_)));
            results.push(outcome.map_err(|why| broken(&self, why, &mut replies, total)));
            if !is_over {
                return Ok(results);
            }
        }
        let end = match replies.bye() {
            Err(why) => Some(broken(&self, why, &mut replies, first)),
            Ok(()) => {
                let machine = &mut replies.transport_mut().machine;
                let ended_well = machine.ended_well();
                (!ended_well).then(|| stopped(&self, machine, first, first))
            }
        };
        if let (Some(last), Some(error)) = (results.last_mut(), end) {
            *last = Err(error);
        }
        Ok(results)
    }
}

/// The error for a conversation that broke off in a job with so many inferences.
fn broken(
    talk: &Talk<'_>,
    reason: Interrupted<WireError>,
    replies: &mut Replies<Wire>,
    total: usize,
) -> RunError {
    let (board, done) = (talk.board.name.clone(), replies.done());
    match reason {
        Interrupted::Wire(LinkError::Ended) => {
            return stopped(talk, &mut replies.transport_mut().machine, done, total);
        }
        Interrupted::Wire(LinkError::Transport(WireError::Patience)) => {
            Problem::Timeout { board, limit: talk.patience, done, total }
        }
        Interrupted::Refused(fault) => Problem::Refused { board, fault },
        Interrupted::Wire(error) => Problem::Protocol { board, reason: error.to_string() },
        Interrupted::Wrong(reason) => Problem::Protocol { board, reason },
    }
    .into()
}

fn stopped(talk: &Talk<'_>, machine: &mut Machine, done: usize, total: usize) -> RunError {
    machine.wait(Duration::from_secs(2));
    let (board, status) = (talk.board.name.clone(), machine.status());
    let output = machine::console(talk.folder);
    Problem::Stopped { board, status, done, total, output }.into()
}

/// A program between this computer and the firmware.
pub(crate) struct Program<'a> {
    pub command: Command,
    /// The file that is its standard input.
    pub requests: Option<&'a str>,
    /// The file that takes its standard output.
    pub replies: Option<&'a str>,
}

impl Program<'_> {
    /// Runs it until the firmware has answered all requests of the jobs.
    pub(crate) fn run(mut self, talk: Talk<'_>, jobs: &[Placed<'_>]) -> Result<Results, RunError> {
        let path = |name| talk.folder.join(name);
        let file = File::open(path(REPLIES)).map_err(Problem::file(path(REPLIES)))?;
        if let Some(name) = self.requests {
            let requests = File::open(path(name)).map_err(Problem::file(path(name)))?;
            self.command.stdin(requests);
        } else {
            self.command.stdin(Stdio::null());
        }
        let stdout = self.replies.map(|name| File::create(path(name)).map_err(Problem::file(name)));
        let machine =
            Machine::spawn(&talk.board.name, self.command, talk.folder, stdout.transpose()?)?;
        talk.replies(jobs, file, machine)
    }
}
