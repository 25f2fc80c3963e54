//! The writer, beside the reader: what [`Blob::check`](crate::Blob::check) reads is written here.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::attrs::Writer;
use crate::header::{CODEC_NONE, HEADER, Header, Isa, SECTION_ENTRY, SectionKind, checksum};
use crate::limits::{ALIGN, LINE, MAX_BYTES, MAX_STEPS, MAX_TENSORS};
use crate::step::{BLOCK_RECORD, Block, SUBGRAPH_RECORD, Step, Subgraph};
use crate::tensor::{NONE, Tensor};
use crate::text::NameKind;
use crate::{FormatError, QUANT_RECORD};

/// Collects the parts of a blob and lays them out.
#[derive(Clone, Debug)]
pub struct Builder {
    /// The core the blob is packed for.
    pub isa: Isa,
    /// Bytes of arena, state included.
    pub arena_len: u32,
    /// Bytes of state.
    pub state_len: u32,
    /// Tensors, constants included.
    pub tensors: Vec<Tensor>,
    /// Steps in program order.
    pub steps: Vec<Step>,
    /// Blocks.
    pub blocks: Vec<Block>,
    /// Subgraphs.
    pub subgraphs: Vec<Subgraph>,
    operands: Vec<u16>,
    attrs: Vec<u8>,
    data: Vec<u8>,
    constants: BTreeMap<Vec<u8>, u32>,
    quantization: Vec<([u8; QUANT_RECORD], Vec<f32>)>,
    names: Vec<u8>,
    metadata: Vec<u8>,
}

impl Builder {
    /// An empty blob for a core.
    pub fn new(isa: Isa) -> Self {
        Self {
            isa,
            arena_len: 0,
            state_len: 0,
            tensors: Vec::new(),
            steps: Vec::new(),
            blocks: Vec::new(),
            subgraphs: Vec::new(),
            operands: Vec::new(),
            attrs: Vec::new(),
            data: Vec::new(),
            constants: BTreeMap::new(),
            quantization: Vec::new(),
            names: Vec::new(),
            metadata: Vec::new(),
        }
    }

    /// Appends to the operand list and returns where the entries start.
    pub fn operands(&mut self, ids: impl IntoIterator<Item = u16>) -> u32 {
        let start = self.operands.len() as u32;
        self.operands.extend(ids);
        start
    }

    /// Appends attribute bytes and returns where they start.
    pub fn attrs(&mut self, bytes: &[u8]) -> u32 {
        let start = self.attrs.len() as u32;
        self.attrs.extend_from_slice(bytes);
        start
    }

    /// Stores constant bytes, once for equal ones, and returns their offset in the section.
    pub fn constant(&mut self, bytes: &[u8]) -> u32 {
        if let Some(&offset) = self.constants.get(bytes) {
            return offset;
        }
        let align = if bytes.len() < LINE { ALIGN } else { self.line() };
        pad(&mut self.data, align);
        let offset = self.data.len() as u32;
        self.data.extend_from_slice(bytes);
        self.constants.insert(bytes.into(), offset);
        offset
    }

    /// Stores a quantization record; `channels` is the axis and its scales. Returns its number.
    pub fn quantization(
        &mut self,
        scale: f32,
        zero_point: i32,
        channels: Option<(u16, &[f32])>,
    ) -> u16 {
        let (axis, scales) = channels.unwrap_or((NONE, &[]));
        let mut out = Writer::<QUANT_RECORD>::new();
        out.f32(scale);
        out.i32(zero_point);
        out.u16(axis);
        out.u16(scales.len() as u16);
        self.quantization.push((out.finish(), scales.into()));
        (self.quantization.len() - 1) as u16
    }

    /// Names a tensor, step or subgraph. Longer names are cut at 65,535 bytes.
    pub fn name(&mut self, kind: NameKind, index: u16, name: &str) {
        let name = cut(name, u16::MAX as usize);
        for field in [kind as u16, index, name.len() as u16] {
            self.names.extend_from_slice(&field.to_le_bytes());
        }
        self.names.extend_from_slice(name.as_bytes());
    }

    /// Adds a metadata entry. Keys longer than 65,535 bytes are cut.
    pub fn metadata(&mut self, key: &str, value: &str) {
        let key = cut(key, u16::MAX as usize);
        self.metadata.extend_from_slice(&(key.len() as u32).to_le_bytes());
        self.metadata.extend_from_slice(&(value.len() as u32).to_le_bytes());
        self.metadata.extend_from_slice(key.as_bytes());
        self.metadata.extend_from_slice(value.as_bytes());
    }

    /// Lays out the sections, computes the checksum and returns the blob.
    ///
    /// # Errors
    /// [`FormatError::Limit`] if the parts are more than the format can number.
    pub fn finish(&self) -> Result<Vec<u8>, FormatError> {
        let fits = self.tensors.len() <= MAX_TENSORS
            && self.steps.len() <= MAX_STEPS
            && self.data.len() <= MAX_BYTES / 2
            && self.quantization.len() <= NONE as usize
            && self.quantization.iter().all(|(_, scales)| scales.len() <= u16::MAX as usize);
        if !fits {
            return Err(FormatError::Limit);
        }
        let sections = self.sections();
        let mut blob = alloc::vec![0; HEADER];
        let mut at = HEADER + sections.len() * SECTION_ENTRY;
        for (kind, content) in &sections {
            at = at.next_multiple_of(self.section_align(*kind));
            let mut entry = Writer::<SECTION_ENTRY>::new();
            entry.u16(*kind as u16);
            entry.u16(CODEC_NONE);
            entry.u32(at as u32);
            entry.u32(content.len() as u32);
            entry.u32(content.len() as u32);
            blob.extend_from_slice(&entry.finish());
            at += content.len();
        }
        for (kind, content) in &sections {
            pad(&mut blob, self.section_align(*kind));
            blob.extend_from_slice(content);
        }
        pad(&mut blob, ALIGN);
        let mut header = Header {
            total_len: blob.len() as u32,
            checksum: 0,
            signed_len: blob.len() as u32,
            isa: self.isa,
            sections: sections.len() as u16,
            arena_len: self.arena_len,
            state_len: self.state_len,
        };
        blob[..HEADER].copy_from_slice(&header.encode());
        header.checksum = checksum(&blob[16..]);
        blob[..HEADER].copy_from_slice(&header.encode());
        Ok(blob)
    }

    /// How constants that are long enough are aligned.
    fn line(&self) -> usize {
        if self.isa == Isa::X86_64 { LINE } else { ALIGN }
    }

    fn section_align(&self, kind: SectionKind) -> usize {
        if kind == SectionKind::Data { self.line() } else { ALIGN }
    }

    fn sections(&self) -> Vec<(SectionKind, Vec<u8>)> {
        let tensors = self.tensors.iter().flat_map(|t| t.encode()).collect();
        let steps = self.steps.iter().flat_map(|s| s.encode()).collect();
        let operands = self.operands.iter().flat_map(|id| id.to_le_bytes()).collect();
        let blocks = self.blocks.iter().flat_map(encode_block).collect();
        let subgraphs = self.subgraphs.iter().flat_map(encode_subgraph).collect();
        let mut sections = alloc::vec![
            (SectionKind::Tensors, tensors),
            (SectionKind::Steps, steps),
            (SectionKind::Operands, operands),
            (SectionKind::Attrs, self.attrs.clone()),
            (SectionKind::Blocks, blocks),
            (SectionKind::Subgraphs, subgraphs),
            (SectionKind::Data, self.data.clone()),
        ];
        let optional = [
            (SectionKind::Quantization, self.quantization_section()),
            (SectionKind::Names, self.names.clone()),
            (SectionKind::Metadata, self.metadata.clone()),
        ];
        sections.extend(optional.into_iter().filter(|(_, content)| !content.is_empty()));
        sections
    }

    fn quantization_section(&self) -> Vec<u8> {
        let mut records = Vec::new();
        let mut scales = Vec::new();
        let base = self.quantization.len() * QUANT_RECORD;
        for (record, channels) in &self.quantization {
            records.extend_from_slice(&record[..12]);
            records.extend_from_slice(&((base + scales.len()) as u32).to_le_bytes());
            scales.extend(channels.iter().flat_map(|s| s.to_le_bytes()));
        }
        records.extend(scales);
        records
    }
}

fn encode_block(block: &Block) -> [u8; BLOCK_RECORD] {
    let mut out = Writer::<BLOCK_RECORD>::new();
    out.u16(block.start);
    out.u16(block.end);
    out.finish()
}

fn encode_subgraph(subgraph: &Subgraph) -> [u8; SUBGRAPH_RECORD] {
    let mut out = Writer::<SUBGRAPH_RECORD>::new();
    out.u16(subgraph.block);
    out.u16(subgraph.inputs);
    out.u16(subgraph.outputs);
    out.u16(0);
    out.u32(subgraph.operands);
    out.finish()
}

fn pad(bytes: &mut Vec<u8>, align: usize) {
    bytes.resize(bytes.len().next_multiple_of(align), 0);
}

/// The longest prefix of `text` of at most `max` bytes that ends at a character.
fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
