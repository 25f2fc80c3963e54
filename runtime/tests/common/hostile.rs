//! Blobs that are wrong on purpose: how they are changed, and what they have to survive.

use super::{Random, check};
use smidge::format::{AlignedBuf, MAGIC, VERSION_MAJOR, checksum};
use smidge::{Progress, Session};

/// Numbers at which something may break.
pub const EDGES: [u32; 16] = {
    const HALF: u32 = 1 << 31;
    [0, 1, 2, 3, 16, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, HALF - 1, HALF, u32::MAX]
};

/// Makes the parts right that no change would hit: magic, version, lengths, core, checksum.
/// `blob` has at least a header's bytes.
pub fn seal(blob: &mut [u8]) {
    let len = blob.len();
    let covered = len / 16 * 16;
    let mut put = |at: usize, bytes: &[u8]| blob[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &MAGIC);
    put(4, &VERSION_MAJOR.to_le_bytes());
    put(8, &(len as u32).to_le_bytes());
    put(16, &(covered as u32).to_le_bytes());
    put(20, &[0, 0]);
    let sum = checksum(&blob[16..covered]);
    blob[12..16].copy_from_slice(&sum.to_le_bytes());
}

/// Runs every subgraph of a blob if it is accepted, at most `steps` steps of each, and says whether
/// it was. A model that needs more than `arena` bytes is checked, not run.
pub fn survives(blob: &[u8], random: &mut Random, arena: usize, steps: usize) -> bool {
    let Ok(model) = check(blob) else { return false };
    if model.arena_len() > arena {
        return true;
    }
    let mut memory = AlignedBuf::zeroed(model.arena_len());
    memory.fill_with(|| random.next() as u8);
    let mut session = Session::new(&model, &mut memory).unwrap();
    for subgraph in 0..model.blob().subgraph_count() as u16 {
        session.begin(subgraph).unwrap();
        for _ in 0..steps {
            if session.step().unwrap() == Progress::Done {
                break;
            }
        }
    }
    for index in 0..model.output_count() {
        assert!(session.output_bytes(index).is_some_and(|bytes| !bytes.is_empty()));
    }
    true
}

/// Overwrites a field of the header, the section table or some section's content.
pub fn change(blob: &mut [u8], random: &mut Random) {
    let field = |at: usize| {
        let bytes = blob.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default()) as usize
    };
    let entries = (field(24) & 0xFFFF).min(64);
    let (start, len) = match random.below(entries + 2) {
        0 => (16, 32),
        1 => (48, 16 * entries),
        section => {
            let entry = 48 + 16 * (section - 2);
            (field(entry + 4), field(entry + 8))
        }
    };
    let size = random.pick(&[1, 1, 2, 2, 4, 4, 4]);
    let Some(fields) = len.checked_sub(size) else { return };
    let at = start + random.below(fields / size + 1) * size;
    let Some(place) = blob.get_mut(at..at + size) else { return };
    let mut word = [0; 4];
    word[..size].copy_from_slice(place);
    let old = u32::from_le_bytes(word);
    let new = match random.below(4) {
        0 => random.pick(&EDGES),
        1 => old.wrapping_add(random.below(33) as u32).wrapping_sub(16),
        2 => old ^ 1 << random.below(32),
        _ => random.next() as u32,
    };
    place.copy_from_slice(&new.to_le_bytes()[..size]);
}
