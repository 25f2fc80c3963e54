//! The one seam between host tools and machines that run smidge firmware.
//!
//! A [`Target`] takes a [`Job`] (a blob and inputs) and gives a [`Report`] (outputs, memory,
//! instructions or cycles, logs). Everything between is its own affair: [`Qemu`] finds the board's
//! folder, builds the firmware, starts the emulator, speaks `smidge-link` with it and cleans up.
//! [`Probe`] does the same through `probe-rs`, [`Ssh`] on a computer with Linux, and [`SerialPort`]
//! speaks with firmware that is in flash. [`open`] finds the right one for a [`Place`].
//!
//! ```no_run
//! use smidge_runner::{Board, Inference, Job, Qemu, Target};
//!
//! # fn main() -> Result<(), smidge_runner::RunError> {
//! # let (blob, image) = (vec![], vec![]);
//! let mut target = Qemu::new(Board::find("qemu:cortex-m4")?);
//! let report = target.run(&Job {
//!     blob: &blob,
//!     inferences: vec![Inference { reset: true, inputs: vec![&image] }],
//!     outputs: 1,
//!     trace_first: false,
//!     count: true,
//! })?;
//! println!("{:?}, {} bytes of stack", report.outputs[0], report.stats.stack_peak);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod batch;
mod board;
mod budget;
mod check;
mod conversation;
mod counts;
mod error;
mod firmware;
pub mod flash;
mod machine;
mod panics;
mod place;
mod probe;
mod process;
mod program;
mod qemu;
mod serial;
mod size;
mod ssh;
mod suite;
mod symbols;
pub mod toolchain;

use std::time::Duration;

pub use board::{
    Board, Budget, Chip, ChipId, Flash, Memory, Region, Runner, Serial, Slot, targets_folder,
};
pub use budget::Excess;
pub use counts::{Count, Counts, Site};
pub use error::{Problem, RunError};
pub use firmware::{CONTROL_FLOW, Firmware};
pub use panics::Machine;
pub use place::Place;
pub use probe::{Found, Probe, probes};
pub use process::find_program;
pub use qemu::Qemu;
pub use serial::SerialPort;
pub use size::{Item, Limits, Sizes, sizes};
pub use smidge_link::{Info, Loaded, Stats};
pub use ssh::Ssh;
pub use suite::{Cases, Findings, Verdict};
pub use symbols::{Image, Section, Symbol};

/// A machine that runs smidge firmware.
pub trait Target {
    /// The board.
    fn board(&self) -> &Board;

    /// Has somebody told what happens.
    fn listen(&mut self, listener: Listener);

    /// How long to wait for the next sign of life before a job is given up.
    fn set_patience(&mut self, patience: Duration);

    /// Starts the board anew, where it does not start anew for each conversation.
    ///
    /// # Errors
    /// If there is a way to do so and it fails.
    fn reset(&mut self) -> Result<(), RunError> {
        Ok(())
    }

    /// Runs a job from start to end.
    ///
    /// # Errors
    /// If anything between here and the machine is missing, fails or takes too long, or if the
    /// firmware refuses the blob or an input.
    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError>;

    /// Runs the first of some jobs, at least one, and gives as many results: a target that can hold
    /// several blobs runs them without a new start, up to one that breaks the conversation off.
    /// Instructions of several are not counted.
    fn run_some(&mut self, jobs: &[Job<'_>]) -> Vec<Result<Report, RunError>> {
        jobs.iter().take(1).map(|job| self.run(job)).collect()
    }

    /// Runs the suite of kernels of the target's core; `None` where it has no way to another program
    /// than the one that runs blobs.
    ///
    /// # Errors
    /// If the program does not build, or does not come to its end. A case that fails is none.
    fn kernels(&mut self, cases: Cases) -> Result<Option<Findings>, RunError> {
        let _ = cases;
        Ok(None)
    }
}

impl<T: Target + ?Sized> Target for Box<T> {
    fn board(&self) -> &Board {
        (**self).board()
    }

    fn listen(&mut self, listener: Listener) {
        (**self).listen(listener);
    }

    fn set_patience(&mut self, patience: Duration) {
        (**self).set_patience(patience);
    }

    fn reset(&mut self) -> Result<(), RunError> {
        (**self).reset()
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        (**self).run(job)
    }

    fn run_some(&mut self, jobs: &[Job<'_>]) -> Vec<Result<Report, RunError>> {
        (**self).run_some(jobs)
    }

    fn kernels(&mut self, cases: Cases) -> Result<Option<Findings>, RunError> {
        (**self).kernels(cases)
    }
}

/// The machine at this place. The board has to be named where nothing there tells it: on a debug
/// probe, and behind `ssh` where no board's file knows the computer's name for itself.
///
/// # Errors
/// If there is no such board or place, or nobody answers there.
pub fn open(place: &Place, board: Option<&str>) -> Result<Box<dyn Target>, RunError> {
    let board = board.map(Board::find).transpose()?;
    Ok(match place {
        Place::Emulator(name) => Box::new(Qemu::new(Board::find(name)?)),
        Place::Probe { selector } => {
            let board = board.ok_or(Problem::WhichBoard { place: place.to_string() })?;
            Box::new(Probe::open(board, selector.as_deref())?)
        }
        Place::Ssh { host } => Box::new(Ssh::open(board, host)?),
        Place::Serial { port, baud } => {
            Box::new(SerialPort::open(board, port.as_ref().map(Into::into), *baud)?)
        }
    })
}

/// A blob and what to do with it.
#[derive(Clone, Debug, Default)]
pub struct Job<'a> {
    /// The bytes of an `.smg` file.
    pub blob: &'a [u8],
    /// The inferences, in order.
    pub inferences: Vec<Inference<'a>>,
    /// Number of outputs that the model has.
    pub outputs: u16,
    /// Whether the first inference brings back every tensor that its steps write. It is then not
    /// counted.
    pub trace_first: bool,
    /// Whether to count instructions.
    pub count: bool,
}

/// One inference: inputs as bytes, in the order and type of the model's inputs.
#[derive(Clone, Debug, Default)]
pub struct Inference<'a> {
    /// Whether the network's state is set back before it. The first inference of a job has fresh
    /// state in any case.
    pub reset: bool,
    /// The bytes of each input.
    pub inputs: Vec<&'a [u8]>,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The firmware that ran.
    pub info: Info,
    /// What the firmware says about the model.
    pub loaded: Loaded,
    /// Bytes of each output of each inference.
    pub outputs: Vec<Vec<Vec<u8>>>,
    /// Every tensor that a step of the first inference wrote, in the order of execution.
    pub trace: Vec<TracedTensor>,
    /// Memory and other numbers at the end.
    pub stats: Stats,
    /// Instructions, or why there are none.
    pub counts: Counts,
    /// Cycles of each inference that was not traced, by the board's own counter; empty where there
    /// is none.
    pub cycles: Vec<u64>,
    /// Lines that the firmware wrote for people.
    pub log: Vec<String>,
    /// The first counted inference by instruction; empty where nothing was counted.
    pub profile: Vec<Site>,
}

/// A tensor as a step left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedTensor {
    /// Number of the step.
    pub step: u32,
    /// Number of the tensor.
    pub tensor: u16,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a target has to say while it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Something is being built, which takes seconds rather than milliseconds.
    Building(&'a str),
    /// Bytes that are in flash, of all.
    Flashing {
        /// Written so far.
        done: usize,
        /// All of the blob.
        total: usize,
    },
    /// Inferences that are done, of all.
    Progress {
        /// Done so far.
        done: usize,
        /// All of the job.
        total: usize,
    },
}

/// Whoever wants to know what a target does.
pub type Listener = Box<dyn FnMut(Event<'_>)>;
