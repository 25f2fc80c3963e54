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
    add32(bytes, entry(section) + 8, -1);
    add32(bytes, entry(section) + 12, -1);
}

fn add32(bytes: &mut [u8], at: usize, difference: isize) {
    put32(bytes, at, get32(bytes, at).wrapping_add_signed(difference));
}

fn set_kind(bytes: &mut [u8], section: usize, kind: u16) {
    put16(bytes, entry(section), kind);
}

/// Overwrites bytes of a section's content.
fn patch(bytes: &mut [u8], section: usize, at: usize, content: &[u8]) {
    let at = start(bytes, section) + at;
    bytes[at..at + content.len()].copy_from_slice(content);
}

/// Overwrites the last bytes of a section's content.
fn patch_end(bytes: &mut [u8], section: usize, content: &[u8]) {
    let len = get32(bytes, entry(section) + 8);
    patch(bytes, section, len - content.len(), content);
}

pub const CASES: &[Case<Vec<u8>>] = &[
    ("magic", |b| b[0] = b'X', Magic),
    ("major version", |b| b[4] = 2, Version { major: 2, minor: 0 }),
    ("unknown core", |b| put16(b, 20, 13), HEADER),
    ("longer than a blob may be", |b| put32(b, 8, 0x7FFF_0001), Limit),
    ("arena larger than it may be", |b| put32(b, 28, 0x7FFF_0010), Limit),
    ("more sections than there may be", |b| put16(b, 24, 65), Limit),
    ("section table not covered", |b| put32(b, 16, 64), HEADER),
    (
        "more covered than the blob",
        |b| {
            add32(b, 16, 16);
            b.extend([0; 16]);
        },
        HEADER,
    ),
    ("covered length unaligned", |b| add32(b, 16, -8), HEADER),
    ("more state than arena", |b| put32(b, 32, 144), HEADER),
    ("arena unaligned", |b| put32(b, 28, 120), HEADER),
    ("state unaligned", |b| put32(b, 32, 24), HEADER),
    ("section outside", |b| put32(b, entry(TENSORS) + 4, 0xFFFF_FFF0), Section { index: 0 }),
    ("section too long", |b| put32(b, entry(METADATA) + 8, 9999), Section { index: 9 }),
    ("section unaligned", |b| add32(b, entry(ATTRS) + 4, 8), Section { index: 3 }),
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
    ("element type 0", |b| patch(b, TENSORS, 0, &[0]), Tensor { index: 0 }),
    ("element type 9", |b| patch(b, TENSORS, 0, &[9]), Tensor { index: 0 }),
    ("seven dimensions", |b| patch(b, TENSORS, 1, &[7]), Tensor { index: 0 }),
    ("unknown storage", |b| patch(b, TENSORS, 2, &[3]), Tensor { index: 0 }),
    ("unknown flow", |b| patch(b, STEPS, 4, &[3]), Step { index: 0 }),
    // The second quantization record has channels.
    ("channels too many", |b| patch(b, QUANTIZATION, 26, &[4]), Quantization { index: 1 }),
    ("channels elsewhere", |b| patch(b, QUANTIZATION, 28, &[0xFF; 4]), Quantization { index: 1 }),
    ("channel of scale 0", |b| patch_end(b, QUANTIZATION, &[0; 4]), Quantization { index: 1 }),
    ("name cut off", |b| cut(b, NAMES), Text),
    ("name too long", |b| patch(b, NAMES, 4, &[0xFF; 2]), Text),
    ("name not UTF-8", |b| patch(b, NAMES, 6, &[0xFF]), Text),
    ("metadata cut off", |b| cut(b, METADATA), Text),
    ("metadata value too long", |b| patch(b, METADATA, 4, &[0xFF; 4]), Text),
    ("metadata key not UTF-8", |b| patch(b, METADATA, 8, &[0xFF]), Text),
    ("metadata value not UTF-8", |b| patch_end(b, METADATA, &[0xFF]), Text),
];
