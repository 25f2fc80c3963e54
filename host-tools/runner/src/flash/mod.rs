//! Putting firmware and a blob into a board's flash, or the blob alone. What can be wrong is found
//! out before anything is written: a [`Plan`] is only made where it can be carried out.
//!
//! Power or cable that goes in between leaves no harm. The blob's checksum is compared before it
//! runs, so that half a blob is none, and the same plan repairs it.

mod uf2;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::check::{Demand, is_board};
use crate::probe::ProbeRs;
use crate::{
    Board, Event, Firmware, Flash, Listener, Place, Problem, RunError, Runner, SerialPort, Target,
    process,
};
use uf2::Part;

/// What is to be flashed, and through what.
#[derive(Clone, Debug, Default)]
pub struct Order<'a> {
    /// The bytes of an `.smg` file.
    pub blob: &'a [u8],
    /// Whether the firmware stays as it is.
    pub model_only: bool,
    /// The way to the board, if it is not the one that its file names.
    pub on: Option<Place>,
    /// The file or drive that a UF2 file goes to.
    pub to: Option<PathBuf>,
    /// An ELF file to take as the firmware; none is built.
    pub elf: Option<PathBuf>,
}

/// What will be done. Displays as a line for each step.
pub struct Plan {
    board: Board,
    steps: Vec<Step>,
    /// Has the files that the steps name.
    _folder: TempDir,
}

enum Step {
    /// A program writes.
    Run(Box<Call>),
    /// A file is written.
    Write { path: PathBuf, bytes: Vec<u8> },
    /// The firmware that runs on the board writes.
    Install { target: Box<SerialPort>, blob: Vec<u8> },
}

struct Call {
    command: Command,
    program: &'static str,
    /// Knows what the messages of `probe-rs` mean.
    probe: Option<ProbeRs>,
}

/// Checks an order and says how it will be carried out. Firmware is built.
///
/// # Errors
/// If the board cannot run the blob, cannot be flashed in this way, is not there or is another one.
pub fn plan(board: &Board, order: &Order<'_>, listener: &mut Listener) -> Result<Plan, RunError> {
    let demand = Demand::of(order.blob)?;
    demand.is_met_by(board)?;
    let folder = tempfile::Builder::new().prefix("smidge-").tempdir();
    let folder = folder.map_err(Problem::file(std::env::temp_dir()))?;
    let blob = folder.path().join("blob.smg");
    fs::write(&blob, order.blob).map_err(Problem::file(&blob))?;
    let work = Work { board, order, demand, blob: &blob };
    let steps = match (&order.on, &board.flash) {
        (Some(Place::Probe { selector }), _) => work.probe(selector.as_deref(), listener)?,
        (None, Some(Flash::Probe {})) => work.probe(None, listener)?,
        (None, Some(Flash::Uf2 { family, drive })) => {
            work.uf2(*family, drive.as_deref(), listener)?
        }
        (None, Some(Flash::Esp { offset })) => work.esp(None, *offset, listener)?,
        (Some(Place::Serial { port, .. }), Some(Flash::Esp { offset })) => {
            work.esp(port.as_deref(), *offset, listener)?
        }
        (Some(Place::Serial { port, baud }), _) => work.link(port.as_deref(), *baud)?,
        (None, None) if matches!(board.runner, Runner::Serial {}) => work.link(None, None)?,
        (Some(Place::Emulator(_) | Place::Ssh { .. }), _) | (None, None) => {
            let what = "[flash]: programs and blobs go there when they run".into();
            return Err(Problem::NoWay { board: board.name.clone(), what }.into());
        }
    };
    Ok(Plan { board: board.clone(), steps, _folder: folder })
}

struct Work<'a> {
    board: &'a Board,
    order: &'a Order<'a>,
    demand: Demand,
    /// The blob's file.
    blob: &'a Path,
}

impl Work<'_> {
    /// The firmware to write, unless it stays.
    fn firmware(&self, listener: &mut Listener) -> Result<Option<PathBuf>, RunError> {
        if self.order.model_only {
            return Ok(None);
        }
        if let Some(elf) = &self.order.elf {
            return Ok(Some(elf.clone()));
        }
        // What answers as soon as it has power.
        let program = self.board.serial.as_ref().and_then(|serial| serial.firmware.as_deref());
        let firmware = Firmware { program, ..Firmware::default() };
        firmware.build(self.board, listener).map(Some)
    }

    fn probe(
        &self,
        selector: Option<&str>,
        listener: &mut Listener,
    ) -> Result<Vec<Step>, RunError> {
        let program = process::tool("SMIDGE_PROBE_RS", "probe-rs");
        let cli = ProbeRs::find(program, self.board, selector)?;
        cli.identify(self.board)?;
        let mut commands = Vec::new();
        match (self.firmware(listener)?, self.board.memory) {
            (Some(elf), _) => commands.push(cli.download_elf(&elf)),
            (None, Some(memory)) => {
                // Firmware without a record is the user's own.
                if let Some(record) = cli.record(memory.flash)? {
                    self.demand.is_met_by_record(&record, self.board)?;
                }
            }
            (None, None) => {}
        }
        commands.push(cli.download_bytes(self.blob, self.board.slot.address));
        commands.push(cli.reset());
        let call = |command| Call { command, program: "probe-rs", probe: Some(cli.clone()) };
        Ok(commands.into_iter().map(|command| Step::Run(Box::new(call(command)))).collect())
    }

    fn uf2(
        &self,
        family: u32,
        drive: Option<&str>,
        listener: &mut Listener,
    ) -> Result<Vec<Step>, RunError> {
        let path = uf2::destination(self.order.to.as_deref(), &self.board.name, drive)?;
        let mut parts = match self.firmware(listener)? {
            Some(elf) => uf2::parts(&elf)?,
            None => Vec::new(),
        };
        let slot = self.board.slot.address;
        let is_in_slot = |part: &Part| part.address + part.bytes.len() as u64 > slot;
        if let Some(part) = parts.iter().find(|part| is_in_slot(part)) {
            let reason = format!("its part at {:#x} reaches into the slot", part.address);
            let path = self.order.elf.clone().unwrap_or_default();
            return Err(Problem::Image { path, reason }.into());
        }
        parts.push(Part { address: slot, bytes: self.order.blob.to_vec() });
        Ok(vec![Step::Write { path, bytes: uf2::encode(&parts, family) }])
    }

    fn esp(
        &self,
        port: Option<&str>,
        offset: u32,
        listener: &mut Listener,
    ) -> Result<Vec<Step>, RunError> {
        let missing = || Problem::NoTool {
            program: "espflash".into(),
            state: "is not installed".into(),
            remedy: "Run `cargo install espflash --locked`, or set SMIDGE_ESPFLASH to the program"
                .into(),
        };
        let program = process::tool("SMIDGE_ESPFLASH", "espflash").ok_or_else(missing)?;
        let no_chip =
            || Problem::NoWay { board: self.board.name.clone(), what: "its [chip]".into() };
        let chip = &self.board.chip.as_ref().ok_or_else(no_chip)?.name;
        let command = |subcommand: &str| {
            let mut command = Command::new(&program);
            command.args([subcommand, "--non-interactive", "--chip", chip]);
            command.args(port.map(|port| ["--port", port]).into_iter().flatten());
            command
        };
        let mut commands = Vec::new();
        match self.firmware(listener)? {
            Some(elf) => {
                let mut flash = command("flash");
                flash.arg(elf);
                commands.push(flash);
            }
            None => self.ask_firmware(port)?,
        }
        let mut write = command("write-bin");
        write.arg(format!("{offset:#x}")).arg(self.blob);
        commands.push(write);
        let call = |command| Call { command, program: "espflash", probe: None };
        Ok(commands.into_iter().map(|command| Step::Run(Box::new(call(command)))).collect())
    }

    /// Whether the firmware that stays can run the blob. One that does not answer is no reason to
    /// stop: it may be what is to be repaired.
    fn ask_firmware(&self, port: Option<&str>) -> Result<(), RunError> {
        let Some(port) = port.filter(|_| self.board.serial.is_some()) else { return Ok(()) };
        match SerialPort::open(Some(self.board.clone()), Some(port.into()), None) {
            Ok(target) => self.demand.is_met_by_firmware(&target.info(), port),
            Err(error) if error.problem.is_input() => Err(error),
            Err(_) => Ok(()),
        }
    }

    /// The blob alone, written by the firmware.
    fn link(&self, port: Option<&str>, baud: Option<u32>) -> Result<Vec<Step>, RunError> {
        if !self.order.model_only {
            let what = "flashing firmware through a serial port; say --model-only".into();
            return Err(Problem::NoWay { board: self.board.name.clone(), what }.into());
        }
        let board = Some(self.board.clone());
        let target = Box::new(SerialPort::open(board, port.map(Into::into), baud)?);
        is_board(&target.info(), self.board, port.unwrap_or("its port"))?;
        self.demand.is_met_by_firmware(&target.info(), port.unwrap_or("its port"))?;
        Ok(vec![Step::Install { target, blob: self.order.blob.to_vec() }])
    }
}

impl Plan {
    /// Does what it says.
    ///
    /// # Errors
    /// If a program or a file fails, or the connection to the board breaks.
    pub fn carry_out(self, listener: &mut Listener) -> Result<(), RunError> {
        let total = self.steps.len();
        for (done, step) in self.steps.into_iter().enumerate() {
            match step {
                Step::Run(call) => match call.probe {
                    Some(probe) => drop(probe.output(call.command)?),
                    None => process::run(call.command, call.program)?,
                },
                Step::Write { path, bytes } => {
                    fs::write(&path, bytes).map_err(Problem::file(path))?;
                }
                Step::Install { mut target, blob } => {
                    target.listen(std::mem::replace(listener, Box::new(|_| ())));
                    target.install(&blob)?;
                }
            }
            listener(Event::Flashing { done: done + 1, total });
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Run(call) => {
                    let command = &call.command;
                    let words = [command.get_program()].into_iter().chain(command.get_args());
                    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
                    writeln!(f, "{}", words.join(" "))?;
                }
                Step::Write { path, bytes } => {
                    writeln!(f, "write {} bytes of UF2 to {}", bytes.len(), path.display())?;
                }
                Step::Install { blob, .. } => {
                    let board = &self.board.name;
                    writeln!(f, "send {} bytes to the firmware of {board}", blob.len())?;
                }
            }
        }
        Ok(())
    }
}
