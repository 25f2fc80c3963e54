//! Any bytes, given a right magic, version, length and checksum: `Model::check` refuses them, or the
//! model runs to its end.

#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::hostile::{change, seal, survives};
use common::{Random, check};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use smidge::format::{AlignedBuf, HEADER};

// Larger arenas and longer programs only cost time.
const ARENA: usize = 1 << 14;
const STEPS: usize = 500;

fuzz_target!(|bytes: &[u8]| {
    let mut blob = AlignedBuf::from(bytes);
    if blob.len() < HEADER {
        assert!(check(&blob).is_err());
        return;
    }
    seal(&mut blob);
    survives(&blob, &mut Random(1), ARENA, STEPS);
});

// Half of the changes know where fields are, the others are the fuzzer's own.
fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed & 1 == 0 || size < HEADER {
        return fuzzer_mutate(bytes, size, max_size);
    }
    let mut random = Random(seed as u64);
    for _ in 0..random.below(3) + 1 {
        change(&mut bytes[..size], &mut random);
    }
    size
});
