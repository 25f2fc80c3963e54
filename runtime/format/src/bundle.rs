//! The bundle: a blob, inputs, and the outputs that belong to them, in one file.
//!
//! What a board has to give travels with what it is given. The blob starts at a multiple of 16, so
//! that it is executed in place where the bundle is in flash.
//!
//! | from | bytes | field |
//! |---|---|---|
//! | 0 | 4 | `SMDB` |
//! | 4 | 2 | major version, 1: a reader refuses another |
//! | 6 | 2 | minor version: a reader ignores what it does not know |
//! | 8 | 4 | length of the bundle |
//! | 12 | 4 | CRC-32 (ISO-HDLC) of the bytes from 16 on |
//! | 16 | 4 | sequences; each starts with fresh state |
//! | 20 | 4 | inferences in a sequence; 1 for a model without state |
//! | 24 | 4 | `f32`: how far outputs of floats may be from the expected ones; 0 for equal |
//! | 28 | 2 | number of records |
//! | 30 | 2 | zero |
//! | 32 | 16 each | records: kind `u16`, index `u16`, offset, length, zero `u32` |
//!
//! | kind | content |
//! |---|---|
//! | 1 | the blob; there is one |
//! | 2 | input `index` of all inferences, one behind the other, in the device's type |
//! | 3 | the expected output `index` of all inferences |
//!
//! Contents start at multiples of 16. Inputs are numbered from 0 without a gap, and so are outputs.
//! Records of other kinds are ignored.

#[cfg(feature = "write")]
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{Record, range};
use crate::header::checksum;
use crate::limits::ALIGN;

/// The first four bytes of a bundle.
pub const MAGIC: [u8; 4] = *b"SMDB";
/// Major version: another one cannot be read.
const MAJOR: u16 = 1;
const HEADER: usize = 32;
const RECORD: usize = 16;
/// Records that a bundle may have.
const MAX_RECORDS: u16 = 256;

const BLOB: u16 = 1;
const INPUT: u16 = 2;
const OUTPUT: u16 = 3;

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// Fewer bytes than the header, or than the header says.
    Truncated {
        /// Bytes that are needed.
        needed: u32,
    },
    /// The first four bytes are not `SMDB`.
    Magic,
    /// Made by a program with another major version of the format.
    Version {
        /// The bundle's major version.
        major: u16,
    },
    /// The checksum does not match: the bytes were damaged on the way.
    Checksum,
    /// A number in the header or a record is wrong.
    Record {
        /// The record's number; 0xFFFF is the header.
        index: u16,
    },
    /// There is no blob.
    NoBlob,
}

impl BundleError {
    /// Stable number of this kind of error, shown as `E0381` and on.
    pub const fn code(self) -> u16 {
        match self {
            Self::Truncated { .. } => 381,
            Self::Magic => 382,
            Self::Version { .. } => 383,
            Self::Checksum => 384,
            Self::Record { .. } => 385,
            Self::NoBlob => 386,
        }
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed } => {
                write!(f, "the bundle is cut off: {needed} bytes are needed")
            }
            Self::Magic => f.write_str("this is no bundle"),
            Self::Version { major } => {
                write!(f, "the bundle has version {major} of its format, {MAJOR} can be read")
            }
            Self::Checksum => f.write_str("the bundle is damaged: its checksum does not match"),
            Self::Record { index: 0xFFFF } => f.write_str("the bundle's header is wrong"),
            Self::Record { index } => write!(f, "record {index} of the bundle is wrong"),
            Self::NoBlob => f.write_str("the bundle has no model"),
        }
    }
}

impl core::error::Error for BundleError {}

/// A bundle whose bytes were checked. What is in the blob was not.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'m> {
    bytes: &'m [u8],
    blob: &'m [u8],
    sequences: u32,
    steps: u32,
    tolerance: f32,
    records: u16,
}

impl<'m> Bundle<'m> {
    /// Checks lengths, version, checksum and records. The bytes may be longer than the bundle.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(bytes: &'m [u8]) -> Result<Self, BundleError> {
        let truncated = |needed: usize| BundleError::Truncated { needed: needed as u32 };
        let header = Record::<HEADER>::at(bytes, 0).ok_or(truncated(HEADER))?;
        if bytes.first_chunk() != Some(&MAGIC) {
            return Err(BundleError::Magic);
        }
        if header.u16(4) != MAJOR {
            return Err(BundleError::Version { major: header.u16(4) });
        }
        let len = header.u32(8) as usize;
        let bytes = bytes.get(..len).ok_or(truncated(len))?;
        let bad = BundleError::Record { index: 0xFFFF };
        if checksum(bytes.get(16..).ok_or(bad)?) != header.u32(12) {
            return Err(BundleError::Checksum);
        }
        let mut bundle = Self {
            bytes,
            blob: &[],
            sequences: header.u32(16),
            steps: header.u32(20),
            tolerance: f32::from_bits(header.u32(24)),
            records: header.u16(28),
        };
        let table_end = HEADER + bundle.records as usize * RECORD;
        let count = bundle.sequences.checked_mul(bundle.steps);
        let is_tolerance = bundle.tolerance >= 0.0 && bundle.tolerance.is_finite();
        if bundle.records > MAX_RECORDS || table_end > len || count.is_none() || !is_tolerance {
            return Err(bad);
        }
        bundle.check_records(table_end)?;
        Ok(bundle)
    }

    fn check_records(&mut self, table_end: usize) -> Result<(), BundleError> {
        let (mut blobs, mut inputs, mut outputs) = (0, 0, 0);
        for index in 0..self.records {
            let bad = BundleError::Record { index };
            let (kind, number, content) = self.record(index).ok_or(bad)?;
            let offset = content.as_ptr().addr().wrapping_sub(self.bytes.as_ptr().addr());
            let next = match kind {
                BLOB => {
                    self.blob = content;
                    &mut blobs
                }
                INPUT => &mut inputs,
                OUTPUT => &mut outputs,
                _ => continue,
            };
            let is_whole = kind == BLOB
                || (content.len() as u32).checked_rem(self.count()).is_none_or(|rest| rest == 0);
            if number != *next || offset % ALIGN != 0 || offset < table_end || !is_whole {
                return Err(bad);
            }
            *next += 1;
            if blobs > 1 {
                return Err(bad);
            }
        }
        if blobs == 1 { Ok(()) } else { Err(BundleError::NoBlob) }
    }

    /// Kind, number and content of a record.
    fn record(&self, index: u16) -> Option<(u16, u16, &'m [u8])> {
        let record = Record::<RECORD>::at(self.bytes, HEADER + index as usize * RECORD)?;
        let content = range(self.bytes, record.u32(4) as usize, record.u32(8) as usize)?;
        Some((record.u16(0), record.u16(2), content))
    }

    fn find(&self, kind: u16, number: u16) -> Option<&'m [u8]> {
        let mut records = (0..self.records).filter_map(|index| self.record(index));
        records.find(|record| (record.0, record.1) == (kind, number)).map(|record| record.2)
    }

    /// The bytes of the blob, which are not checked.
    pub fn blob(&self) -> &'m [u8] {
        self.blob
    }

    /// Number of inferences.
    pub fn count(&self) -> u32 {
        self.sequences.wrapping_mul(self.steps)
    }

    /// Sequences, and inferences in each.
    pub fn sequences(&self) -> [u32; 2] {
        [self.sequences, self.steps]
    }

    /// How far outputs of floats may be from the expected ones.
    pub fn tolerance(&self) -> f32 {
        self.tolerance
    }

    /// Number of inputs.
    pub fn inputs(&self) -> u16 {
        self.numbers(INPUT)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> u16 {
        self.numbers(OUTPUT)
    }

    fn numbers(&self, kind: u16) -> u16 {
        let records = (0..self.records).filter_map(|index| self.record(index));
        records.filter(|record| record.0 == kind).count() as u16
    }

    /// The bytes of an input of an inference.
    pub fn input(&self, inference: u32, index: u16) -> Option<&'m [u8]> {
        self.part(INPUT, inference, index)
    }

    /// The bytes that an output of an inference has to have.
    pub fn output(&self, inference: u32, index: u16) -> Option<&'m [u8]> {
        self.part(OUTPUT, inference, index)
    }

    fn part(&self, kind: u16, inference: u32, index: u16) -> Option<&'m [u8]> {
        let all = self.find(kind, index)?;
        let len = all.len().checked_div(self.count() as usize)?;
        range(all, (inference as usize).checked_mul(len)?, len)
    }
}

/// What is written to a bundle.
#[cfg(feature = "write")]
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The blob.
    pub blob: Vec<u8>,
    /// Sequences, and inferences in each.
    pub sequences: [u32; 2],
    /// How far outputs of floats may be from the expected ones.
    pub tolerance: f32,
    /// Each input of all inferences.
    pub inputs: Vec<Vec<u8>>,
    /// Each output of all inferences.
    pub outputs: Vec<Vec<u8>>,
}

#[cfg(feature = "write")]
impl Contents {
    /// The bytes of the bundle.
    ///
    /// # Errors
    /// What [`Bundle::check`] would say about them.
    pub fn encode(&self) -> Result<Vec<u8>, BundleError> {
        let blob = [(BLOB, 0, &self.blob)].into_iter();
        let inputs = self.inputs.iter().zip(0..).map(|(bytes, number)| (INPUT, number, bytes));
        let outputs = self.outputs.iter().zip(0..).map(|(bytes, number)| (OUTPUT, number, bytes));
        let parts: Vec<(u16, u16, &Vec<u8>)> = blob.chain(inputs).chain(outputs).collect();
        let mut bytes = alloc::vec![0; HEADER];
        let mut contents = Vec::new();
        let start = (HEADER + parts.len() * RECORD).next_multiple_of(ALIGN);
        for &(kind, number, content) in &parts {
            let offset = start + contents.len();
            bytes.extend([kind.to_le_bytes(), number.to_le_bytes()].concat());
            bytes.extend([offset as u32, content.len() as u32, 0].map(u32::to_le_bytes).concat());
            contents.extend_from_slice(content);
            contents.resize(contents.len().next_multiple_of(ALIGN), 0);
        }
        bytes.resize(start, 0);
        bytes.extend(contents);
        let [sequences, steps] = self.sequences;
        let numbers = [sequences, steps, self.tolerance.to_bits(), parts.len() as u32];
        let fields = numbers.map(u32::to_le_bytes).concat();
        bytes.splice(16..32, fields);
        let sum = checksum(bytes.get(16..).unwrap_or_default());
        let version = u32::from(MAJOR).to_le_bytes();
        let len = (bytes.len() as u32).to_le_bytes();
        bytes.splice(0..16, [MAGIC, version, len, sum.to_le_bytes()].concat());
        Bundle::check(&bytes)?;
        Ok(bytes)
    }
}

#[cfg(all(test, feature = "write"))]
mod tests {
    use super::*;
    use alloc::vec;

    fn contents() -> Contents {
        Contents {
            blob: vec![7; 50],
            sequences: [3, 2],
            tolerance: 0.0,
            inputs: vec![(0..24).collect(), vec![1; 6]],
            outputs: vec![(100..112).collect()],
        }
    }

    fn seal(bytes: &mut [u8]) {
        let sum = checksum(&bytes[16..]);
        bytes[12..16].copy_from_slice(&sum.to_le_bytes());
    }

    #[test]
    fn what_is_written_is_read_and_the_blob_is_aligned() {
        let mut bytes = contents().encode().unwrap();
        bytes.extend([0xFF; 9]);
        let bundle = Bundle::check(&bytes).unwrap();
        assert_eq!((bundle.blob(), bundle.sequences()), (&[7; 50][..], [3, 2]));
        assert_eq!((bundle.inputs(), bundle.outputs(), bundle.count()), (2, 1, 6));
        assert_eq!(bundle.input(5, 0), Some(&[20, 21, 22, 23][..]));
        assert_eq!(bundle.input(5, 1), Some(&[1][..]));
        assert_eq!(bundle.output(1, 0), Some(&[102, 103][..]));
        assert_eq!(
            (bundle.input(6, 0), bundle.input(0, 2), bundle.output(0, 1)),
            (None, None, None)
        );
        let offset = bundle.blob().as_ptr().addr() - bytes.as_ptr().addr();
        assert_eq!(offset % ALIGN, 0);
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let bytes = contents().encode().unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            // The minor version may be any.
            assert_eq!(Bundle::check(&damaged).is_ok(), (6..8).contains(&at), "byte {at}");
            assert!(Bundle::check(&bytes[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn lies_with_a_right_checksum_are_refused() {
        let bytes = contents().encode().unwrap();
        let code = |at: usize, value: &[u8]| {
            let mut lie = bytes.clone();
            lie[at..at + value.len()].copy_from_slice(value);
            seal(&mut lie);
            Bundle::check(&lie).unwrap_err().code()
        };
        assert_eq!(code(4, &[2]), 383);
        assert_eq!(code(0, b"SMDG"), 382);
        assert_eq!(code(16, &u32::MAX.to_le_bytes()), 385);
        assert_eq!(code(16, &[5, 0, 0, 0]), 385, "the inputs are no multiple of ten");
        assert_eq!(code(24, &f32::NAN.to_le_bytes()), 385);
        assert_eq!(code(28, &[0xFF, 0xFF]), 385);
        assert_eq!(code(28, &[0, 0]), 386);
        // The first record: kind, number, offset, length.
        assert_eq!(code(32, &[9]), 386);
        assert_eq!(code(32, &[2]), 385, "50 bytes are no six inputs");
        assert_eq!(code(34, &[1]), 385);
        assert_eq!(code(36, &[8]), 385);
        assert_eq!(code(36, &[0]), 385, "inside the header");
        assert_eq!(code(40, &u32::MAX.to_le_bytes()), 385);
        assert_eq!(code(48, &[1]), 385, "a second blob");
        assert_eq!(code(66, &[3]), 385, "inputs with a gap");
    }

    #[test]
    fn no_bytes_make_the_reader_panic() {
        let bytes = contents().encode().unwrap();
        let mut state = 1u32;
        for _ in 0..20_000 {
            let mut lie = bytes.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = 16 + (state >> 8) as usize % 80;
                lie[at] = state as u8;
            }
            seal(&mut lie);
            if let Ok(bundle) = Bundle::check(&lie) {
                let _ = (bundle.input(u32::MAX, 0), bundle.output(1, u16::MAX), bundle.blob());
            }
        }
    }
}
