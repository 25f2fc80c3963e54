//! The device program before memory is planned: values and steps in order.

use smidge::{OpCode, Variant};
use smidge_format::{DType, Shape};
use smidge_graph::Quantization;
use std::sync::Arc;

/// Number of a value.
pub type ValueId = usize;

/// A tensor of the device program.
#[derive(Clone, Debug)]
pub struct Value {
    /// Name in the source model, or one made from it.
    pub name: String,
    /// Element type.
    pub dtype: DType,
    /// Shape.
    pub shape: Shape,
    /// How integers stand for real numbers.
    pub quant: Option<Quantization>,
    /// Bytes of a constant.
    pub data: Option<Arc<[u8]>>,
    /// The tensor's number in the source model; `None` for one that the converter made.
    pub source: Option<u32>,
    /// An int8 tensor that was uint8 in the source.
    pub unsigned_source: bool,
    /// It keeps its value between calls.
    pub state: Option<State>,
}

/// A value that is kept between calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The constant it starts with; `None` for zeros.
    pub initial: Option<ValueId>,
}

/// What a step does with the steps behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Runs the first `then` of them where its operand is true, else the `otherwise` behind those.
    If {
        /// Steps of the first block.
        then: usize,
        /// Steps of the second block.
        otherwise: usize,
    },
    /// Repeats `steps` of them while its operand is true.
    Loop {
        /// Steps of the block.
        steps: usize,
        /// Most repetitions.
        max_trips: u32,
    },
}

impl Value {
    /// Bytes it takes.
    pub fn len_bytes(&self) -> usize {
        self.dtype.len_bytes(self.shape.elements()).unwrap_or(usize::MAX)
    }
}

/// An operator call.
#[derive(Clone, Debug)]
pub struct Step {
    /// Operator.
    pub code: OpCode,
    /// Its variant.
    pub variant: Variant,
    /// For a control-flow step, which has no operator, what it does.
    pub flow: Option<Flow>,
    /// What it reads; `None` for an absent operand.
    pub inputs: Vec<Option<ValueId>>,
    /// What it writes.
    pub outputs: Vec<ValueId>,
    /// Attribute bytes.
    pub attrs: Vec<u8>,
    /// Rounds as TensorFlow Lite Micro does where that differs.
    pub rounds_as_tflm: bool,
    /// Number of the node in the source model.
    pub source: u32,
    /// Name of the node.
    pub name: String,
    /// Multiply-accumulates of the node in the source model.
    pub macs: u64,
    /// Bytes of scratch memory.
    pub scratch_len: usize,
    /// Those that are left to compute: fewer where channels were removed.
    pub live_macs: u64,
}

/// A network as the device runs it.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// All values, constants included.
    pub values: Vec<Value>,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Inputs of the network.
    pub inputs: Vec<ValueId>,
    /// Outputs of the network.
    pub outputs: Vec<ValueId>,
}

impl Program {
    /// Adds a value.
    pub fn add(&mut self, value: Value) -> ValueId {
        self.values.push(value);
        self.values.len() - 1
    }

    /// All multiply-accumulates of the source model.
    pub fn macs(&self) -> u64 {
        self.steps.iter().map(|step| step.macs).sum()
    }

    /// All multiply-accumulates that are left to compute.
    pub fn live_macs(&self) -> u64 {
        self.steps.iter().map(|step| step.live_macs).sum()
    }
}
