//! From program and plan to the bytes of a blob, which are read again and checked before anybody
//! else sees them.

use crate::lower::{Flow as Called, Program, Step, Value, ValueId};
use crate::plan::Plan;
use smidge_format::limits::MAX_OPERANDS;
use smidge_format::write::Builder;
use smidge_format::{
    AlignedBuf, Block, FLAG_IN_PLACE, FLAG_ROUNDING_TFLM, FLAG_UNSIGNED_SOURCE, Flow, FlowAttrs,
    FormatError, Isa, NONE, NameKind, Storage, Subgraph, Tensor,
};
use std::collections::HashMap;

/// What a blob says about itself besides the network.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Leave out the names of tensors and nodes, and the scales of weights.
    pub strip: bool,
    /// The model's name.
    pub name: String,
    /// Keys and values: licence, class labels, producer.
    pub metadata: Vec<(String, String)>,
}

/// Why a program cannot become a blob.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// The program has more parts than the format numbers.
    #[error(
        "E0521: the model exceeds the blob format's limits\n  help: split it into smaller ones"
    )]
    Limit,
    /// The blob that was written does not pass its own check: a defect of the converter.
    #[error(
        "E0522: the converted model does not pass its own check: {0}\n  help: this is a defect of \
         smidge; please report it with the model"
    )]
    Check(#[from] smidge::CheckError),
}

impl From<FormatError> for EmitError {
    fn from(_: FormatError) -> Self {
        Self::Limit
    }
}

/// Writes the blob.
///
/// # Errors
/// [`EmitError`].
pub fn emit(
    program: &Program,
    plan: &Plan,
    isa: Isa,
    labels: &Labels,
) -> Result<Vec<u8>, EmitError> {
    let mut writer = Writer { out: Builder::new(isa), ids: HashMap::new(), quants: HashMap::new() };
    writer.out.arena_len = u32::try_from(plan.arena_len).map_err(|_| EmitError::Limit)?;
    writer.out.state_len = u32::try_from(plan.state_len).map_err(|_| EmitError::Limit)?;
    if program.steps.len() >= usize::from(NONE) {
        return Err(EmitError::Limit);
    }
    for (at, step) in program.steps.iter().enumerate() {
        writer.step(program, plan, at, step, labels)?;
    }
    let inputs = writer.tensors(program, plan, &program.inputs, labels)?;
    let outputs = writer.tensors(program, plan, &program.outputs, labels)?;
    writer.finish(program, inputs, outputs, labels)
}

struct Writer {
    out: Builder,
    ids: HashMap<ValueId, u16>,
    quants: HashMap<Vec<u8>, u16>,
}

impl Writer {
    fn step(
        &mut self,
        program: &Program,
        plan: &Plan,
        at: usize,
        step: &Step,
        labels: &Labels,
    ) -> Result<(), EmitError> {
        let mut operands = Vec::new();
        for input in &step.inputs {
            operands.push(match input {
                Some(value) => self.tensor(program, plan, *value, labels)?,
                None => NONE,
            });
        }
        operands.extend(self.tensors(program, plan, &step.outputs, labels)?);
        let rounding = if step.rounds_as_tflm { FLAG_ROUNDING_TFLM } else { 0 };
        if step.inputs.len() + step.outputs.len() > MAX_OPERANDS {
            return Err(EmitError::Limit);
        }
        let in_place = plan.in_place[at];
        let wide = |n: usize| u32::try_from(n).map_err(|_| EmitError::Limit);
        let scratch = if step.scratch_len == 0 { 0 } else { plan.scratch[at] };
        let narrow = |n: usize| u8::try_from(n).map_err(|_| EmitError::Limit);
        let index = self.out.steps.len() as u16;
        if !labels.strip {
            self.out.name(NameKind::Step, index, &step.name);
        }
        let (flow, attrs) = self.flow(at, step)?;
        let operator =
            if flow == Flow::Operator { (step.code as u16, step.variant as u16) } else { (0, 0) };
        let record = smidge_format::Step {
            code: operator.0,
            variant: operator.1,
            flow,
            inputs: narrow(step.inputs.len())?,
            outputs: narrow(step.outputs.len())?,
            flags: rounding | if in_place { FLAG_IN_PLACE } else { 0 },
            operands: self.out.operands(operands),
            attrs: self.out.attrs(&attrs),
            attrs_len: u16::try_from(attrs.len()).map_err(|_| EmitError::Limit)?,
            source: u16::try_from(step.source).unwrap_or(NONE),
            scratch: wide(scratch)?,
            scratch_len: wide(step.scratch_len)?,
        };
        self.out.steps.push(record);
        Ok(())
    }

    /// What a step does with those behind it, and its attributes: for control flow the blocks.
    fn flow(&mut self, at: usize, step: &Step) -> Result<(Flow, Vec<u8>), EmitError> {
        let (flow, lengths, max_trips) = match step.flow {
            None => return Ok((Flow::Operator, step.attrs.clone())),
            Some(Called::If { then, otherwise }) => (Flow::If, [then, otherwise], 1),
            Some(Called::Loop { steps, max_trips }) => (Flow::Loop, [steps, 0], max_trips),
        };
        let mut start = at + 1;
        let mut blocks = [NONE; 2];
        for (block, len) in blocks.iter_mut().zip(lengths).filter(|(_, len)| *len > 0) {
            *block = u16::try_from(self.out.blocks.len()).map_err(|_| EmitError::Limit)?;
            self.out.blocks.push(Block { start: start as u16, end: (start + len) as u16 });
            start += len;
        }
        let [block, otherwise] = blocks;
        Ok((flow, FlowAttrs { block, otherwise, max_trips }.encode().to_vec()))
    }

    fn tensors(
        &mut self,
        program: &Program,
        plan: &Plan,
        values: &[ValueId],
        labels: &Labels,
    ) -> Result<Vec<u16>, EmitError> {
        values.iter().map(|&value| self.tensor(program, plan, value, labels)).collect()
    }

    /// The number of a value in the blob, where it is written when it is first asked for.
    fn tensor(
        &mut self,
        program: &Program,
        plan: &Plan,
        value: ValueId,
        labels: &Labels,
    ) -> Result<u16, EmitError> {
        if let Some(&id) = self.ids.get(&value) {
            return Ok(id);
        }
        let source = &program.values[value];
        // A constant that a variable starts with is written before it.
        if let Some(initial) = source.state.and_then(|state| state.initial) {
            self.tensor(program, plan, initial, labels)?;
        }
        let id = u16::try_from(self.out.tensors.len()).map_err(|_| EmitError::Limit)?;
        let quantization = self.quantization(source, labels);
        let flags = if source.unsigned_source { FLAG_UNSIGNED_SOURCE } else { 0 };
        let mut tensor = Tensor {
            dtype: source.dtype,
            shape: source.shape,
            storage: Storage::Constant,
            flags,
            source: source.source.and_then(|n| u16::try_from(n).ok()).unwrap_or(NONE),
            quantization,
            offset: 0,
            len: u32::try_from(source.len_bytes()).map_err(|_| EmitError::Limit)?,
            first: 0,
            last: NONE,
            origin: 0,
        };
        match (&source.data, plan.places[value]) {
            (Some(data), _) => tensor.offset = self.out.constant(data),
            (None, place) => {
                let place = place.ok_or(EmitError::Limit)?;
                tensor.offset = place.offset as u32;
                tensor.origin = NONE;
                if let Some(state) = source.state {
                    tensor.storage = Storage::State;
                    tensor.first = NONE;
                    let initial = state.initial;
                    let initial = initial.map(|value| self.tensor(program, plan, value, labels));
                    tensor.origin = initial.transpose()?.unwrap_or(NONE);
                } else {
                    tensor.storage = Storage::Arena;
                    tensor.first = place.first as u16;
                    tensor.last = place.last as u16;
                }
            }
        }
        if !labels.strip {
            self.out.name(NameKind::Tensor, id, &source.name);
        }
        self.out.tensors.push(tensor);
        self.ids.insert(value, id);
        Ok(id)
    }

    /// The number of a value's quantization record; equal ones are stored once. A stripped blob has
    /// none for constants: kernels use the factors made of them.
    fn quantization(&mut self, value: &Value, labels: &Labels) -> u16 {
        let Some(quant) = &value.quant else { return NONE };
        if labels.strip && value.data.is_some() {
            return NONE;
        }
        let (Some(&scale), zero) = (quant.scale.first(), quant.zero_point.first()) else {
            return NONE;
        };
        let zero = zero.copied().and_then(|z| i32::try_from(z).ok()).unwrap_or(0);
        let axis = quant.axis.filter(|_| quant.scale.len() > 1);
        let channels = axis.map(|axis| (axis as u16, quant.scale.as_slice()));
        let mut key: Vec<u8> = quant.scale.iter().flat_map(|s| s.to_le_bytes()).collect();
        key.extend(zero.to_le_bytes());
        key.extend(axis.map_or(NONE, |axis| axis as u16).to_le_bytes());
        let out = &mut self.out;
        *self.quants.entry(key).or_insert_with(|| out.quantization(scale, zero, channels))
    }

    fn finish(
        mut self,
        program: &Program,
        inputs: Vec<u16>,
        outputs: Vec<u16>,
        labels: &Labels,
    ) -> Result<Vec<u8>, EmitError> {
        let counts = (inputs.len() as u16, outputs.len() as u16);
        let operands = self.out.operands(inputs.into_iter().chain(outputs));
        let block = u16::try_from(self.out.blocks.len()).map_err(|_| EmitError::Limit)?;
        self.out.blocks.push(Block { start: 0, end: program.steps.len() as u16 });
        let (inputs, outputs) = counts;
        self.out.subgraphs.push(Subgraph { block, inputs, outputs, operands });
        if !labels.strip {
            self.out.name(NameKind::Subgraph, 0, &labels.name);
        }
        for (key, value) in &labels.metadata {
            self.out.metadata(key, value);
        }
        let bytes = self.out.finish()?;
        smidge::Model::check_foreign(&AlignedBuf::from(bytes.as_slice()), smidge::ops::ALL)?;
        Ok(bytes)
    }
}
