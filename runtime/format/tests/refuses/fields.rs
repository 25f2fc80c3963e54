//! Rules of header, section table and records, broken in the bytes.

use crate::{Case, get32, put16, put32};
use smidge_format::FormatError::{self, *};

const HEADER: FormatError = Section { index: 0xFFFF };

// Positions in the section table of a written blob.
const TENSORS: usize = 0;
const STEPS: usize = 1;
const ATTRS: usize = 3;
const BLOCKS: usize = 4;
const SUBGRAPHS: usize = 5;
const DATA: usize = 6;
const QUANTIZATION: usize = 7;
const NAMES: usize = 8;
const METADATA: usize = 9;

/// The section table's entry.
fn entry(section: usize) -> usize {
    48 + 16 * section
}

/// Where a section's content starts.
fn start(bytes: &[u8], section: usize) -> usize {
    get32(bytes, entry(section) + 4)
}

fn end(bytes: &[u8], section: usize) -> usize {
    start(bytes, section) + get32(bytes, entry(section) + 8)
}

/// Moves a section to the end of the blob, as `len` zero bytes.
fn grow(bytes: &mut Vec<u8>, section: usize, len: usize) {
    let start = bytes.len();
    bytes.resize((start + len).next_multiple_of(16), 0);
    let total = bytes.len();
    for (at, value) in [(8, total), (16, total)] {
        put32(bytes, at, value);
    }
    for (field, value) in [(4, start), (8, len), (12, len)] {
        put32(bytes, entry(section) + field, value);
    }
}

/// Makes a section one byte shorter.
fn cut(bytes: &mut [u8], section: usize) {
    let len = get32(bytes, entry(section) + 8) - 1;
    put32(bytes, entry(section) + 8, len);
    put32(bytes, entry(section) + 12, len);
}

fn set_kind(bytes: &mut [u8], section: usize, kind: u16) {
    put16(bytes, entry(section), kind);
}

fn set_tensor(bytes: &mut [u8], field: usize, value: u8) {
    let at = start(bytes, TENSORS) + field;
    bytes[at] = value;
}

/// Fields of the second quantization record, which has channels.
fn channels(bytes: &[u8]) -> usize {
    start(bytes, QUANTIZATION) + 16
}

pub const CASES: &[Case<Vec<u8>>] = &[
    ("magic", |b| b[0] = b'X', Magic),
    ("major version", |b| b[4] = 2, Version { major: 2, minor: 0 }),
    ("unknown core", |b| put16(b, 20, 12), HEADER),
    ("longer than a blob may be", |b| put32(b, 8, 0x7FFF_0001), Limit),
    ("arena larger than it may be", |b| put32(b, 28, 0x7FFF_0010), Limit),
    ("more sections than there may be", |b| put16(b, 24, 65), Limit),
    ("section table not covered", |b| put32(b, 16, 64), HEADER),
    ("more covered than there is", |b| put32(b, 16, b.len() + 16), HEADER),
    ("covered length unaligned", |b| put32(b, 16, b.len() - 8), HEADER),
    ("more state than arena", |b| put32(b, 32, 144), HEADER),
    ("arena unaligned", |b| put32(b, 28, 120), HEADER),
    ("state unaligned", |b| put32(b, 32, 24), HEADER),
    ("section outside", |b| put32(b, entry(TENSORS) + 4, 0xFFFF_FFF0), Section { index: 0 }),
    ("section too long", |b| put32(b, entry(METADATA) + 8, 9999), Section { index: 9 }),
    ("section unaligned", |b| put32(b, entry(ATTRS) + 4, b.len() - 40), Section { index: 3 }),
    ("section in the table", |b| put32(b, entry(ATTRS) + 4, 48), Section { index: 3 }),
    ("section compressed", |b| put16(b, entry(DATA) + 2, 5), Codec { codec: 5 }),
    ("section not its length", |b| put32(b, entry(DATA) + 12, 1), Section { index: 6 }),
    ("section twice", |b| set_kind(b, METADATA, 9), Section { index: 9 }),
    ("five data sections", |b| (5..10).for_each(|i| set_kind(b, i, 7)), Limit),
    ("no tensors", |b| set_kind(b, 0, 99), SectionMissing { kind: 1 }),
    ("no steps", |b| set_kind(b, 1, 99), SectionMissing { kind: 2 }),
    ("no operands", |b| set_kind(b, 2, 99), SectionMissing { kind: 3 }),
    ("no attributes", |b| set_kind(b, 3, 99), SectionMissing { kind: 4 }),
    ("no blocks", |b| set_kind(b, 4, 99), SectionMissing { kind: 5 }),
    ("no subgraphs", |b| set_kind(b, 5, 99), SectionMissing { kind: 6 }),
    ("constants of no section", |b| set_kind(b, DATA, 99), Tensor { index: 1 }),
    ("8193 tensors", |b| grow(b, TENSORS, 8193 * 48), Limit),
    ("8193 steps", |b| grow(b, STEPS, 8193 * 32), Limit),
    ("1025 blocks", |b| grow(b, BLOCKS, 1025 * 4), Limit),
    ("65 subgraphs", |b| grow(b, SUBGRAPHS, 65 * 12), Limit),
    ("element type 0", |b| set_tensor(b, 0, 0), Tensor { index: 0 }),
    ("element type 9", |b| set_tensor(b, 0, 9), Tensor { index: 0 }),
    ("seven dimensions", |b| set_tensor(b, 1, 7), Tensor { index: 0 }),
    ("unknown storage", |b| set_tensor(b, 2, 3), Tensor { index: 0 }),
    (
        "unknown flow",
        |b| {
            let at = start(b, STEPS) + 4;
            b[at] = 3;
        },
        Step { index: 0 },
    ),
    ("channels past the section", |b| put16(b, channels(b) + 10, 4), Quantization { index: 1 }),
    ("channels elsewhere", |b| put32(b, channels(b) + 12, 0xFFFF_FFFC), Quantization { index: 1 }),
    (
        "channel with scale 0",
        |b| {
            let last = end(b, QUANTIZATION) - 4;
            put32(b, last, 0);
        },
        Quantization { index: 1 },
    ),
    ("name cut off", |b| cut(b, NAMES), Text),
    (
        "name too long",
        |b| {
            let at = start(b, NAMES) + 4;
            put16(b, at, 0xFFFF);
        },
        Text,
    ),
    (
        "name not UTF-8",
        |b| {
            let at = start(b, NAMES) + 6;
            b[at] = 0xFF;
        },
        Text,
    ),
    ("metadata cut off", |b| cut(b, METADATA), Text),
    (
        "metadata value too long",
        |b| {
            let at = start(b, METADATA) + 4;
            put32(b, at, 0xFFFF_FFFF);
        },
        Text,
    ),
    (
        "metadata key not UTF-8",
        |b| {
            let at = start(b, METADATA) + 8;
            b[at] = 0xFF;
        },
        Text,
    ),
    (
        "metadata value not UTF-8",
        |b| {
            let last = end(b, METADATA) - 1;
            b[last] = 0xFF;
        },
        Text,
    ),
];
