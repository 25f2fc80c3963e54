//! Boards that QEMU emulates.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use smidge_link::{LinkError, Transport};
use tempfile::TempDir;

use crate::conversation::{Interrupted, Replies, request_bytes};
use crate::{
    Board, Counts, Event, Firmware, Job, Listener, Problem, Report, RunError, Runner, Target,
    counts, find_program, process,
};

const BLOB: &str = "blob.smg";
const REQUESTS: &str = "requests";
const REPLIES: &str = "replies";
const CONSOLE: &str = "console";
const COUNTS: &str = "counts";
/// How often to look for more replies.
const POLL: Duration = Duration::from_millis(2);
/// How long QEMU may take to end after the last reply.
const FAREWELL: Duration = Duration::from_secs(10);

/// A board that QEMU emulates.
pub struct Qemu {
    board: Board,
    patience: Duration,
    listener: Listener,
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

    /// The board.
    pub fn board(&self) -> &Board {
        &self.board
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

    fn plugin(&mut self) -> Result<PathBuf, String> {
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
        let mut command = self.command(&elf, plugin)?;
        let replies = folder.join(REPLIES);
        // The firmware empties the file and writes to it; it is read while it grows.
        let file = File::create(&replies).and_then(|_| File::open(&replies));
        let file = file.map_err(Problem::file(&replies))?;
        let console = File::create(folder.join(CONSOLE)).map_err(Problem::file(CONSOLE))?;
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(console);
        let stopped = |error: io::Error| Problem::Stopped {
            board: self.board.name.clone(),
            status: error.to_string(),
            done: 0,
            total: job.inferences.len(),
            output: String::new(),
        };
        let machine = Machine { child: command.spawn().map_err(stopped)? };
        let wire = Wire { file, machine, patience: self.patience, last: Instant::now() };
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

    fn command(&self, elf: &Path, plugin: Option<&Path>) -> Result<Command, RunError> {
        let Runner::Qemu { program, machine } = &self.board.runner;
        let missing = || Problem::NoEmulator { program: program.clone() };
        let mut command = Command::new(find_program(program).ok_or_else(missing)?);
        command.args(["-machine", machine, "-display", "none", "-monitor", "none"]);
        command.args(["-serial", "none", "-parallel", "none", "-kernel"]).arg(elf);
        let address = self.board.slot.address;
        command.arg("-device").arg(format!("loader,file={BLOB},addr={address:#x},force-raw=on"));
        let arguments = format!("enable=on,target=native,arg={REQUESTS},arg={REPLIES}");
        command.arg("-semihosting-config").arg(arguments);
        if let Some(plugin) = plugin {
            let plugin = process::option_path(plugin);
            command.arg("-plugin").arg(format!("{plugin},out={COUNTS}"));
        }
        Ok(command)
    }

    fn stopped(&self, machine: &mut Machine, folder: &Path, done: usize, total: usize) -> RunError {
        let output = fs::read(folder.join(CONSOLE)).unwrap_or_default();
        let output = String::from_utf8_lossy(&output).trim().to_string();
        let (board, status) = (self.board.name.clone(), machine.status());
        Problem::Stopped { board, status, done, total, output }.into()
    }

    fn protocol(&self, reason: String) -> RunError {
        Problem::Protocol { board: self.board.name.clone(), reason }.into()
    }
}

impl Target for Qemu {
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

/// A running emulator; ends with this value.
struct Machine {
    child: Child,
}

impl Machine {
    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits a little for its end, and says whether that was the end of a program that succeeded.
    fn ended_well(&mut self) -> bool {
        let start = Instant::now();
        while self.is_running() && start.elapsed() < FAREWELL {
            thread::sleep(POLL);
        }
        matches!(self.child.try_wait(), Ok(Some(status)) if status.success())
    }

    fn status(&mut self) -> String {
        match self.child.try_wait() {
            Ok(Some(status)) => status.to_string(),
            Ok(None) => "still running".into(),
            Err(error) => error.to_string(),
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Both fail only where the emulator has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The replies as a wire: a file that grows while the emulator runs.
struct Wire {
    file: File,
    machine: Machine,
    patience: Duration,
    /// When the last bytes came.
    last: Instant,
}

#[derive(Clone, Copy, Debug)]
enum WireError {
    /// Nothing came for too long.
    Patience,
    /// The file cannot be read.
    File(io::ErrorKind),
    /// Requests are not sent this way.
    ReadOnly,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patience => f.write_str("nothing came for too long"),
            Self::File(kind) => write!(f, "the replies cannot be read: {kind}"),
            Self::ReadOnly => f.write_str("replies cannot be written"),
        }
    }
}

impl Transport for Wire {
    type Error = WireError;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, WireError> {
        loop {
            // Looked at before the file: what was written before the end is then seen.
            let running = self.machine.is_running();
            let count = self.file.read(dst).map_err(|error| WireError::File(error.kind()))?;
            if count > 0 {
                self.last = Instant::now();
            }
            if count > 0 || !running {
                return Ok(count);
            }
            if self.last.elapsed() > self.patience {
                return Err(WireError::Patience);
            }
            thread::sleep(POLL);
        }
    }

    fn write(&mut self, _bytes: &[u8]) -> Result<(), WireError> {
        Err(WireError::ReadOnly)
    }
}
