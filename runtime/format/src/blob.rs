//! A checked view of a blob's bytes.

use crate::FormatError;
use crate::bytes::{Record, range, u16_at};
use crate::header::{Header, Isa, SectionKind};
use crate::limits::{
    ALIGN, MAX_BLOCKS, MAX_OPERANDS, MAX_STEPS, MAX_SUBGRAPHS, MAX_TENSORS, MAX_TRIPS,
};
use crate::quant::Quantization;
use crate::step::{
    BLOCK_RECORD, Block, Flow, FlowAttrs, STEP_RECORD, SUBGRAPH_RECORD, Step, Subgraph,
};
use crate::tensor::{DType, NONE, Place, Shape, Storage, TENSOR_RECORD, Tensor};
use crate::text::{self, NameKind};

/// Constant sections a blob may have; each is a slice kept here so that a constant is found without
/// walking the section table.
const MAX_DATA: usize = 4;

/// A blob that passed [`Blob::check`]. Its getters cannot fail on an index that the blob itself
/// holds; they give `None` for any other.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'m> {
    header: Header,
    bytes: &'m [u8],
    tensors: &'m [u8],
    steps: &'m [u8],
    operands: &'m [u8],
    attrs: &'m [u8],
    blocks: &'m [u8],
    subgraphs: &'m [u8],
    quantization: &'m [u8],
    names: &'m [u8],
    metadata: &'m [u8],
    data: [&'m [u8]; MAX_DATA],
}

impl<'m> Blob<'m> {
    /// Checks everything that can be checked without knowing operators: header, checksum, bounds,
    /// alignment, shapes against lengths, lives against places, nesting of blocks, texts.
    ///
    /// `bytes` may be longer than the blob (a flash slot); they must start at a multiple of 16.
    /// Time is linear in the blob but for the comparison of tensors that live together.
    ///
    /// # Errors
    /// The first rule that is broken, with the number of the record that breaks it.
    pub fn check(bytes: &'m [u8]) -> Result<Self, FormatError> {
        Header::check(bytes)?;
        if !bytes.as_ptr().addr().is_multiple_of(ALIGN) {
            return Err(FormatError::Misaligned);
        }
        let blob = Self::read(bytes)?;
        blob.check_counts()?;
        blob.check_tensors()?;
        blob.check_steps()?;
        crate::blocks::check(&blob)?;
        crate::plan::verify(&blob)?;
        text::check_names(blob.names)?;
        text::check_metadata(blob.metadata)?;
        Ok(blob)
    }

    /// Finds the sections and checks no more: for bytes that somebody else has checked. Getters of a
    /// blob that is not valid give wrong values or `None`, and nothing worse. In a constant this
    /// takes no code on the device.
    ///
    /// # Errors
    /// If the header is wrong, or a section is outside, missing or there twice.
    pub const fn read(bytes: &'m [u8]) -> Result<Self, FormatError> {
        let header = match Header::read(bytes) {
            Ok(header) => header,
            Err(error) => return Err(error),
        };
        let Some(bytes) = range(bytes, 0, header.total_len as usize) else {
            return Err(FormatError::Truncated { needed: header.total_len });
        };
        let mut blob = Self::empty(header, bytes);
        // A bit for each kind that was there.
        let (mut index, mut found, mut constants) = (0, 0u32, 0);
        while index < header.sections {
            let (kind, content) = match header.section(bytes, index) {
                Ok((section, content)) => (SectionKind::from_u16(section.kind), content),
                Err(error) => return Err(error),
            };
            if let Some(kind) = kind {
                let again = found & 1 << kind as u32 != 0;
                if again && !matches!(kind, SectionKind::Data) {
                    return Err(FormatError::Section { index });
                }
                if !blob.set_section(kind, content, &mut constants) {
                    return Err(FormatError::Limit);
                }
                found |= 1 << kind as u32;
            }
            index += 1;
        }
        let mut kind = SectionKind::Tensors as u16;
        while kind <= SectionKind::Subgraphs as u16 {
            if found & 1 << kind as u32 == 0 {
                return Err(FormatError::SectionMissing { kind });
            }
            kind += 1;
        }
        Ok(blob)
    }

    /// A blob whose sections are not found yet.
    const fn empty(header: Header, bytes: &'m [u8]) -> Self {
        Self {
            header,
            bytes,
            tensors: &[],
            steps: &[],
            operands: &[],
            attrs: &[],
            blocks: &[],
            subgraphs: &[],
            quantization: &[],
            names: &[],
            metadata: &[],
            data: [&[]; MAX_DATA],
        }
    }

    /// Sets a section; false if it is one of constants and there is no place for it.
    const fn set_section(
        &mut self,
        kind: SectionKind,
        content: &'m [u8],
        constants: &mut usize,
    ) -> bool {
        match kind {
            SectionKind::Tensors => self.tensors = content,
            SectionKind::Steps => self.steps = content,
            SectionKind::Operands => self.operands = content,
            SectionKind::Attrs => self.attrs = content,
            SectionKind::Blocks => self.blocks = content,
            SectionKind::Subgraphs => self.subgraphs = content,
            SectionKind::Quantization => self.quantization = content,
            SectionKind::Names => self.names = content,
            SectionKind::Metadata => self.metadata = content,
            SectionKind::Data => {
                match *constants {
                    0 => self.data[0] = content,
                    1 => self.data[1] = content,
                    2 => self.data[2] = content,
                    3 => self.data[3] = content,
                    _ => return false,
                }
                *constants += 1;
            }
        }
        true
    }

    fn check_counts(&self) -> Result<(), FormatError> {
        let fits = self.tensor_count() <= MAX_TENSORS
            && self.step_count() <= MAX_STEPS
            && self.block_count() <= MAX_BLOCKS
            && self.subgraph_count() <= MAX_SUBGRAPHS;
        if fits { Ok(()) } else { Err(FormatError::Limit) }
    }

    fn check_tensors(&self) -> Result<(), FormatError> {
        for index in 0..self.tensor_count() as u16 {
            let bad = FormatError::Tensor { index };
            let tensor = self.tensor(index).ok_or(bad)?;
            let len = tensor.shape.checked_elements().and_then(|n| tensor.dtype.len_bytes(n));
            let fits = len == Some(tensor.len as usize)
                && tensor.len > 0
                && (tensor.offset as usize).is_multiple_of(ALIGN)
                && self.is_inside(&tensor);
            if !fits {
                return Err(bad);
            }
            if tensor.quantization != NONE && self.quantization(tensor.quantization).is_none() {
                return Err(FormatError::Quantization { index: tensor.quantization });
            }
        }
        Ok(())
    }

    /// Whether the tensor's bytes are inside the memory that its storage names.
    fn is_inside(&self, tensor: &Tensor) -> bool {
        let (start, len) = (tensor.offset as usize, tensor.len as usize);
        let Some(end) = start.checked_add(len) else { return false };
        let (state, arena) = (self.header.state_len as usize, self.header.arena_len as usize);
        match tensor.storage {
            Storage::Constant => self.constant(tensor).is_some(),
            Storage::Arena => state <= start && end <= arena && tensor.first <= tensor.last,
            Storage::State => end <= state && self.initial_is_valid(tensor),
        }
    }

    fn initial_is_valid(&self, state: &Tensor) -> bool {
        state.origin == NONE
            || self.tensor(state.origin).is_some_and(|initial| {
                initial.storage == Storage::Constant && initial.len == state.len
            })
    }

    fn check_steps(&self) -> Result<(), FormatError> {
        for index in 0..self.step_count() as u16 {
            let bad = FormatError::Step { index };
            let step = self.step(index).ok_or(bad)?;
            let operands = step.inputs as usize + step.outputs as usize;
            let start = step.operands as usize;
            if operands > MAX_OPERANDS || !self.operands_are_valid(start, operands, true) {
                return Err(bad);
            }
            if range(self.attrs, step.attrs as usize, step.attrs_len as usize).is_none() {
                return Err(bad);
            }
            let outputs_ok = self
                .step_outputs(&step)
                .all(|id| self.tensor(id).is_some_and(|t| t.storage != Storage::Constant));
            if step.flow != Flow::Operator && !cfg!(feature = "control-flow") {
                return Err(FormatError::Flow { index });
            }
            if !outputs_ok || (step.flow != Flow::Operator && !self.flow_is_valid(&step)) {
                return Err(bad);
            }
        }
        Ok(())
    }

    fn flow_is_valid(&self, step: &Step) -> bool {
        if !cfg!(feature = "control-flow") {
            return false;
        }
        let condition = self.step_inputs(step).next().and_then(|id| self.tensor(id));
        let is_bool = condition.is_some_and(|t| t.dtype == DType::Bool && t.len == 1);
        let Some(attrs) = FlowAttrs::decode(self.step_attrs(step)) else { return false };
        let bounded = (1..=MAX_TRIPS).contains(&attrs.max_trips);
        let calls = crate::blocks::called(self, step) != [NONE; 2];
        is_bool && bounded && calls && step.inputs == 1 && step.outputs == 0
    }

    /// Whether `count` operands from `start` exist and are tensors, or absent where that may be.
    pub(crate) fn operands_are_valid(&self, start: usize, count: usize, absent: bool) -> bool {
        let tensors = self.tensor_count();
        (0..count).all(|i| {
            let at = start.checked_add(i).and_then(|i| i.checked_mul(2));
            let operand = at.and_then(|at| u16_at(self.operands, at));
            operand.is_some_and(|id| (id as usize) < tensors || (absent && id == NONE))
        })
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The core that the blob is packed for.
    pub const fn isa(&self) -> Isa {
        self.header.isa
    }

    /// All bytes of the blob.
    pub fn bytes(&self) -> &'m [u8] {
        self.bytes
    }

    /// The signature record behind the covered bytes; empty for an unsigned blob.
    pub fn signature(&self) -> &'m [u8] {
        self.bytes.get(self.header.signed_len as usize..).unwrap_or(&[])
    }

    /// Number of tensors.
    pub fn tensor_count(&self) -> usize {
        self.tensors.len() / TENSOR_RECORD
    }

    /// Tensor `index`.
    pub fn tensor(&self, index: u16) -> Option<Tensor> {
        Tensor::decode(&Record::at(self.tensors, index as usize * TENSOR_RECORD)?)
    }

    /// The shape of tensor `index`.
    pub fn shape(&self, index: u16) -> Option<Shape> {
        Shape::decode(&Record::at(self.tensors, index as usize * TENSOR_RECORD)?)
    }

    /// The element type of tensor `index`.
    pub fn dtype(&self, index: u16) -> Option<DType> {
        DType::from_u8(self.tensors.get(index as usize * TENSOR_RECORD).copied()?)
    }

    /// Where the bytes of tensor `index` are.
    #[inline]
    pub fn place(&self, index: u16) -> Option<Place> {
        Place::decode(&Record::at(self.tensors, index as usize * TENSOR_RECORD)?)
    }

    /// Number of steps.
    pub fn step_count(&self) -> usize {
        self.steps.len() / STEP_RECORD
    }

    /// Step `index`.
    pub fn step(&self, index: u16) -> Option<Step> {
        Step::decode(&Record::at(self.steps, index as usize * STEP_RECORD)?)
    }

    /// Number of blocks.
    pub fn block_count(&self) -> usize {
        self.blocks.len() / BLOCK_RECORD
    }

    /// Block `index`.
    pub fn block(&self, index: u16) -> Option<Block> {
        let record = Record::<BLOCK_RECORD>::at(self.blocks, index as usize * BLOCK_RECORD)?;
        Some(Block { start: record.u16(0), end: record.u16(2) })
    }

    /// Number of subgraphs.
    pub fn subgraph_count(&self) -> usize {
        self.subgraphs.len() / SUBGRAPH_RECORD
    }

    /// Subgraph `index`; 0 is the model itself.
    pub fn subgraph(&self, index: u16) -> Option<Subgraph> {
        let record =
            Record::<SUBGRAPH_RECORD>::at(self.subgraphs, index as usize * SUBGRAPH_RECORD)?;
        Some(Subgraph {
            block: record.u16(0),
            inputs: record.u16(2),
            outputs: record.u16(4),
            operands: record.u32(8),
        })
    }

    /// Quantization record `index`.
    pub fn quantization(&self, index: u16) -> Option<Quantization<'m>> {
        Quantization::decode(self.quantization, index as usize)
    }

    /// `count` operands from position `start` of the operand list.
    fn operands(&self, start: usize, count: usize) -> impl Iterator<Item = u16> + 'm {
        let list = range(self.operands, start.wrapping_mul(2), count.wrapping_mul(2));
        list.unwrap_or(&[]).chunks_exact(2).map(|pair| u16_at(pair, 0).unwrap_or(NONE))
    }

    /// Operand `index` of a step, inputs before outputs; [`NONE`] for an absent one.
    #[inline]
    pub fn step_operand(&self, step: &Step, index: usize) -> u16 {
        let at = (step.operands as usize).wrapping_add(index);
        u16_at(self.operands, at.wrapping_mul(2)).unwrap_or(NONE)
    }

    /// The tensors a step reads; [`NONE`] for an absent one.
    pub fn step_inputs(&self, step: &Step) -> impl Iterator<Item = u16> + 'm {
        self.operands(step.operands as usize, step.inputs as usize)
    }

    /// The tensors a step writes.
    pub fn step_outputs(&self, step: &Step) -> impl Iterator<Item = u16> + 'm {
        let start = (step.operands as usize).wrapping_add(step.inputs as usize);
        self.operands(start, step.outputs as usize)
    }

    /// Attribute bytes of a step.
    pub fn step_attrs(&self, step: &Step) -> &'m [u8] {
        range(self.attrs, step.attrs as usize, step.attrs_len as usize).unwrap_or(&[])
    }

    /// The input tensors of a subgraph.
    pub fn inputs(&self, subgraph: &Subgraph) -> impl Iterator<Item = u16> + 'm {
        self.operands(subgraph.operands as usize, subgraph.inputs as usize)
    }

    /// Operand `index` of a subgraph, inputs before outputs; `None` behind the last.
    pub fn subgraph_operand(&self, subgraph: &Subgraph, index: usize) -> Option<u16> {
        let count = usize::from(subgraph.inputs) + usize::from(subgraph.outputs);
        let at = (subgraph.operands as usize).wrapping_add(index);
        if index < count { u16_at(self.operands, at.wrapping_mul(2)) } else { None }
    }

    /// The output tensors of a subgraph.
    pub fn outputs(&self, subgraph: &Subgraph) -> impl Iterator<Item = u16> + 'm {
        let start = (subgraph.operands as usize).wrapping_add(subgraph.inputs as usize);
        self.operands(start, subgraph.outputs as usize)
    }

    /// The bytes of a constant.
    pub fn constant(&self, tensor: &Tensor) -> Option<&'m [u8]> {
        self.constant_at(&tensor.place())
    }

    /// The bytes of a constant whose place this is.
    #[inline]
    pub fn constant_at(&self, place: &Place) -> Option<&'m [u8]> {
        if place.storage != Storage::Constant {
            return None;
        }
        let section = self.data.get(place.origin as usize)?;
        range(section, place.offset as usize, place.len as usize)
    }

    /// The name of tensor, step or subgraph `index`; `None` in a stripped blob.
    pub fn name(&self, kind: NameKind, index: u16) -> Option<&'m str> {
        text::find_name(self.names, kind, index)
    }

    /// Keys and values of the metadata.
    pub fn metadata(&self) -> impl Iterator<Item = (&'m str, &'m str)> {
        text::entries(self.metadata)
    }

    /// The value of a metadata key.
    pub fn metadata_value(&self, key: &str) -> Option<&'m str> {
        self.metadata().find(|(k, _)| *k == key).map(|(_, v)| v)
    }
}
