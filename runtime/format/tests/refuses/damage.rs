//! Damage that knows nothing of the format: cut off, shifted, single bits flipped.

use crate::common::sample;
use crate::{check, seal};
use smidge_format::{AlignedBuf, Blob, FormatError, NONE, NameKind};
use std::hint::black_box;

#[test]
fn cut_off_anywhere_is_refused() {
    let bytes = sample().finish().unwrap();
    for len in 0..bytes.len() {
        let needed = if len < 48 { 48 } else { bytes.len() as u32 };
        let error = FormatError::Truncated { needed };
        assert_eq!(check(&bytes[..len]), Err(error), "{len} bytes");
    }
}

#[test]
fn unaligned_memory_is_refused() {
    let bytes = sample().finish().unwrap();
    for offset in 1..16 {
        let mut memory = AlignedBuf::zeroed(bytes.len() + 16);
        let moved = &mut memory[offset..offset + bytes.len()];
        moved.copy_from_slice(&bytes);
        assert_eq!(Blob::check(moved).err(), Some(FormatError::Misaligned), "{offset}");
    }
}

/// Calls `f` with the blob in which one bit is flipped, for every bit.
fn each_flip(mut f: impl FnMut(&mut AlignedBuf, usize)) {
    let mut bytes = AlignedBuf::from(&sample().finish().unwrap()[..]);
    let whole = bytes.clone();
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        f(&mut bytes, bit);
        bytes.copy_from_slice(&whole);
    }
}

#[test]
fn a_flipped_bit_is_noticed() {
    // Bytes 6 and 7 are the minor version, which is not covered: later ones are accepted.
    each_flip(|bytes, bit| {
        let accepted = Blob::check(bytes).is_ok();
        assert_eq!(accepted, (48..64).contains(&bit), "bit {bit}");
    });
}

#[test]
fn a_flipped_and_sealed_bit_is_refused_or_harmless() {
    let (mut accepted, mut refused) = (0, 0);
    each_flip(|bytes, _| {
        seal(bytes);
        match Blob::check(bytes) {
            Ok(blob) => {
                read_everything(&blob);
                accepted += 1;
            }
            Err(_) => refused += 1,
        }
    });
    assert!(accepted > 1000 && refused > 1000, "{accepted} accepted, {refused} refused");
}

/// Calls every getter with every index that the blob holds, and a few that it does not.
fn read_everything(blob: &Blob<'_>) {
    for index in (0..20).chain([NONE - 1, NONE]) {
        if let Some(tensor) = blob.tensor(index) {
            black_box((blob.constant(&tensor), tensor.encode(), tensor.shape.elements()));
        }
        if let Some(step) = blob.step(index) {
            blob.step_inputs(&step).chain(blob.step_outputs(&step)).for_each(|id| {
                assert!(id == NONE || blob.tensor(id).is_some());
            });
            black_box((blob.step_attrs(&step), step.encode()));
        }
        if let Some(subgraph) = blob.subgraph(index) {
            assert!(blob.block(subgraph.block).is_some());
            let mut interface = blob.inputs(&subgraph).chain(blob.outputs(&subgraph));
            assert!(interface.all(|id| blob.tensor(id).is_some()));
        }
        if let Some(quantization) = blob.quantization(index) {
            assert!(quantization.scales().all(|scale| scale > 0.0));
        }
        for kind in [NameKind::Tensor, NameKind::Step, NameKind::Subgraph] {
            black_box(blob.name(kind, index));
        }
    }
    black_box((blob.metadata().count(), blob.signature(), blob.bytes(), blob.header()));
}
