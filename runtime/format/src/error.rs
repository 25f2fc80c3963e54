//! What can be wrong with the bytes of a blob.

use core::fmt;

/// Why bytes are not a valid blob. Small and `Copy`; the text is in `Display`, which firmware
/// that never prints it does not link. The stable number is [`FormatError::code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FormatError {
    /// Fewer bytes than the header or the header's own length say.
    Truncated {
        /// Bytes that are needed.
        needed: u32,
    },
    /// The first four bytes are not `SMDG`.
    Magic,
    /// Made by a converter with another major version of the format.
    Version {
        /// The blob's major version.
        major: u16,
        /// The blob's minor version.
        minor: u16,
    },
    /// The checksum does not match: the bytes were damaged on the way.
    Checksum,
    /// The bytes do not start at an address that is a multiple of 16.
    Misaligned,
    /// A header or section field is out of its range.
    Section {
        /// Position in the section table; 0xFFFF is the header itself.
        index: u16,
    },
    /// A section that every blob has is missing.
    SectionMissing {
        /// The missing [`SectionKind`](crate::SectionKind).
        kind: u16,
    },
    /// A section is compressed by a codec that this reader does not have.
    Codec {
        /// The codec's number.
        codec: u16,
    },
    /// A tensor record is wrong: type, rank, shape, length or place.
    Tensor {
        /// The tensor's number.
        index: u16,
    },
    /// A quantization record is wrong: scale not finite and positive, or out of bounds.
    Quantization {
        /// The record's number.
        index: u16,
    },
    /// A step record is wrong: operands, attributes, flow or scratch out of bounds.
    Step {
        /// The step's number.
        index: u16,
    },
    /// A step calls blocks, which this firmware has no support for (feature `control-flow`).
    Flow {
        /// The step's number.
        index: u16,
    },
    /// A block does not nest properly.
    Block {
        /// The block's number.
        index: u16,
    },
    /// A subgraph's block, inputs or outputs are wrong.
    Subgraph {
        /// The subgraph's number.
        index: u16,
    },
    /// Two tensors that live at the same time share bytes, or a step works on overlapping ones.
    Overlap {
        /// One tensor.
        a: u16,
        /// The other tensor, or the step whose outputs or scratch overlap it.
        b: u16,
    },
    /// A tensor is read where it has no value.
    Lifetime {
        /// The tensor.
        tensor: u16,
        /// The step that reads or writes it outside its life.
        step: u16,
    },
    /// A name or metadata entry is cut off or not UTF-8.
    Text,
    /// The blob exceeds one of [`limits`](crate::limits).
    Limit,
}

impl FormatError {
    /// Stable number of this kind of error, shown as `E0301` and on.
    pub const fn code(self) -> u16 {
        match self {
            Self::Truncated { .. } => 301,
            Self::Magic => 302,
            Self::Version { .. } => 303,
            Self::Checksum => 304,
            Self::Misaligned => 305,
            Self::Section { .. } => 306,
            Self::SectionMissing { .. } => 307,
            Self::Codec { .. } => 308,
            Self::Tensor { .. } => 309,
            Self::Quantization { .. } => 310,
            Self::Step { .. } => 311,
            Self::Block { .. } => 312,
            Self::Subgraph { .. } => 313,
            Self::Overlap { .. } => 314,
            Self::Lifetime { .. } => 315,
            Self::Text => 316,
            Self::Limit => 317,
            Self::Flow { .. } => 318,
        }
    }

    /// Two numbers that say where: indices or sizes, in the order of the variant's fields.
    pub const fn details(self) -> [u32; 2] {
        match self {
            Self::Truncated { needed } => [needed, 0],
            Self::Version { major, minor } => [major as u32, minor as u32],
            Self::Section { index }
            | Self::Tensor { index }
            | Self::Quantization { index }
            | Self::Step { index }
            | Self::Flow { index }
            | Self::Block { index }
            | Self::Subgraph { index } => [index as u32, 0],
            Self::SectionMissing { kind } => [kind as u32, 0],
            Self::Codec { codec } => [codec as u32, 0],
            Self::Overlap { a, b } => [a as u32, b as u32],
            Self::Lifetime { tensor, step } => [tensor as u32, step as u32],
            Self::Magic | Self::Checksum | Self::Misaligned | Self::Text | Self::Limit => [0, 0],
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed } => write!(f, "cut off: {needed} bytes are needed"),
            Self::Magic => write!(f, "not a smidge blob (it does not start with SMDG)"),
            Self::Version { major, minor } => write!(
                f,
                "format version {major}.{minor}; this reader knows version {}",
                crate::header::VERSION_MAJOR
            ),
            Self::Checksum => write!(f, "checksum mismatch: the bytes are damaged"),
            Self::Misaligned => write!(f, "the blob is not at a multiple of 16 bytes in memory"),
            Self::Section { index: 0xFFFF } => write!(f, "a header field is out of range"),
            Self::Section { index } => write!(f, "section {index} is out of range"),
            Self::SectionMissing { kind } => write!(f, "section of kind {kind} is missing"),
            Self::Codec { codec } => write!(f, "constants are compressed by unknown codec {codec}"),
            Self::Tensor { index } => write!(f, "tensor {index}: type, shape or place is wrong"),
            Self::Quantization { index } => write!(f, "quantization {index} is wrong"),
            Self::Step { index } => {
                write!(f, "step {index}: operands, attributes or scratch are out of bounds")
            }
            Self::Flow { index } => {
                write!(f, "step {index}: there is no control flow in this firmware")
            }
            Self::Block { index } => write!(f, "block {index} does not nest in its caller"),
            Self::Subgraph { index } => write!(f, "subgraph {index}: inputs or outputs are wrong"),
            Self::Overlap { a, b } => {
                write!(f, "tensor {a} shares memory with tensor or step {b} while both are needed")
            }
            Self::Lifetime { tensor, step } => {
                write!(f, "step {step} uses tensor {tensor} outside its life")
            }
            Self::Text => write!(f, "a name or metadata entry is damaged"),
            Self::Limit => write!(f, "larger than this format allows"),
        }
    }
}

impl core::error::Error for FormatError {}
