//! What an operator sees of a step: operands with their shapes, attributes, and views of memory.

use crate::error::OpError;
use smidge_format::attrs::Reader;
use smidge_format::{Blob, DType, FLAG_ROUNDING_TFLM, NONE, Place, Shape, Step, Storage, Tensor};
use smidge_kernels::packed::Memory;
use smidge_kernels::requant::Multiplier;
use smidge_kernels::{Cpu, Crew, Dst, Element, Family, Src};

/// One step of a blob, with the arena while it runs (and without it while it is checked).
pub struct Call<'f> {
    blob: &'f Blob<'f>,
    step: &'f Step,
    arena: Dst<'f, u8>,
    machine: Machine,
    crew: Crew<'f>,
}

/// The processor, and what the blob is packed for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// What the processor can do.
    pub cpu: Cpu,
    /// The family that the blob is packed for; `None` for a portable one.
    pub family: Option<Family>,
}

impl<'f> Call<'f> {
    pub(crate) fn new(
        blob: &'f Blob<'f>,
        step: &'f Step,
        arena: Dst<'f, u8>,
        machine: Machine,
    ) -> Self {
        Self { blob, step, arena, machine, crew: Crew::default() }
    }

    /// The same call, computed by a crew.
    pub(crate) fn by(self, crew: Crew<'f>) -> Self {
        Self { crew, ..self }
    }

    /// Who computes.
    pub(crate) fn crew(&self) -> Crew<'f> {
        self.crew
    }

    /// What the processor can do.
    pub fn cpu(&self) -> Cpu {
        self.machine.cpu
    }

    /// The family of cores that the blob is packed for.
    pub(crate) fn family(&self) -> Result<Family, OpError> {
        self.machine.family.ok_or(OpError::Attributes)
    }

    /// Number of inputs, absent ones included.
    pub fn input_count(&self) -> usize {
        self.step.inputs as usize
    }

    /// Number of outputs.
    pub fn output_count(&self) -> usize {
        self.step.outputs as usize
    }

    /// Fails unless there are so many inputs and outputs.
    pub(crate) fn expect(&self, inputs: usize, outputs: usize) -> Result<(), OpError> {
        let fits = self.input_count() == inputs && self.output_count() == outputs;
        if fits { Ok(()) } else { Err(OpError::Operands) }
    }

    /// Input `index`, or `None` if it is absent.
    pub fn optional(&self, index: usize) -> Option<Tensor> {
        self.blob.tensor(self.operand(index)?)
    }

    /// The number of the tensor that is input `index`; `None` if it is absent.
    fn operand(&self, index: usize) -> Option<u16> {
        if index >= self.input_count() {
            return None;
        }
        let id = self.blob.step_operand(self.step, index);
        (id != NONE).then_some(id)
    }

    /// Input `index`.
    pub fn input(&self, index: usize) -> Result<Tensor, OpError> {
        self.optional(index).ok_or(OpError::Operands)
    }

    /// The shape of input `index`.
    pub fn shape(&self, index: usize) -> Result<Shape, OpError> {
        let id = self.operand(index).ok_or(OpError::Operands)?;
        self.blob.shape(id).ok_or(OpError::Operands)
    }

    /// Input `index`, which has this element type.
    pub(crate) fn input_of(&self, index: usize, dtype: DType) -> Result<Tensor, OpError> {
        let tensor = self.input(index)?;
        if tensor.dtype == dtype { Ok(tensor) } else { Err(OpError::Type) }
    }

    /// Output `index`.
    pub fn output(&self, index: usize) -> Result<Tensor, OpError> {
        let id = self.blob.step_outputs(self.step).nth(index).ok_or(OpError::Operands)?;
        self.blob.tensor(id).ok_or(OpError::Operands)
    }

    /// Output `index`, which has this element type.
    pub(crate) fn output_of(&self, index: usize, dtype: DType) -> Result<Tensor, OpError> {
        let tensor = self.output(index)?;
        if tensor.dtype == dtype { Ok(tensor) } else { Err(OpError::Type) }
    }

    /// The constant input `index` as elements of type `T`, `len` of them.
    pub(crate) fn constant<T: Element>(
        &self,
        index: usize,
        dtype: DType,
        len: usize,
    ) -> Result<&'f [T], OpError> {
        let tensor = self.input_of(index, dtype)?;
        let bytes = self.blob.constant(&tensor).ok_or(OpError::Constant)?;
        let elements = smidge_kernels::cast(bytes).ok_or(OpError::Type)?;
        if elements.len() == len { Ok(elements) } else { Err(OpError::Shape) }
    }

    /// Fails unless input `index` is a constant of `channels` valid fixed-point factors.
    pub(crate) fn check_factors(&self, index: usize, channels: usize) -> Result<(), OpError> {
        let factors = self.constant::<i32>(index, DType::I32, channels.saturating_mul(2))?;
        let valid = factors.chunks_exact(2).all(|pair| match *pair {
            [mantissa, shift] => Multiplier { mantissa, shift }.is_valid(),
            _ => false,
        });
        if valid { Ok(()) } else { Err(OpError::Attributes) }
    }

    /// Fails unless input `index` is absent or has `len` elements of this type.
    pub(crate) fn check_bias(&self, index: usize, dtype: DType, len: usize) -> Result<(), OpError> {
        match self.optional(index) {
            Some(bias) if bias.dtype != dtype => Err(OpError::Type),
            Some(bias) if bias.shape.elements() != len => Err(OpError::Shape),
            Some(_) | None => Ok(()),
        }
    }

    /// The attribute bytes, to be read in order.
    pub fn attrs(&self) -> Reader<'f> {
        Reader::new(self.blob.step_attrs(self.step))
    }

    /// Whether the step rounds as TensorFlow Lite Micro does where that differs.
    pub fn rounds_as_tflm(&self) -> bool {
        self.step.flags & FLAG_ROUNDING_TFLM != 0
    }

    /// The elements of input `index` to read; empty for an absent one.
    pub fn src<T: Element>(&self, index: usize) -> Result<Src<'f, T>, OpError> {
        self.src_bytes(index)?.cast().ok_or(OpError::Type)
    }

    /// The bytes of input `index`, none for an absent one: one copy for all element types.
    #[inline(never)]
    fn src_bytes(&self, index: usize) -> Result<Src<'f, u8>, OpError> {
        // Nothing, at an address that is aligned for every type.
        let Some(id) = self.operand(index) else { return Ok(self.arena.slice(0, 0).as_src()) };
        let place = self.blob.place(id).ok_or(OpError::Operands)?;
        Ok(match place.storage {
            Storage::Constant => Src::from(self.blob.constant_at(&place).ok_or(OpError::Constant)?),
            Storage::Arena | Storage::State => self.memory(&place).as_src(),
        })
    }

    /// The elements of output `index` to write.
    pub fn dst<T: Element>(&self, index: usize) -> Result<Dst<'f, T>, OpError> {
        self.dst_bytes(index)?.cast().ok_or(OpError::Type)
    }

    /// The bytes of output `index`: one copy for all element types.
    #[inline(never)]
    fn dst_bytes(&self, index: usize) -> Result<Dst<'f, u8>, OpError> {
        if index >= self.output_count() {
            return Err(OpError::Operands);
        }
        let id = self.blob.step_operand(self.step, self.input_count() + index);
        let place = self.blob.place(id).ok_or(OpError::Operands)?;
        Ok(self.memory(&place))
    }

    /// What a packed step reads and writes: input, packed constant, output, scratch memory.
    #[inline(never)]
    pub(crate) fn packed(&self) -> Result<Memory<'f>, OpError> {
        let (x, packed, y) = (self.src(0)?, self.src(1)?, self.dst(0)?);
        Ok(Memory { packed, x, y, scratch: self.scratch() })
    }

    fn memory(&self, place: &Place) -> Dst<'f, u8> {
        self.arena.slice(place.offset as usize, place.len as usize)
    }

    /// The step's scratch memory.
    pub fn scratch(&self) -> Dst<'f, u8> {
        self.arena.slice(self.step.scratch as usize, self.step.scratch_len as usize)
    }

    /// Bytes of scratch memory.
    pub fn scratch_len(&self) -> usize {
        self.step.scratch_len as usize
    }
}
