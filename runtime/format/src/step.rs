//! Steps: what runs, on which tensors, with which attributes. The format knows no operator by
//! name: it carries a code, a variant and bytes.

use crate::attrs::{Reader, Writer};
use crate::bytes::Record;

/// Bytes of a step record.
pub const STEP_RECORD: usize = 32;

/// Step flag: the operator rounds as TensorFlow Lite Micro does where that differs from
/// TensorFlow Lite's reference kernels.
pub const FLAG_ROUNDING_TFLM: u8 = 1;
/// Step flag: the first output may be at the same place as an input that ends here.
pub const FLAG_IN_PLACE: u8 = 2;

/// What a step does to the order of execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Flow {
    /// Runs an operator and goes on.
    Operator = 0,
    /// Input 0 is a boolean: runs the first block when it is true, else the second.
    If = 1,
    /// Input 0 is a boolean: runs the block as long as it is true, at most `max_trips` times.
    Loop = 2,
}

/// One step, decoded from its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Operator code (0 for control flow).
    pub code: u16,
    /// Variant of the operator: element type, packing.
    pub variant: u16,
    /// Control flow.
    pub flow: Flow,
    /// Number of inputs.
    pub inputs: u8,
    /// Number of outputs.
    pub outputs: u8,
    /// `FLAG_*`.
    pub flags: u8,
    /// Where its operands start in the operand list: inputs, then outputs.
    pub operands: u32,
    /// Where its attributes start in the attribute section.
    pub attrs: u32,
    /// Bytes of attributes.
    pub attrs_len: u16,
    /// Number of the node in the source model, or [`NONE`](crate::NONE).
    pub source: u16,
    /// Arena offset of scratch memory.
    pub scratch: u32,
    /// Bytes of scratch memory; 0 for none.
    pub scratch_len: u32,
}

impl Step {
    pub(crate) fn decode(record: &Record<'_, STEP_RECORD>) -> Option<Self> {
        Some(Self {
            code: record.u16(0),
            variant: record.u16(2),
            flow: match record.u8(4) {
                0 => Flow::Operator,
                1 => Flow::If,
                2 => Flow::Loop,
                _ => return None,
            },
            inputs: record.u8(5),
            outputs: record.u8(6),
            flags: record.u8(7),
            operands: record.u32(8),
            attrs: record.u32(12),
            attrs_len: record.u16(16),
            source: record.u16(18),
            scratch: record.u32(20),
            scratch_len: record.u32(24),
        })
    }

    /// Encodes the record that the reader decodes.
    pub fn encode(&self) -> [u8; STEP_RECORD] {
        let mut out = Writer::<STEP_RECORD>::new();
        out.u16(self.code);
        out.u16(self.variant);
        out.u8(self.flow as u8);
        out.u8(self.inputs);
        out.u8(self.outputs);
        out.u8(self.flags);
        out.u32(self.operands);
        out.u32(self.attrs);
        out.u16(self.attrs_len);
        out.u16(self.source);
        out.u32(self.scratch);
        out.u32(self.scratch_len);
        out.finish()
    }
}

/// Attributes of a control-flow step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowAttrs {
    /// The block that runs when the condition is true, or that is repeated.
    pub block: u16,
    /// The block that runs when it is false, or [`NONE`](crate::NONE).
    pub otherwise: u16,
    /// Upper bound of repetitions; 1 for `If`.
    pub max_trips: u32,
}

impl FlowAttrs {
    /// Bytes of the attributes.
    pub const LEN: usize = 8;

    /// Encodes the bytes that [`FlowAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::<{ Self::LEN }>::new();
        out.u16(self.block);
        out.u16(self.otherwise);
        out.u32(self.max_trips);
        out.finish()
    }

    /// Decodes attribute bytes; `None` if there are too few.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut read = Reader::new(bytes);
        let attrs = Self { block: read.u16(), otherwise: read.u16(), max_trips: read.u32() };
        read.is_complete().then_some(attrs)
    }
}

/// A contiguous range of steps that runs as one: a subgraph's whole program, or a part that a
/// control-flow step runs conditionally or repeatedly. A called block stands directly behind the
/// step that calls it, so program order is step order and lives are intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// First step.
    pub start: u16,
    /// One past the last step.
    pub end: u16,
}

/// Bytes of a block record.
pub const BLOCK_RECORD: usize = 4;

/// An entry point: its block, its inputs and its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subgraph {
    /// The block that is its program.
    pub block: u16,
    /// Number of inputs.
    pub inputs: u16,
    /// Number of outputs.
    pub outputs: u16,
    /// Where the list starts in the operand list: inputs, then outputs.
    pub operands: u32,
}

/// Bytes of a subgraph record.
pub const SUBGRAPH_RECORD: usize = 12;
