//! An output in the place of an input: the same bytes as in a place of its own, or a refusal.

mod common;

use common::{Net, Random, check, run, zoo};
use smidge::format::{DType, FLAG_IN_PLACE, FormatError, Storage, Tensor};
use smidge::{CheckError, Op, OpError, ops};

/// Puts operand `input` and the output in one place, with room for the larger one.
fn share(net: &mut Net, input: usize, output: usize) {
    let offset = net.out.arena_len;
    net.out.arena_len += 1024;
    net.out.tensors[input].last = 0;
    net.out.tensors[input].offset = offset;
    net.out.tensors[output].offset = offset;
    net.out.steps[0].flags |= FLAG_IN_PLACE;
}

/// Numbers of the arena tensors: inputs, then outputs.
fn arena(net: &Net) -> Vec<usize> {
    let is_arena = |t: &Tensor| t.storage == Storage::Arena;
    (0..net.out.tensors.len()).filter(|&id| is_arena(&net.out.tensors[id])).collect()
}

/// Bytes for the inputs; small numbers for floats.
fn inputs(net: &Net, random: &mut Random) -> Vec<Vec<u8>> {
    let count = net.out.subgraphs[0].inputs as usize;
    let tensors = arena(net).into_iter().take(count).map(|id| net.out.tensors[id]);
    let fill = |t: Tensor| match t.dtype {
        DType::F32 => {
            (0..t.len / 4).flat_map(|_| (random.below(9) as f32 - 4.0).to_le_bytes()).collect()
        }
        _ => random.bytes(t.len as usize),
    };
    tensors.map(fill).collect()
}

fn refusal(net: &Net) -> Option<CheckError> {
    check(&net.bytes()).err()
}

#[test]
fn operators_work_in_place_or_refuse() {
    let mut random = Random(1);
    let mut worked = 0;
    for op in zoo::operators() {
        let name = format!("{} {}", op.code.name(), op.variant.name());
        let mut net = zoo::net(op);
        let inputs = inputs(&net, &mut random);
        let inputs: Vec<&[u8]> = inputs.iter().map(|input| &input[..]).collect();
        let expected = run(&net.bytes(), &inputs);
        let output = arena(&net)[inputs.len()];
        share(&mut net, 0, output);
        if op.in_place {
            assert_eq!(run(&net.bytes(), &inputs), expected, "{name}");
            worked += 1;
        } else {
            let error = CheckError::Op { step: 0, error: OpError::Operands };
            assert_eq!(refusal(&net), Some(error), "{name}");
        }
    }
    assert!(worked > 20, "{worked}");
}

/// `a - b` of these shapes.
fn sub(a: &[u32], b: &[u32], y: &[u32]) -> Net {
    let mut net = Net::new();
    let (a, b) = (net.arena(DType::F32, a), net.arena(DType::F32, b));
    let y = net.arena(DType::F32, y);
    let clamp = smidge::kernels::Clamp { min: -1e9, max: 1e9 };
    net.op(&ops::sub::F32, &[a, b], &[y], &ops::binary::AttrsF32 { clamp }.encode());
    net.subgraph(&[a, b], &[y]);
    net.place();
    net
}

#[test]
fn the_second_operand_gives_its_place_too() {
    let mut net = sub(&[3], &[3], &[3]);
    share(&mut net, 1, 2);
    let bytes = |values: [f32; 3]| values.map(f32::to_le_bytes).concat();
    let output = run(&net.bytes(), &[&bytes([1.0, 2.0, 3.0]), &bytes([5.0, 7.0, 11.0])]);
    assert_eq!(output, [bytes([-4.0, -5.0, -8.0])]);
}

#[test]
fn a_smaller_operand_does_not() {
    for (input, a, b) in [(0, &[3u32][..], &[2u32, 3][..]), (1, &[2, 3], &[1])] {
        let mut net = sub(a, b, &[2, 3]);
        assert_eq!(refusal(&net), None);
        share(&mut net, input, 2);
        assert_eq!(refusal(&net), Some(CheckError::Op { step: 0, error: OpError::Operands }));
    }
}

#[test]
fn a_tensor_is_updated_only_by_operators_that_can() {
    let update = |op: &Op, attrs: &[u8], flag: bool| {
        let mut net = Net::new();
        let x = net.arena(DType::F32, &[4]);
        net.op(op, &[x], &[x], attrs);
        if flag {
            net.in_place();
        }
        net.subgraph(&[x], &[x]);
        net.place();
        refusal(&net)
    };
    let overlap = CheckError::Format(FormatError::Overlap { a: 0, b: 0 });
    assert_eq!(update(&ops::relu::F32, &[], true), None);
    assert_eq!(update(&ops::relu::F32, &[], false), Some(overlap));
    let axes = ops::mean::Axes([false; 6]);
    let mean = ops::mean::AttrsF32 { axes }.encode();
    let operands = CheckError::Op { step: 0, error: OpError::Operands };
    assert_eq!(update(&ops::mean::F32, &mean, true), Some(operands));
}

#[test]
fn a_step_without_outputs_has_none_in_place() {
    let mut net = Net::new();
    let x = net.arena(DType::F32, &[4]);
    net.op(&ops::relu::F32, &[x], &[], &[]);
    net.in_place();
    net.subgraph(&[x], &[]);
    net.place();
    assert_eq!(refusal(&net), Some(CheckError::Op { step: 0, error: OpError::Operands }));
}
