//! The smidge blob, file extension `.smg`: one network, ready to run.
//!
//! A blob is position-independent and is read in place, from flash. The host decides everything
//! (shapes, offsets, multipliers, the order of steps); the device checks the bytes once and then
//! runs a list. This crate is the specification and both ends of it: the reader below and, with
//! the feature `write`, the writer.
//!
//! # Bytes
//!
//! All numbers are little-endian. Offsets count bytes. Sections, constants and arena tensors start
//! at multiples of 16, and so does the blob in memory. For x86-64 the writer starts long constants at
//! multiples of 64, lines of the cache; readers do not ask for it.
//!
//! | from | bytes | header field |
//! |---|---|---|
//! | 0 | 4 | `SMDG` |
//! | 4 | 2 | major version, 1: a reader refuses another |
//! | 6 | 2 | minor version: a reader ignores what it does not know |
//! | 8 | 4 | length of the blob, signature included |
//! | 12 | 4 | CRC-32 (ISO-HDLC) of bytes 16 to the covered length |
//! | 16 | 4 | covered length; what follows is the signature record, if any |
//! | 20 | 2 | core the blob is packed for: [`Isa`] |
//! | 22 | 2 | zero |
//! | 24 | 2 | number of sections |
//! | 26 | 2 | zero |
//! | 28 | 4 | arena bytes, state included |
//! | 32 | 4 | state bytes, at the start of the arena |
//! | 36 | 12 | zero |
//! | 48 | 16 each | section table: kind `u16`, codec `u16`, offset, stored length, decoded length `u32` |
//!
//! The signature slot: a signer appends a record behind the covered bytes and updates only the
//! blob's length. A signature covers bytes 0 to 8 and 16 to the covered length, so that neither it
//! nor the checksum is under itself.
//!
//! | section | records | content |
//! |---|---|---|
//! | [`Tensors`](SectionKind::Tensors) | 48 bytes | [`Tensor`]: type, rank, storage, flags, source number, quantization, 6 dimensions, offset, length, first and last step, origin |
//! | [`Steps`](SectionKind::Steps) | 32 bytes | [`Step`]: code, variant, flow, operand counts, flags, operands, attributes, source number, scratch |
//! | [`Operands`](SectionKind::Operands) | 2 bytes | tensor numbers, 0xFFFF for an absent one |
//! | [`Attrs`](SectionKind::Attrs) | – | attribute bytes, defined by each operator |
//! | [`Blocks`](SectionKind::Blocks) | 4 bytes | [`Block`]: first step, one past the last |
//! | [`Subgraphs`](SectionKind::Subgraphs) | 12 bytes | [`Subgraph`]: block, number of inputs and outputs, zero, operands |
//! | [`Data`](SectionKind::Data) | – | constants; up to four sections, each with a codec |
//! | [`Quantization`](SectionKind::Quantization) | 16 bytes | scale `f32`, zero point `i32`, axis `u16`, channels `u16`, offset of the channels' scales in this section `u32` |
//! | [`Names`](SectionKind::Names) | variable | kind, index, length `u16`, UTF-8; may be stripped |
//! | [`Metadata`](SectionKind::Metadata) | variable | key length `u16`, zero `u16`, value length `u32`, key, value |
//!
//! Codec 0 stores bytes as they are. Other codecs are for constants only; a reader that does not
//! have one refuses the blob.
//!
//! # Execution
//!
//! Steps are numbered in program order. A subgraph is an entry point: a block of steps with inputs
//! and outputs; subgraph 0 is the model, others may initialise, encode or decode, in the same arena
//! and with the same state. Subgraphs' blocks follow each other and cover all steps.
//!
//! A step with [`Flow::If`] or [`Flow::Loop`] calls the block (or the two blocks) standing directly
//! behind it; execution then goes on behind them. `Loop` tests its condition before each
//! repetition and stops after `max_trips`. Blocks nest up to [`limits::MAX_DEPTH`]; the product of
//! nested loops' trips is at most [`limits::MAX_TRIPS`].
//!
//! A tensor lives from its first step to its last. A subgraph's inputs live from its first step,
//! its outputs to one past its last. Tensors with [`Storage::State`] keep their value between
//! calls; a reset copies their initial constant, or zeros, into them. Tensors that live at the
//! same time have disjoint bytes, except that the first output of a step with
//! [`FLAG_IN_PLACE`] may take the place of an input that ends there, or be that input: a state or
//! a loop's variable that is updated.
//!
//! # Trust
//!
//! [`Blob::check`] believes nothing. After it, every index in the blob is valid, every offset is
//! inside its memory, every loop is bounded. What an operator asks of its operands is checked by the
//! runtime, once, before the first call.
//!
//! # Versions
//!
//! A change that an old reader would misread raises the major version. New section kinds, metadata
//! keys, operator codes and variants raise the minor version: an old reader ignores or refuses them
//! by number.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(feature = "write", test))]
extern crate alloc;

#[cfg(feature = "write")]
mod aligned;
pub mod attrs;
mod blob;
mod blocks;
pub mod bundle;
mod bytes;
mod error;
mod header;
pub mod limits;
mod plan;
mod quant;
mod step;
mod tensor;
mod text;
#[cfg(feature = "write")]
pub mod write;

#[cfg(feature = "write")]
pub use aligned::AlignedBuf;
pub use blob::Blob;
pub use error::FormatError;
pub use header::{
    CODEC_NONE, HEADER, Header, Isa, MAGIC, Section, SectionKind, VERSION_MAJOR, VERSION_MINOR,
    checksum,
};
pub use quant::{QUANT_RECORD, Quantization};
pub use step::{
    Block, FLAG_IN_PLACE, FLAG_ROUNDING_TFLM, Flow, FlowAttrs, STEP_RECORD, Step, Subgraph,
};
pub use tensor::{DType, FLAG_UNSIGNED_SOURCE, NONE, Place, Shape, Storage, TENSOR_RECORD, Tensor};
pub use text::NameKind;
