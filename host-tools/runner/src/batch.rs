//! Jobs for firmware that reads all requests from one file and writes its replies to another, while
//! some program (a debug probe's, `ssh`) is its way to these files.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use smidge_link::LinkError;
use tempfile::TempDir;

use crate::conversation::{Interrupted, Replies, request_bytes};
use crate::machine::{self, Machine, Wire, WireError};
use crate::{Board, Event, Job, Listener, Problem, Report, RunError};

/// The blob's file.
pub(crate) const BLOB: &str = "blob.smg";
/// The file of requests.
pub(crate) const REQUESTS: &str = "requests";
/// The file of replies.
pub(crate) const REPLIES: &str = "replies";

/// Whether the blob fits the board's slot.
pub(crate) fn fits(board: &Board, job: &Job<'_>) -> Result<(), RunError> {
    let (blob, slot) = (job.blob.len() as u64, board.slot.bytes);
    if blob <= slot {
        return Ok(());
    }
    Err(Problem::BlobTooLarge { blob, slot, board: board.name.clone() }.into())
}

/// A temporary folder with the blob and all requests, and an empty file for the replies.
pub(crate) fn folder(board: &Board, job: &Job<'_>) -> Result<TempDir, RunError> {
    let requests = request_bytes(job).map_err(|error| Problem::Protocol {
        board: board.name.clone(),
        reason: error.to_string(),
    })?;
    let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
    let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
    for (name, bytes) in [(BLOB, job.blob), (REQUESTS, &requests), (REPLIES, &[])] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(Problem::file(path))?;
    }
    Ok(folder)
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
    /// Runs it until the firmware has answered all requests of the job.
    pub(crate) fn run(
        mut self,
        board: &Board,
        job: &Job<'_>,
        folder: &TempDir,
        patience: Duration,
        listener: &mut Listener,
    ) -> Result<Report, RunError> {
        let path = |name| folder.path().join(name);
        let file = File::open(path(REPLIES)).map_err(Problem::file(path(REPLIES)))?;
        if let Some(name) = self.requests {
            let requests = File::open(path(name)).map_err(Problem::file(path(name)))?;
            self.command.stdin(requests);
        } else {
            self.command.stdin(Stdio::null());
        }
        let stdout = self.replies.map(|name| File::create(path(name)).map_err(Problem::file(name)));
        let machine =
            Machine::spawn(&board.name, self.command, folder.path(), stdout.transpose()?)?;
        let mut replies = Replies::new(job, Wire::new(file, machine, patience));
        let total = job.inferences.len();
        let outcome = replies.read(|done| listener(Event::Progress { done, total }));
        let done = replies.done();
        let machine = &mut replies.transport_mut().machine;
        let name = || board.name.clone();
        match outcome {
            Ok(report) if machine.ended_well() => Ok(report),
            Ok(_) => Err(stopped(board, machine, folder.path(), total, total)),
            Err(Interrupted::Wire(LinkError::Ended)) => {
                Err(stopped(board, machine, folder.path(), done, total))
            }
            Err(Interrupted::Wire(LinkError::Transport(WireError::Patience))) => {
                Err(Problem::Timeout { board: name(), limit: patience, done, total }.into())
            }
            Err(Interrupted::Refused(fault)) => {
                Err(Problem::Refused { board: name(), fault }.into())
            }
            Err(Interrupted::Wire(error)) => {
                Err(Problem::Protocol { board: name(), reason: error.to_string() }.into())
            }
            Err(Interrupted::Wrong(reason)) => {
                Err(Problem::Protocol { board: name(), reason }.into())
            }
        }
    }
}

fn stopped(
    board: &Board,
    machine: &mut Machine,
    folder: &Path,
    done: usize,
    total: usize,
) -> RunError {
    machine.wait(Duration::from_secs(2));
    let (board, status) = (board.name.clone(), machine.status());
    let output = machine::console(folder);
    Problem::Stopped { board, status, done, total, output }.into()
}
