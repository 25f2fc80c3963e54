//! Running emulators.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use smidge_link::Transport;

use crate::{Board, Problem, RunError, Runner, find_program, process};

/// Where the console goes, in the emulator's folder.
const CONSOLE: &str = "console";
/// How often to look for more replies.
const POLL: Duration = Duration::from_millis(2);
/// How long QEMU may take to end after the last reply.
const FAREWELL: Duration = Duration::from_secs(10);

/// What to run. Files without a path are in the emulator's folder.
pub(crate) struct Program<'a> {
    /// The ELF file.
    pub elf: &'a Path,
    /// The file that goes into the slot.
    pub blob: Option<&'a str>,
    /// The command line. A Linux program gets the blob's file before it.
    pub words: &'a [&'a str],
    /// A plugin and the file it writes.
    pub plugin: Option<(&'a Path, &'a str)>,
}

/// The command that has the board's emulator run a program.
fn command(board: &Board, program: &Program<'_>) -> Result<Command, RunError> {
    let emulator = board.runner.emulator().unwrap_or("an emulator for it");
    let missing = || Problem::NoEmulator { program: emulator.into() };
    let mut command = Command::new(find_program(emulator).ok_or_else(missing)?);
    if let Some((plugin, output)) = program.plugin {
        let plugin = process::option_path(plugin);
        command.arg("-plugin").arg(format!("{plugin},out={output}"));
    }
    match &board.runner {
        Runner::Qemu { machine, arguments, .. } => {
            command.args(["-machine", machine, "-display", "none", "-monitor", "none"]);
            command.args(["-serial", "none", "-parallel", "none"]).args(arguments);
            let words: String = program.words.iter().map(|word| format!(",arg={word}")).collect();
            command.arg("-semihosting-config").arg(format!("enable=on,target=native{words}"));
            if let Some(blob) = program.blob {
                let address = board.slot.address;
                let loader = format!("loader,file={blob},addr={address:#x},force-raw=on");
                command.arg("-device").arg(loader);
            }
            command.arg("-kernel").arg(program.elf);
        }
        Runner::QemuUser { cpu, .. } => {
            command.args(["-cpu", cpu]).arg(program.elf);
            command.args(program.blob).args(program.words);
        }
        Runner::Probe {} | Runner::Serial {} | Runner::Ssh { .. } => return Err(missing().into()),
    }
    Ok(command)
}

/// What the program in this folder wrote to its console.
pub(crate) fn console(folder: &Path) -> String {
    let output = fs::read(folder.join(CONSOLE)).unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_string()
}

/// How many bytes that are so far.
pub(crate) fn console_len(folder: &Path) -> u64 {
    fs::metadata(folder.join(CONSOLE)).map_or(0, |file| file.len())
}

/// A running emulator; ends with this value.
pub(crate) struct Machine {
    child: Child,
}

impl Machine {
    /// Starts the board's emulator in this folder, with its console in a file there.
    pub(crate) fn start(
        board: &Board,
        program: &Program<'_>,
        folder: &Path,
    ) -> Result<Self, RunError> {
        let mut command = command(board, program)?;
        command.stdin(Stdio::null());
        Self::spawn(&board.name, command, folder, None)
    }

    /// Starts a program in this folder, with its console in a file there. What it writes to its
    /// standard output goes into this file.
    pub(crate) fn spawn(
        board: &str,
        mut command: Command,
        folder: &Path,
        stdout: Option<File>,
    ) -> Result<Self, RunError> {
        let console = File::create(folder.join(CONSOLE)).map_err(Problem::file(CONSOLE))?;
        command.current_dir(folder).stdout(stdout.map_or(Stdio::null(), Stdio::from));
        command.stderr(console);
        let child = command.spawn().map_err(|error| Problem::Stopped {
            board: board.into(),
            status: error.to_string(),
            done: 0,
            total: 0,
            output: String::new(),
        })?;
        Ok(Self { child })
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits a little for its end, and says whether that was the end of a program that succeeded.
    pub(crate) fn ended_well(&mut self) -> bool {
        self.wait(FAREWELL);
        matches!(self.child.try_wait(), Ok(Some(status)) if status.success())
    }

    /// Waits for its end, no longer than this, and says whether it came.
    pub(crate) fn wait(&mut self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.is_running() && start.elapsed() < limit {
            thread::sleep(POLL);
        }
        !self.is_running()
    }

    pub(crate) fn status(&mut self) -> String {
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
pub(crate) struct Wire {
    file: File,
    pub(crate) machine: Machine,
    patience: Duration,
    /// When the last bytes came.
    last: Instant,
}

impl Wire {
    pub(crate) fn new(file: File, machine: Machine, patience: Duration) -> Self {
        Self { file, machine, patience, last: Instant::now() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum WireError {
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
