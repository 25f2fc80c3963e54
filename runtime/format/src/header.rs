//! Header and section table.

use crate::FormatError;
use crate::bytes::{Record, range};
use crate::limits::{ALIGN, MAX_BYTES, MAX_SECTIONS};

/// The first four bytes of a blob.
pub const MAGIC: [u8; 4] = *b"SMDG";
/// Major version: another one cannot be read.
pub const VERSION_MAJOR: u16 = 1;
/// Minor version: a later one adds what an earlier reader may ignore.
pub const VERSION_MINOR: u16 = 0;
/// Bytes of the header.
pub const HEADER: usize = 48;
/// Bytes of an entry of the section table.
pub const SECTION_ENTRY: usize = 16;

/// The core that weights are packed for and kernels were chosen for. The numbers are part of the
/// format; a reader refuses a blob whose packing it has no kernels for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u16)]
pub enum Isa {
    /// Plain order; runs everywhere.
    Portable = 0,
    /// Armv6-M: Cortex-M0 and M0+.
    CortexM0 = 1,
    /// Armv7-M: Cortex-M3.
    CortexM3 = 2,
    /// Armv7E-M with DSP: Cortex-M4.
    CortexM4 = 3,
    /// Armv7E-M, dual issue: Cortex-M7.
    CortexM7 = 4,
    /// Armv8-M main line with DSP: Cortex-M33.
    CortexM33 = 5,
    /// Armv8.1-M with MVE: Cortex-M55.
    CortexM55 = 6,
    /// RV32IMC.
    Rv32 = 7,
    /// AArch64, in order: Cortex-A53.
    CortexA53 = 8,
    /// AArch64, out of order: Cortex-A72.
    CortexA72 = 9,
    /// AArch64 with SDOT: Cortex-A76.
    CortexA76 = 10,
    /// x86-64 with AVX2 or later.
    X86_64 = 11,
    /// AArch64 with SDOT and I8MM: Neoverse N2, Cortex-A710.
    NeoverseN2 = 12,
}

impl Isa {
    /// Every core, in the order of the numbers.
    pub const ALL: [Self; 13] = [
        Self::Portable,
        Self::CortexM0,
        Self::CortexM3,
        Self::CortexM4,
        Self::CortexM7,
        Self::CortexM33,
        Self::CortexM55,
        Self::Rv32,
        Self::CortexA53,
        Self::CortexA72,
        Self::CortexA76,
        Self::X86_64,
        Self::NeoverseN2,
    ];

    /// The core with this number.
    pub const fn from_u16(value: u16) -> Option<Self> {
        match Self::ALL.split_at_checked(value as usize) {
            Some((_, [isa, ..])) => Some(*isa),
            _ => None,
        }
    }

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::CortexM0 => "cortex-m0",
            Self::CortexM3 => "cortex-m3",
            Self::CortexM4 => "cortex-m4",
            Self::CortexM7 => "cortex-m7",
            Self::CortexM33 => "cortex-m33",
            Self::CortexM55 => "cortex-m55",
            Self::Rv32 => "rv32",
            Self::CortexA53 => "cortex-a53",
            Self::CortexA72 => "cortex-a72",
            Self::CortexA76 => "cortex-a76",
            Self::X86_64 => "x86-64",
            Self::NeoverseN2 => "neoverse-n2",
        }
    }
}

/// What a section holds. The numbers are part of the format; unknown kinds are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum SectionKind {
    /// Tensor records.
    Tensors = 1,
    /// Step records.
    Steps = 2,
    /// Operand list: 16-bit tensor numbers.
    Operands = 3,
    /// Attribute bytes.
    Attrs = 4,
    /// Block records.
    Blocks = 5,
    /// Subgraph records.
    Subgraphs = 6,
    /// Constants. The only kind that may stand several times, and the only one that a codec may
    /// compress.
    Data = 7,
    /// Quantization records and the scales of their channels.
    Quantization = 8,
    /// Names of tensors, steps and subgraphs; may be stripped.
    Names = 9,
    /// Keys and values: licence, labels, producer.
    Metadata = 10,
}

impl SectionKind {
    /// The kind with this number, if this version of the format has it.
    pub(crate) const fn from_u16(kind: u16) -> Option<Self> {
        Some(match kind {
            1 => Self::Tensors,
            2 => Self::Steps,
            3 => Self::Operands,
            4 => Self::Attrs,
            5 => Self::Blocks,
            6 => Self::Subgraphs,
            7 => Self::Data,
            8 => Self::Quantization,
            9 => Self::Names,
            10 => Self::Metadata,
            _ => return None,
        })
    }
}

/// Codec of a section whose bytes are stored as they are.
pub const CODEC_NONE: u16 = 0;

/// An entry of the section table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// A [`SectionKind`], or a kind of a later version.
    pub kind: u16,
    /// [`CODEC_NONE`], or how `stored` bytes become `len` bytes.
    pub codec: u16,
    /// Byte offset from the start of the blob; a multiple of 16.
    pub offset: u32,
    /// Bytes in the blob.
    pub stored: u32,
    /// Bytes after decoding.
    pub len: u32,
}

/// The header's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the whole blob, the signature record included.
    pub total_len: u32,
    /// CRC-32 (ISO-HDLC) of the bytes from 16 to `signed_len`.
    pub checksum: u32,
    /// Bytes that checksum and signature cover; the signature record follows.
    pub signed_len: u32,
    /// The core the blob is packed for.
    pub isa: Isa,
    /// Number of sections.
    pub sections: u16,
    /// Bytes of arena that a session needs, state included; a multiple of 16.
    pub arena_len: u32,
    /// The first bytes of the arena, which keep their values between calls.
    pub state_len: u32,
}

const BAD: FormatError = FormatError::Section { index: 0xFFFF };

impl Header {
    /// Reads the header: enough bytes, magic, version, ranges. What it says of the bytes behind it is
    /// not checked.
    ///
    /// # Errors
    /// [`FormatError::Truncated`], `Magic`, `Version`, `Limit`, `Section` with index 0xFFFF.
    pub const fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let Some(record) = Record::<HEADER>::at(bytes, 0) else {
            return Err(FormatError::Truncated { needed: HEADER as u32 });
        };
        if record.u32(0) != u32::from_le_bytes(MAGIC) {
            return Err(FormatError::Magic);
        }
        let (major, minor) = (record.u16(4), record.u16(6));
        if major != VERSION_MAJOR {
            return Err(FormatError::Version { major, minor });
        }
        let Some(isa) = Isa::from_u16(record.u16(20)) else { return Err(BAD) };
        let header = Self {
            total_len: record.u32(8),
            checksum: record.u32(12),
            signed_len: record.u32(16),
            isa,
            sections: record.u16(24),
            arena_len: record.u32(28),
            state_len: record.u32(32),
        };
        match header.check_ranges(bytes.len()) {
            Some(error) => Err(error),
            None => Ok(header),
        }
    }

    /// Reads the header and compares the checksum with the bytes.
    ///
    /// # Errors
    /// As [`Header::read`], or [`FormatError::Checksum`].
    pub fn check(bytes: &[u8]) -> Result<Self, FormatError> {
        let header = Self::read(bytes)?;
        let covered = bytes.get(16..header.signed_len as usize).ok_or(BAD)?;
        if checksum(covered) != header.checksum {
            return Err(FormatError::Checksum);
        }
        Ok(header)
    }

    /// What is wrong with the lengths, if there are so many bytes.
    const fn check_ranges(&self, available: usize) -> Option<FormatError> {
        let table_end = HEADER + self.sections as usize * SECTION_ENTRY;
        let (signed, total) = (self.signed_len as usize, self.total_len as usize);
        let (arena, state) = (self.arena_len as usize, self.state_len as usize);
        if total > MAX_BYTES || arena > MAX_BYTES || self.sections as usize > MAX_SECTIONS {
            return Some(FormatError::Limit);
        }
        if total > available {
            return Some(FormatError::Truncated { needed: self.total_len });
        }
        let ordered = table_end <= signed && signed <= total && state <= arena;
        let aligned = arena % ALIGN == 0 && state % ALIGN == 0 && signed % ALIGN == 0;
        if ordered && aligned { None } else { Some(BAD) }
    }

    /// Section `index` of the table, its range checked.
    ///
    /// # Errors
    /// [`FormatError::Section`] if it is not inside the covered bytes or not aligned,
    /// [`FormatError::Codec`] for a codec that this reader does not have.
    pub const fn section<'m>(
        &self,
        bytes: &'m [u8],
        index: u16,
    ) -> Result<(Section, &'m [u8]), FormatError> {
        let bad = FormatError::Section { index };
        let at = HEADER + index as usize * SECTION_ENTRY;
        let Some(record) = Record::<SECTION_ENTRY>::at(bytes, at) else { return Err(bad) };
        let section = Section {
            kind: record.u16(0),
            codec: record.u16(2),
            offset: record.u32(4),
            stored: record.u32(8),
            len: record.u32(12),
        };
        let (start, len) = (section.offset as usize, section.stored as usize);
        let Some(covered) = range(bytes, 0, self.signed_len as usize) else { return Err(bad) };
        let Some(content) = range(covered, start, len) else { return Err(bad) };
        let table_end = HEADER + self.sections as usize * SECTION_ENTRY;
        if start % ALIGN != 0 || start < table_end {
            return Err(bad);
        }
        // What a later version put here may be stored as it likes: it is not read.
        if SectionKind::from_u16(section.kind).is_none() {
            return Ok((section, content));
        }
        if section.codec != CODEC_NONE {
            return Err(FormatError::Codec { codec: section.codec });
        }
        if section.len != section.stored {
            return Err(bad);
        }
        Ok((section, content))
    }

    /// Encodes the header that [`Header::read`] reads.
    pub fn encode(&self) -> [u8; HEADER] {
        let mut out = crate::attrs::Writer::<HEADER>::new();
        out.u32(u32::from_le_bytes(MAGIC));
        out.u16(VERSION_MAJOR);
        out.u16(VERSION_MINOR);
        out.u32(self.total_len);
        out.u32(self.checksum);
        out.u32(self.signed_len);
        out.u16(self.isa as u16);
        out.u16(0);
        out.u16(self.sections);
        out.u16(0);
        out.u32(self.arena_len);
        out.u32(self.state_len);
        out.finish()
    }
}

/// The checksum of a blob: CRC-32 as in ISO-HDLC (Ethernet, zip), four bits at a time: the table
/// takes 64 bytes of flash, where one for whole bytes takes 1,024.
pub fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = nibbles();
    let step = |crc: u32| (crc >> 4) ^ TABLE.get(crc as usize & 15).copied().unwrap_or(0);
    !bytes.iter().fold(!0, |crc, &byte| step(step(crc ^ u32::from(byte))))
}

/// The remainders of all numbers of four bits.
const fn nibbles() -> [u32; 16] {
    /// The polynomial, lowest bit first.
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let (mut crc, mut bit) = (index as u32, 0);
        while bit < 4 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_is_that_of_the_catalogue() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b""), 0);
    }
}
