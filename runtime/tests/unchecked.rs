//! Bytes that nobody checked, in a model that believes them: calls fail or give numbers, and write
//! nowhere but in the arena.

mod common;

use common::Random;
use common::hostile::EDGES;
use smidge::format::{AlignedBuf, HEADER};
use smidge::{Model, Op, Progress, Session, ops};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Changed blobs for each valid one.
const ROUNDS: u64 = 1500;
/// Bytes on both sides of the arena, and what they hold.
const GUARD: usize = 256;
const PATTERN: u8 = 0xA5;
/// Most elements of a tensor: larger ones only cost time.
const MOST: usize = 1 << 12;
/// Steps after which a program is long enough.
const STEPS: usize = 500;

/// Operators whose work is bounded by the sizes of their tensors, whatever their attributes say. Others
/// may run for hours with such bytes, and no longer.
static OPS: &[Op] = &[
    ops::conv_2d::S8_PACKED,
    ops::depthwise_conv_2d::S8_PACKED,
    ops::fully_connected::S8_PACKED,
    ops::fully_connected::S8,
    ops::fully_connected::S16,
    ops::fully_connected::S4,
    ops::fully_connected::F32,
    ops::add::S8,
    ops::add::S8_LINEAR,
    ops::add::S16,
    ops::mul::S8,
    ops::mul::F32,
    ops::prelu::S8,
    ops::logistic::S8,
    ops::tanh::S16,
    ops::relu::S16,
    ops::quantize::S8,
    ops::quantize::F32_S8,
    ops::dequantize::F32_S8,
    ops::reshape::ANY,
    ops::softmax::S8,
    ops::softmax::F32,
];

/// Overwrites a field behind the header.
fn change(blob: &mut [u8], random: &mut Random) {
    let size = random.pick(&[1, 1, 2, 4]);
    let at = HEADER + random.below(blob.len() - HEADER - size) / size * size;
    let value = match random.below(3) {
        0 => random.pick(&EDGES),
        1 => random.below(40) as u32,
        _ => 1 << random.below(32),
    };
    blob[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
}

/// Runs every subgraph; how many steps gave numbers.
fn run(model: &Model<'_>, arena: &mut [u8]) -> usize {
    let Ok(mut session) = Session::new(model, arena) else { return 0 };
    let mut ran = 0;
    for subgraph in 0..model.blob().subgraph_count() as u16 {
        if session.begin(subgraph).is_err() {
            continue;
        }
        while ran < STEPS && matches!(session.step(), Ok(Progress::Ran { .. })) {
            ran += 1;
        }
    }
    for index in 0..3 {
        let _ = (session.input_mut::<i8>(index).is_ok(), session.output::<f32>(index).is_ok());
        let tensor = model.output(index).and_then(|tensor| model.quantization(&tensor));
        let _ = tensor.map(|quantization| quantization.scales().count());
    }
    ran
}

fn is_small(model: &Model<'_>) -> bool {
    let blob = model.blob();
    let mut shapes = (0..blob.tensor_count() as u16).filter_map(|id| blob.shape(id));
    let each = |n: &u32| *n as usize <= MOST;
    shapes.all(|shape| shape.elements() <= MOST && shape.dims().iter().all(each))
        && model.arena_len() < 1 << 20
}

#[test]
fn unchecked_bytes_fail_or_give_numbers() {
    // Arithmetic that overflows ends a test; on devices it wraps, and is as wrong as its operands.
    std::panic::set_hook(Box::new(|_| ()));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/blob");
    let (mut ran, mut overflows) = (0, 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let valid = AlignedBuf::from(&std::fs::read(&path).unwrap()[..]);
        for round in 0..ROUNDS {
            let mut random = Random(round + 1);
            let mut blob = valid.clone();
            for _ in 0..random.below(3) + 1 {
                change(&mut blob, &mut random);
            }
            let Ok(model) = Model::prechecked(&blob, OPS) else { continue };
            if !is_small(&model) {
                continue;
            }
            let end = GUARD + model.arena_len();
            let mut memory = AlignedBuf::zeroed(end + GUARD);
            memory.fill_with(|| PATTERN);
            match catch_unwind(AssertUnwindSafe(|| run(&model, &mut memory[GUARD..end]))) {
                Ok(steps) => ran += steps,
                Err(panic) => {
                    let text = panic.downcast_ref::<String>().cloned();
                    let text = text.or(panic.downcast_ref::<&str>().map(|text| text.to_string()));
                    let text = text.unwrap_or_default();
                    let case = format!("{} in round {round}: {text}", path.display());
                    if !text.contains("overflow") {
                        let _ = std::panic::take_hook();
                        panic!("{case}");
                    }
                    overflows += 1;
                }
            }
            let guards = memory[..GUARD].iter().chain(&memory[end..]);
            assert!(guards.copied().all(|byte| byte == PATTERN), "{} {round}", path.display());
        }
    }
    let _ = std::panic::take_hook();
    println!("{ran} steps gave numbers, {overflows} calls overflowed");
    assert!(ran > 10_000 && overflows < ran / 20);
}
