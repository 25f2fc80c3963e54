//! Hostile blobs: valid ones of every operator are changed at random, sealed again, and have to be
//! refused or to run to the end. Overflow checks are on in tests, so that wrapped arithmetic which
//! nobody meant is found too.

mod common;

use common::hostile::{EDGES, change, seal};
use common::{Net, Random, hostile, zoo};
use smidge::format::{DType, FLAG_IN_PLACE, Shape};

/// Changed blobs for each valid one.
const ROUNDS: u64 = 3000;

const DTYPES: [DType; 9] = [
    DType::I8,
    DType::U8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::F32,
    DType::F16,
    DType::Bool,
    DType::I4,
];

/// Says which case it was when a test panics.
struct Case(String, u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} in round {}", self.0, self.1);
        }
    }
}

fn survives(blob: &[u8], random: &mut Random) -> bool {
    hostile::survives(blob, random, 1 << 18, 5000)
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
        tensor.len = tensor.dtype.len_bytes(shape.elements()).unwrap_or(0) as u32;
    }
    if random.below(4) == 0 {
        net.out.steps[0].flags ^= FLAG_IN_PLACE;
    }
    net.place();
}

#[test]
fn changed_bytes_are_refused_or_run() {
    let mut accepted = 0;
    for (name, net) in zoo::all() {
        let valid = net.bytes();
        let mut case = Case(name, 0);
        assert!(survives(&valid, &mut Random(1)));
        for round in 0..ROUNDS {
            case.1 = round;
            let mut random = Random(round + 1);
            let mut blob = valid.clone();
            for _ in 0..random.below(3) + 1 {
                change(&mut blob, &mut random);
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
    for (name, net) in zoo::all() {
        let mut case = Case(name, 0);
        for round in 0..ROUNDS {
            case.1 = round;
            let mut random = Random(round + 1);
            let mut net = net.clone();
            change_tensors(&mut net, &mut random);
            let mut blob = net.bytes();
            if random.below(2) == 0 {
                change(&mut blob, &mut random);
                seal(&mut blob);
            }
            accepted += survives(&blob, &mut random) as usize;
        }
    }
    assert!(accepted > 5_000, "only {accepted} were run");
}
