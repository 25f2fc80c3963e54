//! What an inference costs on a core: instructions, modelled cycles, taken branches and bytes loaded
//! of each operator; flash of code, model, arena, stack. On this machine: time.
//!
//! Instructions are counted in QEMU, where each is exact and the same in every run; see
//! `hil-tests/plugin`. An operator's instructions are those from the end of the one before it to its
//! own end, so that the work between operators is part of them; the total has in addition what
//! follows the last one.

pub mod board;
pub mod cycles;
pub mod decode;
pub mod flash;
pub mod host;
pub mod hot;
mod input;
mod report;

use cycles::CycleModel;
use flash::CodeFlash;
use host::Times;
use smidge_format::Blob;
use smidge_format::Flow;
use smidge_runner::CONTROL_FLOW;

pub use input::noise;

/// Costs that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Executed instructions.
    pub instructions: u64,
    /// Cycles by the core's model; `None` for a core without one.
    pub cycles: Option<u64>,
    /// Changes of flow to something else than the next instruction.
    pub taken_branches: u64,
    /// Bytes read from memory.
    pub bytes_loaded: u64,
}

/// An operator and its costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Operator {
    /// Number of the step.
    pub index: u16,
    /// Operator name.
    pub op: &'static str,
    /// Its variant.
    pub variant: &'static str,
    /// Shape of its output.
    pub output: Vec<u32>,
    /// Multiply-accumulates of the source model.
    pub macs: u64,
    /// What it costs, where instructions are counted.
    pub cost: Option<Cost>,
    /// Its shortest time on this machine in microseconds.
    pub time_us: Option<f64>,
}

/// What a board's own counter measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The least cycles of an inference.
    pub cycles: u64,
    /// Cycles in a second.
    pub hz: u32,
    /// Inferences that were measured.
    pub count: usize,
}

impl Measured {
    /// The time of that inference in microseconds.
    pub fn us(self) -> f64 {
        self.cycles as f64 * 1e6 / f64::from(self.hz.max(1))
    }
}

/// Costs of an inference.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where it ran: `host` or a board.
    pub on: String,
    /// The core that the blob is packed for.
    pub isa: &'static str,
    /// The steps in the order of the program.
    pub operators: Vec<Operator>,
    /// The whole inference.
    pub total: Option<Cost>,
    /// Why there are no counts.
    pub not_counted: Option<String>,
    /// The core's cycle model.
    pub model: Option<&'static CycleModel>,
    /// Times on this machine.
    pub times: Option<Times>,
    /// Cycles on a real board.
    pub measured: Option<Measured>,
    /// Code in flash, or why it was not measured.
    pub flash: Result<CodeFlash, String>,
    /// Bytes of the blob.
    pub model_bytes: usize,
    /// Bytes of arena.
    pub arena_bytes: usize,
    /// The most bytes of stack that were in use.
    pub stack_bytes: Option<u32>,
    /// The functions that executed most instructions.
    pub hot: Vec<hot::Function>,
}

impl Report {
    /// A report about a blob with nothing measured.
    pub fn new(on: &str, blob: &Blob<'_>) -> Self {
        Self {
            on: on.to_owned(),
            isa: blob.isa().name(),
            operators: operators(blob),
            total: None,
            not_counted: None,
            model: None,
            times: None,
            measured: None,
            flash: Err("not asked for".into()),
            model_bytes: blob.bytes().len(),
            arena_bytes: blob.header().arena_len as usize,
            stack_bytes: None,
            hot: Vec::new(),
        }
    }

    /// All multiply-accumulates.
    pub fn macs(&self) -> u64 {
        self.operators.iter().map(|operator| operator.macs).sum()
    }
}

/// The steps of a blob.
fn operators(blob: &Blob<'_>) -> Vec<Operator> {
    let steps = (0..blob.step_count() as u16).filter_map(|index| Some((index, blob.step(index)?)));
    let with_macs = steps.zip(crate::macs::of_steps(blob));
    let rows = with_macs.map(|((index, step), macs)| {
        let output = blob.step_outputs(&step).next().and_then(|id| blob.tensor(id));
        Operator {
            index,
            op: smidge::OpCode::from_u16(step.code).map_or("?", smidge::OpCode::name),
            variant: smidge::Variant::from_u16(step.variant).map_or("?", smidge::Variant::name),
            output: output.map(|tensor| tensor.shape.dims().to_vec()).unwrap_or_default(),
            macs,
            cost: None,
            time_us: None,
        }
    });
    rows.collect()
}

/// The names of a blob's operators, as firmware is told them: `CONV_2D_S8,SOFTMAX_S8`.
pub fn operator_list(blob: &Blob<'_>) -> String {
    let names = operators(blob).into_iter().map(|row| format!("{}_{}", row.op, row.variant));
    let mut names: std::collections::BTreeSet<_> = names.collect();
    let mut steps = (0..blob.step_count() as u16).filter_map(|index| blob.step(index));
    if steps.any(|step| step.flow != Flow::Operator) {
        names.insert(CONTROL_FLOW.into());
    }
    names.into_iter().collect::<Vec<_>>().join(",")
}
