//! Small networks written by hand, and how they are run.

#![allow(dead_code, reason = "each test uses its part")]

pub mod hostile;
pub mod zoo;

use smidge::format::write::Builder;
use smidge::format::{
    AlignedBuf, Block, DType, Flow, FlowAttrs, Isa, NONE, Shape, Step, Storage, Subgraph, Tensor,
};
use smidge::{CheckError, Model, Op, Session, ops};

/// Bytes for state at the start of every arena.
const STATE: u32 = 64;

/// A network in the making. Arena tensors get places of their own and live from the first step that
/// writes them to the end.
#[derive(Clone)]
pub struct Net {
    pub out: Builder,
    /// Inputs and outputs of each step.
    pub operands: Vec<(Vec<u16>, Vec<u16>)>,
    entry: u16,
    state: u32,
}

impl Net {
    pub fn new() -> Self {
        Self::packed_for(Isa::Portable)
    }

    pub fn packed_for(isa: Isa) -> Self {
        Self { out: Builder::new(isa), operands: Vec::new(), entry: 0, state: 0 }
    }

    /// Gives the newest step scratch memory.
    pub fn scratch(&mut self, len: usize) {
        self.out.steps.last_mut().unwrap().scratch_len = len as u32;
    }

    fn tensor(&mut self, storage: Storage, dtype: DType, dims: &[u32]) -> u16 {
        let shape = Shape::new(dims).unwrap();
        let len = dtype.len_bytes(shape.elements()).unwrap() as u32;
        self.out.tensors.push(Tensor {
            dtype,
            shape,
            storage,
            flags: 0,
            source: NONE,
            quantization: NONE,
            offset: 0,
            len,
            first: NONE,
            last: NONE,
            origin: NONE,
        });
        self.out.tensors.len() as u16 - 1
    }

    pub fn arena(&mut self, dtype: DType, dims: &[u32]) -> u16 {
        self.tensor(Storage::Arena, dtype, dims)
    }

    pub fn state(&mut self, dtype: DType, dims: &[u32], initial: u16) -> u16 {
        let id = self.tensor(Storage::State, dtype, dims);
        let state = &mut self.out.tensors[id as usize];
        (state.origin, state.offset) = (initial, self.state);
        self.state += state.len.next_multiple_of(16);
        assert!(self.state <= STATE);
        id
    }

    pub fn constant(&mut self, dtype: DType, dims: &[u32], bytes: &[u8]) -> u16 {
        let id = self.tensor(Storage::Constant, dtype, dims);
        let offset = self.out.constant(bytes);
        let constant = &mut self.out.tensors[id as usize];
        (constant.origin, constant.offset) = (0, offset);
        assert_eq!(constant.len as usize, bytes.len());
        id
    }

    pub fn i8s(&mut self, dims: &[u32], values: &[i8]) -> u16 {
        let bytes: Vec<u8> = values.iter().map(|&v| v as u8).collect();
        self.constant(DType::I8, dims, &bytes)
    }

    pub fn i32s(&mut self, dims: &[u32], values: &[i32]) -> u16 {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(DType::I32, dims, &bytes)
    }

    pub fn f32s(&mut self, dims: &[u32], values: &[f32]) -> u16 {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(DType::F32, dims, &bytes)
    }

    pub fn op(&mut self, op: &Op, inputs: &[u16], outputs: &[u16], attrs: &[u8]) -> u16 {
        let operands = self.out.operands(inputs.iter().chain(outputs).copied());
        let attrs_start = self.out.attrs(attrs);
        self.out.steps.push(Step {
            code: op.code as u16,
            variant: op.variant as u16,
            flow: Flow::Operator,
            inputs: inputs.len() as u8,
            outputs: outputs.len() as u8,
            flags: 0,
            operands,
            attrs: attrs_start,
            attrs_len: attrs.len() as u16,
            source: NONE,
            scratch: 0,
            scratch_len: 0,
        });
        self.operands.push((inputs.into(), outputs.into()));
        let step = self.out.steps.len() as u16 - 1;
        for &id in outputs {
            let output = &mut self.out.tensors[id as usize];
            output.first = output.first.min(step);
        }
        step
    }

    /// Marks the newest step as one that works in place.
    pub fn in_place(&mut self) {
        self.out.steps.last_mut().unwrap().flags |= smidge::format::FLAG_IN_PLACE;
    }

    /// Runs `then` or `otherwise`; one that adds no steps is absent.
    pub fn branch(
        &mut self,
        condition: u16,
        then: impl FnOnce(&mut Self),
        otherwise: impl FnOnce(&mut Self),
    ) {
        let step = self.flow(Flow::If, condition);
        let (block, otherwise) = (self.block(then), self.block(otherwise));
        self.calls(step, FlowAttrs { block, otherwise, max_trips: 1 });
    }

    /// Repeats `body`.
    pub fn repeat(&mut self, condition: u16, max_trips: u32, body: impl FnOnce(&mut Self)) {
        let step = self.flow(Flow::Loop, condition);
        let block = self.block(body);
        self.calls(step, FlowAttrs { block, otherwise: NONE, max_trips });
    }

    fn flow(&mut self, flow: Flow, condition: u16) -> usize {
        let step = self.op(&ops::reshape::ANY, &[condition], &[], &[]) as usize;
        let record = &mut self.out.steps[step];
        (record.flow, record.code, record.variant) = (flow, 0, 0);
        step
    }

    fn calls(&mut self, step: usize, attrs: FlowAttrs) {
        self.out.steps[step].attrs = self.out.attrs(&attrs.encode());
        self.out.steps[step].attrs_len = FlowAttrs::LEN as u16;
    }

    fn block(&mut self, steps: impl FnOnce(&mut Self)) -> u16 {
        let start = self.out.steps.len() as u16;
        let index = self.out.blocks.len();
        self.out.blocks.push(Block { start, end: start });
        steps(self);
        let end = self.out.steps.len() as u16;
        self.out.blocks[index].end = end;
        if start == end { NONE } else { index as u16 }
    }

    /// Makes the steps since the last subgraph one.
    pub fn subgraph(&mut self, inputs: &[u16], outputs: &[u16]) {
        let (start, end) = (self.entry, self.out.steps.len() as u16);
        self.out.blocks.push(Block { start, end });
        let operands = self.out.operands(inputs.iter().chain(outputs).copied());
        self.out.subgraphs.push(Subgraph {
            block: self.out.blocks.len() as u16 - 1,
            inputs: inputs.len() as u16,
            outputs: outputs.len() as u16,
            operands,
        });
        for &id in inputs {
            let input = &mut self.out.tensors[id as usize];
            input.first = input.first.min(start);
        }
        self.entry = end;
    }

    /// Lays out the arena: a place for every tensor, until the end.
    pub fn place(&mut self) {
        let last = self.out.steps.len() as u16;
        let mut at = STATE;
        for tensor in self.out.tensors.iter_mut().filter(|t| t.storage == Storage::Arena) {
            (tensor.offset, tensor.last) = (at, last);
            at = at.saturating_add(tensor.len).saturating_add(15) & !15;
        }
        for step in self.out.steps.iter_mut().filter(|step| step.scratch_len > 0) {
            step.scratch = at;
            at = at.saturating_add(step.scratch_len).saturating_add(15) & !15;
        }
        (self.out.arena_len, self.out.state_len) = (at, STATE);
    }

    pub fn bytes(&self) -> AlignedBuf {
        AlignedBuf::from(&self.out.finish().unwrap()[..])
    }

    /// The placed network as one subgraph.
    pub fn finish(mut self, inputs: &[u16], outputs: &[u16]) -> AlignedBuf {
        self.subgraph(inputs, outputs);
        self.place();
        self.bytes()
    }
}

pub fn check(blob: &[u8]) -> Result<Model<'_>, CheckError> {
    Model::check(blob, ops::ALL)
}

/// Runs a valid blob with these inputs and returns the bytes of its outputs.
pub fn run(blob: &[u8], inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    let model = check(blob).unwrap();
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    let mut session = Session::new(&model, &mut arena).unwrap();
    call(&mut session, inputs)
}

/// One call of a session.
pub fn call(session: &mut Session<'_, '_>, inputs: &[&[u8]]) -> Vec<Vec<u8>> {
    for (index, input) in inputs.iter().enumerate() {
        session.input_bytes_mut(index).unwrap().copy_from_slice(input);
    }
    session.invoke().unwrap();
    let outputs = 0..session.model().output_count();
    outputs.map(|index| session.output_bytes(index).unwrap().to_vec()).collect()
}

/// A deterministic source of numbers (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn pick_mut<'t, T>(&mut self, from: &'t mut [T]) -> &'t mut T {
        let index = self.below(from.len());
        &mut from[index]
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
