//! Every rule of the format, broken once: a valid blob is edited, sealed with a new checksum, and
//! the reader has to say exactly which rule it breaks.

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod fields;
mod program;

use common::sample;
use smidge_format::write::Builder;
use smidge_format::{AlignedBuf, Blob, FormatError, checksum};
use std::collections::BTreeSet;

/// What is broken, how, and what the reader says.
type Case<T> = (&'static str, fn(&mut T), FormatError);

fn check(bytes: &[u8]) -> Result<(), FormatError> {
    Blob::check(&AlignedBuf::from(bytes)).map(drop)
}

fn get32(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn put16(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn put32(bytes: &mut [u8], at: usize, value: usize) {
    bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
}

/// Makes the checksum right again.
fn seal(bytes: &mut [u8]) {
    let covered = get32(bytes, 16).clamp(16, bytes.len());
    let sum = checksum(&bytes[16..covered]);
    put32(bytes, 12, sum as usize);
}

#[test]
fn the_sample_is_valid() {
    assert_eq!(check(&sample().finish().unwrap()), Ok(()));
}

#[test]
fn broken_fields_are_refused() {
    for (what, edit, error) in fields::CASES {
        let mut bytes = sample().finish().unwrap();
        edit(&mut bytes);
        seal(&mut bytes);
        assert_eq!(check(&bytes), Err(*error), "{what}");
    }
}

#[test]
fn broken_programs_are_refused() {
    for (what, edit, error) in program::CASES {
        let mut builder = sample();
        edit(&mut builder);
        assert_eq!(check(&builder.finish().unwrap()), Err(*error), "{what}");
    }
}

#[test]
fn unusual_programs_are_accepted() {
    for (what, edit) in program::VALID {
        let mut builder = sample();
        edit(&mut builder);
        assert_eq!(check(&builder.finish().unwrap()), Ok(()), "{what}");
    }
}

#[test]
fn a_builder_refuses_what_the_format_cannot_number() {
    let edits: [fn(&mut Builder); 3] = [
        |b| b.tensors = vec![b.tensors[0]; 8193],
        |b| b.steps = vec![b.steps[0]; 8193],
        |b| _ = b.quantization(1.0, 0, Some((0, &[1.0; 65_536]))),
    ];
    for (index, edit) in edits.iter().enumerate() {
        let mut builder = sample();
        edit(&mut builder);
        assert_eq!(builder.finish().err(), Some(FormatError::Limit), "edit {index}");
    }
}

#[test]
fn every_error_has_a_case_and_a_text() {
    let damage =
        [FormatError::Truncated { needed: 48 }, FormatError::Checksum, FormatError::Misaligned];
    let fields = fields::CASES.iter().map(|case| case.2);
    let program = program::CASES.iter().map(|case| case.2);
    let mut codes = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for error in fields.chain(program).chain(damage) {
        codes.insert(error.code());
        texts.insert(error.to_string());
    }
    assert_eq!(codes, (301..=317).collect());
    assert!(texts.len() > codes.len() && texts.iter().all(|text| text.len() > 10));
}
