//! Computers with Linux, such as a Raspberry Pi: the program and the blob are copied there through
//! `ssh`, requests go in and replies come out as its standard input and output.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use smidge_link::checksum;

use crate::batch::{self, Batch, REPLIES, REQUESTS, Results, Talk};
use crate::machine::Machine;
use crate::{
    Board, Cases, Counts, Event, Findings, Firmware, Job, Listener, Problem, Report, RunError,
    Runner, Target, process, suite,
};

/// A computer with Linux.
pub struct Ssh {
    board: Board,
    host: String,
    /// The folder there.
    remote: String,
    program: PathBuf,
    elf: Option<PathBuf>,
    patience: Duration,
    listener: Listener,
}

impl Ssh {
    /// The board at this host. Where none is named, what the host calls itself tells which one it is.
    ///
    /// # Errors
    /// If there is no `ssh`, nobody answers, or another board does.
    pub fn open(board: Option<Board>, host: &str) -> Result<Self, RunError> {
        Self::open_with(process::tool("SMIDGE_SSH", "ssh"), board, host)
    }

    /// As [`open`](Self::open), with this program instead of `ssh`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        program: Option<PathBuf>,
        board: Option<Board>,
        host: &str,
    ) -> Result<Self, RunError> {
        let missing = || Problem::NoTool {
            program: "ssh".into(),
            state: "is not installed".into(),
            remedy: "Install OpenSSH, or set SMIDGE_SSH to the program".into(),
        };
        let program = program.ok_or_else(missing)?;
        let asked = "cat /proc/device-tree/model 2>/dev/null || uname -m";
        let model = output(command(&program, host, asked))?;
        let model = model.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_string();
        let board = match board {
            Some(board) => board,
            None => of_model(&model)?
                .ok_or(Problem::WhichBoard { place: format!("{host} ({model})") })?,
        };
        let Runner::Ssh { folder, model: wanted } = &board.runner else {
            let what = "[runner] kind = \"ssh\"".into();
            return Err(Problem::NoWay { board: board.name, what }.into());
        };
        if let Some(wanted) = wanted.as_ref().filter(|wanted| !model.starts_with(*wanted)) {
            let board = format!("{} ({wanted})", board.name);
            return Err(Problem::WrongBoard { place: host.into(), board, found: model }.into());
        }
        let (patience, listener) = (Duration::from_secs(120), Box::new(|_: Event<'_>| ()));
        let (host, remote) = (host.to_string(), folder.clone());
        Ok(Self { board, host, remote, program, elf: None, patience, listener })
    }

    /// How long to wait for a reply before the job is given up.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Takes this ELF file as the program and builds none.
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

    /// Copies a file, if one with this content is not there yet, and says what it is called there.
    fn copy(&self, kind: &str, path: &Path) -> Result<String, RunError> {
        let bytes = fs::read(path).map_err(Problem::file(path))?;
        let name = format!("{kind}-{:08x}-{}", checksum(&bytes), bytes.len());
        let (folder, file) = (quoted(&self.remote), quoted(&name));
        // Written under another name first: a copy that breaks off is not taken for the file.
        let script = format!(
            "mkdir -p {folder} && cd {folder} && if [ -f {file} ]; then cat > /dev/null; else cat > \
             {file}.$$ && chmod 755 {file}.$$ && mv {file}.$$ {file}; fi"
        );
        let mut command = command(&self.program, &self.host, &script);
        command.stdin(File::open(path).map_err(Problem::file(path))?);
        output(command)?;
        Ok(name)
    }
}

impl Target for Ssh {
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
        batch::only(self.run_batch(&Batch::one(job)))
    }

    fn run_some(&mut self, jobs: &[Job<'_>]) -> Vec<Result<Report, RunError>> {
        let results = self.run_batch(&Batch::of(&self.board, jobs));
        results.unwrap_or_else(|error| vec![Err(error)])
    }

    fn kernels(&mut self, cases: Cases) -> Result<Option<Findings>, RunError> {
        let elf = suite::firmware().build(&self.board, &mut self.listener)?;
        let program = self.copy("suite", &elf)?;
        let (folder, words) = (quoted(&self.remote), cases.words().join(" "));
        let script = format!("cd {folder} && ./{} {words}", quoted(&program));
        let console = tempfile::Builder::new().prefix("smidge-").tempdir();
        let console = console.map_err(Problem::file(std::env::temp_dir()))?;
        let command = command(&self.program, &self.host, &script);
        let machine = Machine::spawn(&self.board.name, command, console.path(), None)?;
        suite::finish(&self.board, machine, console.path(), self.patience).map(Some)
    }
}

impl Ssh {
    fn run_batch(&mut self, batch: &Batch<'_>) -> Result<Results, RunError> {
        let folder = batch.folder(&self.board)?;
        let elf = self.elf()?;
        let program = self.copy("infer", &elf)?;
        let own = format!("blob-{}", std::process::id());
        let blob = self.copy(&own, &folder.path().join(batch::BLOB))?;
        let script = format!(
            "cd {} && ./{} {} - -; code=$?; rm -f {}; exit $code",
            quoted(&self.remote),
            quoted(&program),
            quoted(&blob),
            quoted(&blob)
        );
        let machine = batch::Program {
            command: command(&self.program, &self.host, &script),
            requests: Some(REQUESTS),
            replies: Some(REPLIES),
        };
        let (board, patience, listener) = (&self.board, self.patience, &mut self.listener);
        let talk = Talk { board, folder: folder.path(), patience, listener };
        let mut results = machine.run(talk, &batch.jobs)?;
        for report in results.iter_mut().flatten() {
            report.counts = Counts::NotCounted("only QEMU counts instructions".into());
        }
        Ok(results)
    }
}

/// The board whose file says that its model begins so.
fn of_model(model: &str) -> Result<Option<Board>, RunError> {
    let is_it = |board: &Board| match &board.runner {
        Runner::Ssh { model: Some(wanted), .. } => model.starts_with(wanted),
        _ => false,
    };
    Ok(Board::all()?.into_iter().find(is_it))
}

/// The command that has the host run a script. Nobody is asked for a password: keys have to do.
fn command(program: &Path, host: &str, script: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "--", host, script]);
    command.stdin(Stdio::null());
    command
}

fn output(mut command: Command) -> Result<String, RunError> {
    let failed = |said: String| Problem::Tool { program: "ssh".into(), said };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = process::last_lines(&String::from_utf8_lossy(&output.stderr), 4);
    Err(failed(if said.is_empty() { output.status.to_string() } else { said }).into())
}

/// A word of the remote shell's.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
