//! A blob that passed all checks, here or where the firmware was built, with the operators that run it.

use crate::call::{Call, Machine};
use crate::cores::family;
use crate::error::{CheckError, OpError};
use crate::needs::Needs;
use crate::op::{Op, Variant};
use core::fmt;
use smidge_format::{
    Blob, DType, FLAG_IN_PLACE, Flow, FormatError, NONE, Quantization, Step, Storage, Tensor,
};
use smidge_kernels::{Cpu, Dst};

/// A network that is ready to run.
#[derive(Clone, Copy)]
pub struct Model<'m> {
    blob: Blob<'m>,
    ops: &'static [Op],
}

impl<'m> Model<'m> {
    /// Validates a blob's bytes against a list of operators. After this, nothing in the bytes can
    /// make a call fail, read out of bounds or loop forever.
    ///
    /// `bytes` start at a multiple of 16 and may be longer than the blob.
    ///
    /// # Errors
    /// The first rule that is broken, with the step or record that breaks it.
    pub fn check(bytes: &'m [u8], ops: &'static [Op]) -> Result<Self, CheckError> {
        let model = Self { blob: Blob::check(bytes)?, ops };
        if !model.runs_here() {
            return Err(CheckError::Isa { isa: model.blob.isa() });
        }
        model.check_steps()?;
        Ok(model)
    }

    /// As [`Model::check`], for a tool that looks into blobs of any core: one that is packed for
    /// another core than this passes, too, but no session can be made of it. Only host tools know the
    /// packing of all cores.
    ///
    /// # Errors
    /// As [`Model::check`], but for the core.
    pub fn check_foreign(bytes: &'m [u8], ops: &'static [Op]) -> Result<Self, CheckError> {
        let model = Self { blob: Blob::check(bytes)?, ops };
        model.check_steps()?;
        Ok(model)
    }

    fn check_steps(&self) -> Result<(), CheckError> {
        for index in 0..self.blob.step_count() as u16 {
            let step = self.blob.step(index).ok_or(FormatError::Step { index })?;
            if step.flow == Flow::Operator {
                self.check_step(index, &step)?;
            }
        }
        Ok(())
    }

    /// A model whose bytes [`Model::check`] has accepted before, with the same operators: where the
    /// firmware was built, most likely; see [`embed!`](crate::embed). In a constant it takes no code
    /// on the device, and operators may be [`Op::run_only`], which leave out their checks.
    ///
    /// What the bytes are matters to the results, not to memory: kernels compare every length with
    /// what they are going to touch, views of memory end where it ends, and steps go forward. With
    /// bytes that were never checked a call fails or gives wrong numbers, and it takes as long as they
    /// say.
    ///
    /// # Errors
    /// If the header is wrong, or a section is outside, missing or there twice.
    pub const fn prechecked(bytes: &'m [u8], ops: &'static [Op]) -> Result<Self, FormatError> {
        match Blob::read(bytes) {
            Ok(blob) => Ok(Self { blob, ops }),
            Err(error) => Err(error),
        }
    }

    fn check_step(&self, index: u16, step: &Step) -> Result<(), CheckError> {
        let missing = CheckError::OpMissing { step: index, code: step.code, variant: step.variant };
        let op = self.find(step).ok_or(missing)?;
        let refuse = |error| CheckError::Op { step: index, error };
        if !self.knows_types(op, step) {
            return Err(refuse(OpError::Type));
        }
        if !self.places_are_valid(op, step) {
            return Err(refuse(OpError::Operands));
        }
        (op.check)(&Call::new(&self.blob, step, Dst::empty(), self.machine())).map_err(refuse)
    }

    /// Whether tensors of four bits are operands of operators that know them only.
    fn knows_types(&self, op: &Op, step: &Step) -> bool {
        let operands = self.blob.step_inputs(step).chain(self.blob.step_outputs(step));
        let mut types = operands.filter_map(|id| self.blob.tensor(id)).map(|t| t.dtype);
        op.variant == Variant::S4 || types.all(|dtype| dtype != DType::I4)
    }

    /// Whether an output stands on an input only if the operator can work so and both have the same
    /// number of bytes. (The format has seen to all other overlaps.)
    fn places_are_valid(&self, op: &Op, step: &Step) -> bool {
        let blob = &self.blob;
        if step.flags & FLAG_IN_PLACE == 0 {
            return true;
        }
        let Some(output) = blob.step_outputs(step).next().and_then(|id| blob.tensor(id)) else {
            return false;
        };
        let inputs = blob.step_inputs(step).filter(|&id| id != NONE);
        let mut shared = inputs
            .filter_map(|id| blob.tensor(id))
            .filter(|t| t.storage == output.storage && t.offset == output.offset);
        op.in_place && shared.all(|input| input.len == output.len)
    }

    /// The operator that runs a step.
    pub(crate) fn find(&self, step: &Step) -> Option<&'static Op> {
        self.ops.iter().find(|op| op.code as u16 == step.code && op.variant as u16 == step.variant)
    }

    /// The operators that it needs of the list it was made with, and the forms of their kernels, as
    /// Rust source: the list for [`embed!`](crate::embed) that a build script writes.
    pub fn ops(&self) -> impl fmt::Display {
        Needs(self)
    }

    pub(crate) fn listed(&self) -> &'static [Op] {
        self.ops
    }

    /// Whether this processor has the kernels that the blob is packed for.
    pub fn runs_here(&self) -> bool {
        let Machine { cpu, family } = self.machine();
        family.is_none_or(|family| cpu.runs(family))
    }

    /// The processor, and what the blob is packed for.
    pub(crate) fn machine(&self) -> Machine {
        Machine { cpu: Cpu::detect(), family: family(self.blob.isa()) }
    }

    /// The blob.
    pub const fn blob(&self) -> &Blob<'m> {
        &self.blob
    }

    /// Bytes of arena that a session needs.
    pub const fn arena_len(&self) -> usize {
        self.blob.header().arena_len as usize
    }

    /// Number of inputs of the main subgraph.
    pub fn input_count(&self) -> usize {
        self.blob.subgraph(0).map_or(0, |subgraph| subgraph.inputs as usize)
    }

    /// Number of outputs of the main subgraph.
    pub fn output_count(&self) -> usize {
        self.blob.subgraph(0).map_or(0, |subgraph| subgraph.outputs as usize)
    }

    /// Input `index` of the main subgraph.
    pub fn input(&self, index: usize) -> Option<Tensor> {
        self.blob.tensor(self.input_id(index)?)
    }

    /// Output `index` of the main subgraph.
    pub fn output(&self, index: usize) -> Option<Tensor> {
        self.blob.tensor(self.output_id(index)?)
    }

    /// The number of the tensor that is input `index`.
    pub fn input_id(&self, index: usize) -> Option<u16> {
        let main = self.blob.subgraph(0)?;
        if index < main.inputs.into() { self.blob.subgraph_operand(&main, index) } else { None }
    }

    /// The number of the tensor that is output `index`.
    pub fn output_id(&self, index: usize) -> Option<u16> {
        let main = self.blob.subgraph(0)?;
        self.blob.subgraph_operand(&main, index.checked_add(main.inputs.into())?)
    }

    /// How a tensor's integers stand for real numbers; `None` for one that is not quantized.
    pub fn quantization(&self, tensor: &Tensor) -> Option<Quantization<'m>> {
        if tensor.quantization == NONE { None } else { self.blob.quantization(tensor.quantization) }
    }

    /// Whether some tensor keeps its value between calls.
    pub fn has_state(&self) -> bool {
        self.blob.header().state_len > 0
    }

    /// The state tensors and the bytes that a reset gives them (`None` for zeros).
    pub(crate) fn states(&self) -> impl Iterator<Item = (Tensor, Option<&'m [u8]>)> {
        let blob = self.blob;
        (0..blob.tensor_count() as u16).filter_map(move |id| {
            let state = blob.tensor(id).filter(|t| t.storage == Storage::State)?;
            let initial = blob.tensor(state.origin).and_then(|t| blob.constant(&t));
            Some((state, initial))
        })
    }
}
