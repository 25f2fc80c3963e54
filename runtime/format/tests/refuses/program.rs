//! Rules of tensors, steps, blocks and the memory plan, broken in the builder.

use crate::Case;
use crate::common::{calls, step, tensor};
use smidge_format::FormatError::{Block as BadBlock, Step as BadStep, Tensor as BadTensor, *};
use smidge_format::write::Builder;
use smidge_format::{Block, DType, FLAG_IN_PLACE, Flow, NONE, Shape, Storage};

/// Gives a step other operands.
fn operands(b: &mut Builder, at: usize, inputs: &[u16], outputs: &[u16]) {
    b.steps[at].operands = b.operands(inputs.iter().chain(outputs).copied());
    (b.steps[at].inputs, b.steps[at].outputs) = (inputs.len() as u8, outputs.len() as u8);
}

/// Gives a step other attributes.
fn attrs(b: &mut Builder, at: usize, bytes: &[u8]) {
    b.steps[at].attrs = b.attrs(bytes);
    b.steps[at].attrs_len = bytes.len() as u16;
}

/// Gives a subgraph other inputs and outputs.
fn interface(b: &mut Builder, at: usize, inputs: &[u16], outputs: &[u16]) {
    b.subgraphs[at].operands = b.operands(inputs.iter().chain(outputs).copied());
    let counts = (inputs.len() as u16, outputs.len() as u16);
    (b.subgraphs[at].inputs, b.subgraphs[at].outputs) = counts;
}

fn resize(b: &mut Builder, id: usize, dims: &[u32]) {
    b.tensors[id].shape = Shape::new(dims).unwrap();
    b.tensors[id].len = b.tensors[id].shape.elements() as u32;
}

/// Adds an arena tensor of one byte and returns its number.
fn arena_byte(b: &mut Builder, offset: u32, dtype: DType, lives: (u16, u16)) -> u16 {
    b.tensors.push(tensor(Storage::Arena, &[], offset, lives));
    b.tensors.last_mut().unwrap().dtype = dtype;
    b.tensors.len() as u16 - 1
}

fn block(b: &mut Builder, index: usize, start: u16, end: u16) {
    b.blocks[index] = Block { start, end };
}

/// A program of loops around one step.
fn nest(b: &mut Builder, depth: u16, max_trips: u32) {
    b.tensors.truncate(5);
    b.tensors.remove(0);
    b.tensors[2].origin = 0;
    b.steps.clear();
    for level in 0..depth {
        let attrs = calls(level + 1, NONE, max_trips);
        let step = step(b, Flow::Loop, &[3], &[], &attrs);
        b.steps.push(step);
    }
    let last = step(b, Flow::Operator, &[], &[3], &[]);
    b.steps.push(last);
    b.blocks = (0..=depth).map(|start| Block { start, end: depth + 1 }).collect();
    b.subgraphs.truncate(1);
    interface(b, 0, &[], &[3]);
}

/// A condition in the arena that is written in step 4 and lives until `last`.
fn arena_condition(b: &mut Builder, last: u16) {
    let id = arena_byte(b, 112, DType::Bool, (4, last));
    operands(b, 4, &[3], &[id]);
    operands(b, 5, &[id], &[]);
}

fn scale(b: &mut Builder, scale: f32) {
    b.tensors[0].quantization = b.quantization(scale, 0, None);
}

pub const CASES: &[Case<Builder>] = &[
    ("length is not the shape's", |b| b.tensors[0].len = 7, BadTensor { index: 0 }),
    ("no elements", |b| resize(b, 0, &[1, 0, 3]), BadTensor { index: 0 }),
    (
        "too many elements",
        |b| b.tensors[0].shape = Shape::new(&[65_536, 65_536]).unwrap(),
        BadTensor { index: 0 },
    ),
    ("tensor unaligned", |b| b.tensors[0].offset = 40, BadTensor { index: 0 }),
    ("constant outside", |b| b.tensors[2].offset = 1024, BadTensor { index: 2 }),
    ("constant of an empty section", |b| b.tensors[2].origin = 1, BadTensor { index: 2 }),
    ("constant of no section", |b| b.tensors[2].origin = 4, BadTensor { index: 2 }),
    ("arena tensor among the state", |b| b.tensors[0].offset = 16, BadTensor { index: 0 }),
    ("arena tensor past the end", |b| b.tensors[0].offset = 128, BadTensor { index: 0 }),
    (
        "arena tensor far past the end",
        |b| b.tensors[0].offset = 0xFFFF_FFF0,
        BadTensor { index: 0 },
    ),
    ("a life that ends before it begins", |b| b.tensors[5].first = 2, BadTensor { index: 5 }),
    ("state outside", |b| b.tensors[4].offset = 32, BadTensor { index: 4 }),
    ("initial value not constant", |b| b.tensors[3].origin = 3, BadTensor { index: 3 }),
    ("initial value of no tensor", |b| b.tensors[3].origin = 99, BadTensor { index: 3 }),
    ("initial value of other length", |b| b.tensors[3].origin = 2, BadTensor { index: 3 }),
    ("no such quantization", |b| b.tensors[0].quantization = 2, Quantization { index: 2 }),
    ("scale NaN", |b| scale(b, f32::NAN), Quantization { index: 2 }),
    ("scale infinite", |b| scale(b, f32::INFINITY), Quantization { index: 2 }),
    ("scale zero", |b| scale(b, 0.0), Quantization { index: 2 }),
    ("scale negative", |b| scale(b, -1.0), Quantization { index: 2 }),
    // Steps.
    ("256 operands", |b| operands(b, 0, &[0; 255], &[5]), BadStep { index: 0 }),
    ("operands outside", |b| b.steps[9].operands = 1000, BadStep { index: 9 }),
    ("operands far outside", |b| b.steps[9].operands = u32::MAX, BadStep { index: 9 }),
    ("operand of no tensor", |b| operands(b, 9, &[99], &[8]), BadStep { index: 9 }),
    ("attributes outside", |b| b.steps[0].attrs_len = 1000, BadStep { index: 0 }),
    ("attributes far outside", |b| b.steps[0].attrs = u32::MAX, BadStep { index: 0 }),
    ("output absent", |b| operands(b, 9, &[6], &[NONE]), BadStep { index: 9 }),
    ("output constant", |b| operands(b, 9, &[6], &[1]), BadStep { index: 9 }),
    ("condition not bool", |b| b.tensors[4].dtype = DType::U8, BadStep { index: 2 }),
    ("condition of two", |b| resize(b, 4, &[2]), BadStep { index: 2 }),
    ("condition absent", |b| operands(b, 2, &[NONE], &[]), BadStep { index: 2 }),
    ("two conditions", |b| operands(b, 2, &[4, 4], &[]), BadStep { index: 2 }),
    ("control flow with an output", |b| operands(b, 2, &[4], &[3]), BadStep { index: 2 }),
    ("flow attributes short", |b| b.steps[5].attrs_len = 7, BadStep { index: 5 }),
    ("flow attributes long", |b| attrs(b, 5, &[3, 0, 0, 0, 9, 0, 0, 0, 1]), BadStep { index: 5 }),
    ("no trips", |b| attrs(b, 5, &calls(3, NONE, 0)), BadStep { index: 5 }),
    ("too many trips", |b| attrs(b, 5, &calls(3, NONE, (1 << 20) + 1)), BadStep { index: 5 }),
    ("a loop of nothing", |b| attrs(b, 5, &calls(NONE, 3, 1)), BadStep { index: 5 }),
    ("an if of nothing", |b| attrs(b, 2, &calls(NONE, NONE, 1)), BadStep { index: 2 }),
    // Blocks and subgraphs.
    ("no subgraph", |b| b.subgraphs.clear(), Subgraph { index: 0 }),
    (
        "nothing at all",
        |b| {
            b.subgraphs.clear();
            b.steps.clear();
        },
        Subgraph { index: 0 },
    ),
    ("interface outside", |b| b.subgraphs[1].operands = 1000, Subgraph { index: 1 }),
    ("interface absent", |b| interface(b, 0, &[NONE], &[8]), Subgraph { index: 0 }),
    ("interface of no tensor", |b| interface(b, 0, &[0], &[99]), Subgraph { index: 0 }),
    ("interface of 256", |b| interface(b, 0, &[0; 255], &[8]), Subgraph { index: 0 }),
    ("subgraph of no block", |b| b.subgraphs[1].block = 6, Subgraph { index: 1 }),
    ("subgraph starts late", |b| block(b, 5, 11, 11), BadBlock { index: 5 }),
    ("subgraph starts early", |b| block(b, 5, 9, 11), BadBlock { index: 5 }),
    ("subgraph ends before it starts", |b| block(b, 5, 10, 9), BadBlock { index: 5 }),
    ("subgraph past the steps", |b| block(b, 5, 10, 12), BadStep { index: 11 }),
    ("steps of no subgraph", |b| b.subgraphs.truncate(1), Subgraph { index: 0 }),
    ("called block elsewhere", |b| block(b, 1, 4, 5), BadBlock { index: 1 }),
    ("called block empty", |b| block(b, 1, 3, 3), BadBlock { index: 1 }),
    ("called block backwards", |b| block(b, 1, 3, 2), BadBlock { index: 1 }),
    ("called block leaves its caller", |b| block(b, 4, 8, 10), BadBlock { index: 4 }),
    ("second block elsewhere", |b| block(b, 2, 5, 6), BadBlock { index: 2 }),
    ("second block alone elsewhere", |b| attrs(b, 2, &calls(NONE, 2, 1)), BadBlock { index: 2 }),
    ("no such block", |b| attrs(b, 5, &calls(77, NONE, 1)), BadBlock { index: 77 }),
    ("no such second block", |b| attrs(b, 2, &calls(1, 77, 1)), BadBlock { index: 77 }),
    ("nested too deep", |b| nest(b, 5, 1), Limit),
    ("nested loops too long", |b| nest(b, 2, (1 << 10) + 1), Limit),
    ("nested loops far too long", |b| nest(b, 4, 1 << 20), Limit),
    // The memory plan.
    ("two lives in one place", |b| b.tensors[8].offset = 48, Overlap { a: 6, b: 8 }),
    (
        "two states in one place, whatever their lives",
        |b| {
            b.tensors[4].offset = 0;
            (b.tensors[4].first, b.tensors[4].last) = (5, 5);
        },
        Overlap { a: 3, b: 4 },
    ),
    ("in place without leave", |b| b.steps[1].flags = 0, Overlap { a: 5, b: 6 }),
    (
        "in place, shifted",
        |b| {
            resize(b, 5, &[20]);
            (b.tensors[6].offset, b.tensors[7].offset) = (64, 96);
        },
        Overlap { a: 5, b: 6 },
    ),
    (
        "in place, second output",
        |b| {
            let id = arena_byte(b, 112, DType::I8, (1, 1));
            operands(b, 1, &[5], &[id, 6]);
        },
        Overlap { a: 5, b: 6 },
    ),
    ("in place of no input", |b| operands(b, 1, &[2], &[6]), Overlap { a: 5, b: 6 }),
    ("in place of what lives on", |b| b.tensors[5].last = 2, Overlap { a: 5, b: 6 }),
    ("updated without leave", |b| operands(b, 4, &[4], &[4]), Overlap { a: 4, b: 4 }),
    (
        "updated as second output",
        |b| {
            operands(b, 4, &[4], &[3, 4]);
            b.steps[4].flags = FLAG_IN_PLACE;
        },
        Overlap { a: 4, b: 4 },
    ),
    ("one output twice", |b| operands(b, 4, &[6], &[3, 3]), Overlap { a: 3, b: 4 }),
    ("input constant", |b| interface(b, 0, &[1], &[8]), Lifetime { tensor: 1, step: 0 }),
    ("input begins late", |b| interface(b, 0, &[0, 8], &[8]), Lifetime { tensor: 8, step: 0 }),
    ("output ends early", |b| b.tensors[8].last = 9, Lifetime { tensor: 8, step: 10 }),
    ("read before its life", |b| operands(b, 0, &[6], &[5]), Lifetime { tensor: 6, step: 0 }),
    ("read after its life", |b| operands(b, 9, &[7], &[8]), Lifetime { tensor: 7, step: 9 }),
    ("written before its life", |b| operands(b, 3, &[6], &[8]), Lifetime { tensor: 8, step: 3 }),
    ("scratch among the state", |b| b.steps[0].scratch = 16, BadStep { index: 0 }),
    ("scratch past the end", |b| b.steps[0].scratch_len = 17, BadStep { index: 0 }),
    ("scratch far past the end", |b| b.steps[0].scratch = 0xFFFF_FFF0, BadStep { index: 0 }),
    (
        "scratch unaligned",
        |b| (b.steps[0].scratch, b.steps[0].scratch_len) = (120, 8),
        BadStep { index: 0 },
    ),
    ("scratch on an operand", |b| b.steps[0].scratch = 32, Overlap { a: 0, b: 0 }),
    (
        "gone before the next repetition",
        |b| {
            b.tensors[6].last = 7;
            operands(b, 9, &[3], &[8]);
        },
        Lifetime { tensor: 6, step: 8 },
    ),
    ("condition gone in the loop", |b| arena_condition(b, 7), Lifetime { tensor: 11, step: 8 }),
    ("condition gone before it", |b| arena_condition(b, 5), Lifetime { tensor: 11, step: 8 }),
    ("never written", |b| operands(b, 6, &[6], &[3]), Lifetime { tensor: 7, step: 6 }),
    (
        "born behind the program",
        |b| _ = arena_byte(b, 112, DType::I8, (100, 100)),
        Lifetime { tensor: 11, step: 100 },
    ),
];

type Edit = fn(&mut Builder);

/// Programs near a rule that keep it.
pub const VALID: &[(&str, Edit)] = &[
    ("nested as deep as may be", |b| nest(b, 4, 1 << 5)),
    ("a condition in the arena", |b| arena_condition(b, 8)),
    ("an if without a second block", |b| attrs(b, 2, &calls(1, NONE, 1))),
    ("an if without a first block", |b| {
        attrs(b, 2, &calls(NONE, 1, 1));
    }),
    ("a state that is updated", |b| {
        operands(b, 4, &[4], &[4]);
        b.steps[4].flags = FLAG_IN_PLACE;
    }),
    ("255 operands", |b| operands(b, 0, &[0; 254], &[5])),
    ("an empty subgraph", |b| {
        b.blocks.push(Block { start: 11, end: 11 });
        let operands = b.operands([3]);
        b.subgraphs.push(smidge_format::Subgraph { block: 6, inputs: 1, outputs: 0, operands });
    }),
    ("an unread output in place of an unread input", |b| {
        // The output has the smaller number, and both live for one step.
        b.tensors[10] = b.tensors[9];
        operands(b, 10, &[10], &[9]);
        interface(b, 1, &[10], &[3]);
        b.steps[10].flags = FLAG_IN_PLACE;
    }),
];
