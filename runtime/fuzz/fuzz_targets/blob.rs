//! Any bytes, given a right magic, version, length and checksum: `Model::check` refuses them, or the
//! model runs to its end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smidge::{Model, Progress, Session, ops};
use smidge_format::{AlignedBuf, HEADER, MAGIC, VERSION_MAJOR, checksum};

/// Larger arenas and longer programs only cost time.
const ARENA_MAX: usize = 1 << 20;
const STEPS_MAX: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() < HEADER {
        assert!(Model::check(&AlignedBuf::from(bytes), ops::ALL).is_err());
        return;
    }
    let mut blob = AlignedBuf::from(bytes);
    seal(&mut blob);
    let Ok(model) = Model::check(&blob, ops::ALL) else { return };
    if model.arena_len() > ARENA_MAX {
        return;
    }
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).expect("the arena is what the model asks");
    for _ in 0..STEPS_MAX {
        match session.step() {
            Ok(Progress::Ran { .. }) => {}
            Ok(Progress::Done) => return,
            Err(error) => panic!("a checked model failed: {error}"),
        }
    }
});

/// Makes the parts right that no mutation would hit: magic, version, lengths, checksum.
fn seal(blob: &mut [u8]) {
    let covered = blob.len() / 16 * 16;
    blob[..4].copy_from_slice(&MAGIC);
    blob[4..6].copy_from_slice(&VERSION_MAJOR.to_le_bytes());
    let total = (blob.len() as u32).to_le_bytes();
    blob[8..12].copy_from_slice(&total);
    blob[16..20].copy_from_slice(&(covered as u32).to_le_bytes());
    blob[20..22].copy_from_slice(&0u16.to_le_bytes());
    let sum = checksum(&blob[16..covered]);
    blob[12..16].copy_from_slice(&sum.to_le_bytes());
}
