//! Hostile blobs: valid ones of every operator are changed at random, sealed again, and have to be
//! refused or to run to the end. Overflow checks are on in tests, so that wrapped arithmetic which
//! nobody meant is found too.

mod common;

use common::{Net, Random, check, zoo};
use smidge::format::{AlignedBuf, DType, FLAG_IN_PLACE, Shape, checksum};
use smidge::{Progress, Session, ops};

/// Changed blobs for each valid one.
const ROUNDS: u64 = 3000;
/// Models that need more memory are checked, not run.
const ARENA_MAX: usize = 1 << 18;
/// Steps that a call may take here; loops may be longer.
const STEPS_MAX: usize = 5000;

/// Numbers at which something may break.
const EDGES: [u32; 20] = [
    0,
    1,
    2,
    3,
    15,
    16,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_0000,
    0xFFFF_FFF0,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
];
const DTYPES: [DType; 8] =
    [DType::I8, DType::U8, DType::I16, DType::I32, DType::I64, DType::F32, DType::F16, DType::Bool];

/// Says which case it was when a test panics.
struct Case(String, u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} in round {}", self.0, self.1);
        }
    }
}

fn blobs() -> Vec<(String, Net)> {
    let of_op =
        |op: &smidge::Op| (format!("{} {}", op.code.name(), op.variant.name()), zoo::net(op));
    ops::ALL.iter().map(of_op).chain([("control flow".into(), zoo::flow())]).collect()
}

fn seal(blob: &mut [u8]) {
    let sum = checksum(&blob[16..]);
    blob[12..16].copy_from_slice(&sum.to_le_bytes());
}

/// Runs every subgraph if the blob is accepted; says whether it was.
fn survives(blob: &[u8], random: &mut Random) -> bool {
    let Ok(model) = check(blob) else { return false };
    if model.arena_len() > ARENA_MAX {
        return true;
    }
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    arena.fill_with(|| random.next() as u8);
    let mut session = Session::new(&model, &mut arena).unwrap();
    for subgraph in 0..model.blob().subgraph_count() as u16 {
        session.begin(subgraph).unwrap();
        for _ in 0..STEPS_MAX {
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

/// Overwrites a field of some section.
fn change_bytes(blob: &mut [u8], random: &mut Random) {
    let field = |at: usize| {
        let bytes = blob.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_le_bytes(bytes.unwrap_or_default()) as usize
    };
    let entries = u16::from_le_bytes([blob[24], blob[25]]) as usize;
    // The header, the section table, or a section's content.
    let (start, len) = match random.below(entries + 2) {
        0 => (16, 32),
        1 => (48, 16 * entries),
        section => {
            let entry = 48 + 16 * (section - 2);
            (field(entry + 4), field(entry + 8))
        }
    };
    let size = random.pick(&[1, 1, 2, 2, 4, 4, 4]);
    let Some(fields) = len.checked_sub(size).filter(|_| len > 0) else { return };
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

/// Changes shapes and types so that lengths and places stay right: only operators can object.
fn change_tensors(net: &mut Net, random: &mut Random) {
    for _ in 0..random.below(3) + 1 {
        let id = random.below(net.out.tensors.len());
        let tensor = &mut net.out.tensors[id];
        let mut dims = tensor.shape.dims().to_vec();
        match random.below(6) {
            0 => dims.insert(random.below(dims.len() + 1), 1),
            1 => drop(dims.pop()),
            2 => tensor.dtype = random.pick(&DTYPES),
            3 => dims.reverse(),
            _ if dims.is_empty() => {}
            4 => *random.pick_mut(&mut dims) = random.pick(&EDGES),
            _ => *random.pick_mut(&mut dims) = random.below(9) as u32,
        }
        let Some(shape) = Shape::new(&dims) else { continue };
        tensor.shape = shape;
        tensor.len = shape.elements().wrapping_mul(tensor.dtype.size()) as u32;
    }
    if random.below(4) == 0 {
        net.out.steps[0].flags ^= FLAG_IN_PLACE;
    }
    net.place();
}

#[test]
fn changed_bytes_are_refused_or_run() {
    let mut accepted = 0;
    for (name, net) in blobs() {
        let valid = net.bytes();
        let mut case = Case(name, 0);
        assert!(survives(&valid, &mut Random(1)));
        for round in 0..ROUNDS {
            case.1 = round;
            let mut random = Random(round + 1);
            let mut blob = valid.clone();
            for _ in 0..random.below(3) + 1 {
                change_bytes(&mut blob, &mut random);
            }
            seal(&mut blob);
            accepted += survives(&blob, &mut random) as usize;
        }
    }
    assert!(accepted > 10_000, "only {accepted} were run");
}

#[test]
fn changed_shapes_are_refused_or_run() {
    let mut accepted = 0;
    for (name, net) in blobs() {
        let mut case = Case(name, 0);
        for round in 0..ROUNDS {
            case.1 = round;
            let mut random = Random(round + 1);
            let mut net = net.clone();
            change_tensors(&mut net, &mut random);
            let mut blob = net.bytes();
            if random.below(2) == 0 {
                change_bytes(&mut blob, &mut random);
                seal(&mut blob);
            }
            accepted += survives(&blob, &mut random) as usize;
        }
    }
    assert!(accepted > 5_000, "only {accepted} were run");
}
