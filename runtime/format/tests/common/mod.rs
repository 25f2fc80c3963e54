//! One blob that uses every part of the format, for tests to read back and to break.

use smidge_format::write::Builder;
use smidge_format::{
    Block, DType, FLAG_IN_PLACE, FLAG_UNSIGNED_SOURCE, Flow, FlowAttrs, Isa, NONE, NameKind, Shape,
    Step, Storage, Subgraph, Tensor,
};

/// Initial value of the state tensor, and a constant by itself.
pub const INITIAL: [u8; 16] = *b"sixteen bytes...";
/// Scales of the channels of quantization 1.
pub const SCALES: [f32; 3] = [0.5, 0.25, f32::MIN_POSITIVE];

/// A step of the program: flow, inputs, outputs, attributes.
type Line<'a> = (Flow, &'a [u16], &'a [u16], &'a [u8]);

/// A tensor of 8-bit elements.
pub fn tensor(storage: Storage, dims: &[u32], offset: u32, (first, last): (u16, u16)) -> Tensor {
    let shape = Shape::new(dims).unwrap();
    Tensor {
        dtype: DType::I8,
        shape,
        storage,
        flags: 0,
        source: NONE,
        quantization: NONE,
        offset,
        len: shape.elements() as u32,
        first,
        last,
        origin: if storage == Storage::Constant { 0 } else { NONE },
    }
}

/// A step with these operands and attributes.
pub fn step(out: &mut Builder, flow: Flow, inputs: &[u16], outputs: &[u16], attrs: &[u8]) -> Step {
    Step {
        code: if flow == Flow::Operator { 7 } else { 0 },
        variant: 2,
        flow,
        inputs: inputs.len() as u8,
        outputs: outputs.len() as u8,
        flags: 0,
        operands: out.operands(inputs.iter().chain(outputs).copied()),
        attrs: out.attrs(attrs),
        attrs_len: attrs.len() as u16,
        source: out.steps.len() as u16 * 10,
        scratch: 0,
        scratch_len: 0,
    }
}

/// Attributes of a control-flow step.
pub fn calls(block: u16, otherwise: u16, max_trips: u32) -> [u8; 8] {
    FlowAttrs { block, otherwise, max_trips }.encode()
}

/// The program:
///
/// ```text
/// subgraph 0, block 0        subgraph 1, block 5
///  0  t5 = f(t0, none, t2)    10  t10 = f(t9)
///  1  t6 = f(t5), in place
///  2  if t4
///  3    t3 = f(t6)           block 1
///     else
///  4    t4 = f(t3)           block 2
///  5  loop t4, 10 times
///  6    t7 = f(t6)           block 3
///  7    loop t4, 3 times
///  8      t4 = f(t7)         block 4
///  9  t8 = f(t6)
/// ```
pub fn sample() -> Builder {
    use Storage::{Arena, Constant, State};
    let mut out = Builder::new(Isa::CortexM4);
    (out.arena_len, out.state_len) = (128, 32);
    let initial = out.constant(&INITIAL);
    let weights = out.constant(&[7; 12]);
    out.quantization(0.125, -128, None);
    out.quantization(0.5, 0, Some((1, &SCALES)));
    out.tensors = vec![
        tensor(Arena, &[1, 2, 3], 32, (0, 0)),
        tensor(Constant, &[4, 2, 2], initial, (0, 0)),
        tensor(Constant, &[4, 3], weights, (0, 0)),
        tensor(State, &[16], 0, (0, 0)),
        tensor(State, &[], 16, (0, 0)),
        tensor(Arena, &[6], 48, (0, 1)),
        tensor(Arena, &[6, 1, 1, 1, 1, 1], 48, (1, 9)),
        tensor(Arena, &[2, 4], 64, (6, 8)),
        tensor(Arena, &[5], 80, (9, 10)),
        tensor(Arena, &[5], 48, (10, 10)),
        tensor(Arena, &[2], 96, (10, 11)),
    ];
    out.tensors[0].quantization = 0;
    out.tensors[0].flags = FLAG_UNSIGNED_SOURCE;
    out.tensors[0].source = 77;
    out.tensors[2].quantization = 1;
    out.tensors[3].origin = 1;
    out.tensors[4].dtype = DType::Bool;
    let program: [Line<'_>; 11] = [
        (Flow::Operator, &[0, NONE, 2], &[5], &[1, 2, 3]),
        (Flow::Operator, &[5], &[6], &[]),
        (Flow::If, &[4], &[], &calls(1, 2, 1)),
        (Flow::Operator, &[6], &[3], &[]),
        (Flow::Operator, &[3], &[4], &[]),
        (Flow::Loop, &[4], &[], &calls(3, NONE, 10)),
        (Flow::Operator, &[6], &[7], &[]),
        (Flow::Loop, &[4], &[], &calls(4, NONE, 3)),
        (Flow::Operator, &[7], &[4], &[]),
        (Flow::Operator, &[6], &[8], &[]),
        (Flow::Operator, &[9], &[10], &[]),
    ];
    for (flow, inputs, outputs, attrs) in program {
        let step = step(&mut out, flow, inputs, outputs, attrs);
        out.steps.push(step);
    }
    (out.steps[0].scratch, out.steps[0].scratch_len) = (112, 16);
    out.steps[1].flags = FLAG_IN_PLACE;
    let blocks = [(0, 10), (3, 4), (4, 5), (6, 9), (8, 9), (10, 11)];
    out.blocks = blocks.map(|(start, end)| Block { start, end }).to_vec();
    let operands = out.operands([0, 8]);
    out.subgraphs.push(Subgraph { block: 0, inputs: 1, outputs: 1, operands });
    let operands = out.operands([9, 10, 3]);
    out.subgraphs.push(Subgraph { block: 5, inputs: 1, outputs: 2, operands });
    out.name(NameKind::Subgraph, 0, "sample");
    out.name(NameKind::Tensor, 0, "größe");
    out.name(NameKind::Step, 0, "");
    out.metadata("licence", "MIT");
    out.metadata("labels", "yes\nno\n");
    out
}
