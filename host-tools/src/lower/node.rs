//! One node while it is lowered: its operands, and the steps it becomes.

use super::program::{Program, State, Step, Value, ValueId};
use super::refusal::Refusal;
use super::{Options, Rounding};
use smidge::{OpCode, Variant};
use smidge_format::{DType, Shape};
use smidge_graph::{
    Activation, DType as Source, Graph, Model, Node, Quantization, Tensor, TensorId,
};
use smidge_kernels::{Clamp, Multiplier};
use smidge_quant::table::Affine;
use std::sync::Arc;

/// What an operator's arithmetic works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    S8,
    S16,
    F32,
}

/// A node, the program it is added to, and where the graph's tensors are in it.
pub(super) struct NodeCx<'a> {
    pub model: &'a Model,
    pub graph: &'a Graph,
    pub node: &'a Node,
    pub options: &'a Options,
    pub program: &'a mut Program,
    pub values: &'a mut [Option<ValueId>],
    /// Subgraphs around this one.
    pub depth: usize,
}

impl<'a> NodeCx<'a> {
    /// Input `index`.
    pub fn input(&self, index: usize) -> Result<&'a Tensor, Refusal> {
        let id = self.node.input(index);
        let id = id.ok_or_else(|| Refusal::shape(format!("operand {index} is missing")))?;
        Ok(self.graph.tensor(id))
    }

    /// Output `index`.
    pub fn output(&self, index: usize) -> Result<&'a Tensor, Refusal> {
        let id = self.node.outputs.get(index);
        let id = id.ok_or_else(|| Refusal::shape(format!("output {index} is missing")))?;
        Ok(self.graph.tensor(*id))
    }

    /// The type of the first input and the first output, which is the same.
    pub fn kind(&self) -> Result<Kind, Refusal> {
        let (x, y) = (self.input(0)?, self.output(0)?);
        match (x.dtype, y.dtype) {
            (Source::I8, Source::I8) => Ok(Kind::S8),
            (Source::I16, Source::I16) => Ok(Kind::S16),
            (Source::F32, Source::F32) => Ok(Kind::F32),
            _ => Err(self.types()),
        }
    }

    /// The variant of an operator that knows no scales, for operands of this type.
    pub fn plain_variant(&self, dtype: Source) -> Result<Variant, Refusal> {
        Ok(match dtype {
            Source::I8 => Variant::S8,
            Source::I16 => Variant::S16,
            Source::I32 => Variant::S32,
            Source::I64 => Variant::S64,
            Source::Bool => Variant::Bool,
            Source::F32 => Variant::F32,
            _ => return Err(self.types()),
        })
    }

    /// Fails unless all operands of the first output's type have its scale and zero point.
    pub fn same_scales(&self) -> Result<(), Refusal> {
        let y = self.output(0)?;
        for x in self.node.present_inputs().map(|id| self.graph.tensor(id)) {
            if x.dtype == y.dtype && x.dtype != Source::I32 && x.quant != y.quant {
                return Err(Refusal::quantization("operands and output have other scales"));
            }
        }
        Ok(())
    }

    /// A refusal that names the element types of all operands.
    pub fn types(&self) -> Refusal {
        let name = |id: TensorId| self.graph.tensor(id).source_dtype.tflite_name();
        let inputs: Vec<_> = self.node.present_inputs().map(name).collect();
        let outputs: Vec<_> = self.node.outputs.iter().copied().map(name).collect();
        Refusal::types(&format!("{} -> {}", inputs.join(", "), outputs.join(", ")))
    }

    /// Fails unless operand `index` has this type.
    pub fn expect(&self, index: usize, dtype: Source) -> Result<&'a Tensor, Refusal> {
        let tensor = self.input(index)?;
        if tensor.dtype == dtype { Ok(tensor) } else { Err(self.types()) }
    }

    /// The integers of the constant input `index`.
    pub fn integers(&self, index: usize, what: &str) -> Result<Vec<i64>, Refusal> {
        let tensor = self.input(index)?;
        if tensor.data.is_none() {
            return Err(Refusal::not_constant(what));
        }
        tensor.integers().ok_or_else(|| self.types())
    }

    /// The value of a graph tensor, added to the program when it is first asked for.
    pub fn value(&mut self, id: TensorId) -> Result<ValueId, Refusal> {
        value_of(self.graph, id, self.program, self.values)
    }

    /// The values of input `index`, or `None` if it is absent.
    pub fn operand(&mut self, index: usize) -> Result<Option<ValueId>, Refusal> {
        self.node.input(index).map(|id| self.value(id)).transpose()
    }

    /// A new constant.
    pub fn constant(&mut self, what: &str, dtype: DType, dims: &[u32], data: Vec<u8>) -> ValueId {
        let shape = Shape::new(dims).expect("a converter's constant has at most two dimensions");
        self.program.add(Value {
            name: format!("{}/{what}", self.node.name),
            dtype,
            shape,
            quant: None,
            data: Some(Arc::from(data)),
            source: None,
            unsigned_source: false,
            state: None,
        })
    }

    /// Factors as a constant `[n, 2]`.
    pub fn factors(&mut self, factors: &[Multiplier]) -> ValueId {
        let pairs: Vec<_> = factors.iter().flat_map(|f| [f.mantissa, f.shift]).collect();
        self.numbers("factors", &pairs, 2)
    }

    /// Rows of `width` numbers as a constant.
    pub fn numbers(&mut self, what: &str, numbers: &[i32], width: usize) -> ValueId {
        let data = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let rows = numbers.len() / width.max(1);
        self.constant(what, DType::I32, &[rows as u32, width as u32], data)
    }

    /// A table of 16-bit numbers.
    pub fn wide_table(&mut self, what: &str, table: &[i16]) -> ValueId {
        let data = table.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(what, DType::I16, &[table.len() as u32], data)
    }

    /// A table of 256 bytes.
    pub fn table(&mut self, table: &[i8]) -> ValueId {
        let data = table.iter().map(|&v| v as u8).collect();
        self.constant("table", DType::I8, &[table.len() as u32], data)
    }

    /// Adds a step that writes the node's outputs.
    pub fn emit(
        &mut self,
        code: OpCode,
        variant: Variant,
        inputs: Vec<Option<ValueId>>,
        attrs: &[u8],
    ) -> Result<(), Refusal> {
        let outputs =
            self.node.outputs.iter().map(|&id| value_of(self.graph, id, self.program, self.values));
        let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
        let macs = self.graph.node_macs(self.node);
        self.emit_to(code, variant, inputs, outputs, attrs, macs);
        Ok(())
    }

    /// Adds a step that writes the given values.
    pub fn emit_to(
        &mut self,
        code: OpCode,
        variant: Variant,
        inputs: Vec<Option<ValueId>>,
        outputs: Vec<ValueId>,
        attrs: &[u8],
        macs: u64,
    ) {
        self.program.steps.push(Step {
            code,
            variant,
            flow: None,
            inputs,
            outputs,
            attrs: attrs.to_vec(),
            rounds_as_tflm: self.options.rounding == Rounding::Tflm,
            source: self.node.source_index,
            name: self.node.name.clone(),
            macs,
            scratch_len: 0,
            live_macs: macs,
        });
    }

    /// Scale and zero point of an int8 tensor with one scale.
    pub fn affine(&self, tensor: &Tensor) -> Result<Affine, Refusal> {
        let quant = tensor.quant.as_ref().and_then(Quantization::as_per_tensor);
        let Some((scale, zero)) = quant else {
            let name = &tensor.name;
            let reason = if tensor.quant.is_some() {
                format!("tensor `{name}` has a scale per channel where one is needed")
            } else {
                format!("int8 tensor `{name}` has no scale")
            };
            return Err(Refusal::quantization(reason));
        };
        let zero = i8::try_from(zero).map_err(|_| {
            Refusal::quantization(format!("zero point {zero} of `{}` is not int8", tensor.name))
        })?;
        Ok(Affine { scale, zero: zero.into() })
    }

    /// Scale of an int16 or int32 tensor, which has one and no zero point.
    pub fn symmetric(&self, tensor: &Tensor) -> Result<f32, Refusal> {
        let quant = tensor.quant.as_ref().and_then(Quantization::as_per_tensor);
        match quant {
            Some((scale, 0)) => Ok(scale),
            Some((_, zero)) => Err(Refusal::quantization(format!(
                "{} tensor `{}` has zero point {zero}, not 0",
                tensor.dtype, tensor.name
            ))),
            None => Err(Refusal::quantization(format!(
                "{} tensor `{}` has not exactly one scale",
                tensor.dtype, tensor.name
            ))),
        }
    }

    /// Scales of input 0 and output 0, which are int16.
    pub fn symmetric_pair(&self) -> Result<(f32, f32), Refusal> {
        Ok((self.symmetric(self.input(0)?)?, self.symmetric(self.output(0)?)?))
    }

    /// Scale and zero point of input 0 and output 0.
    pub fn affine_pair(&self) -> Result<(Affine, Affine), Refusal> {
        Ok((self.affine(self.input(0)?)?, self.affine(self.output(0)?)?))
    }

    fn limits(&self, activation: Activation) -> Result<(f32, f32), Refusal> {
        activation.limits().ok_or_else(|| {
            Refusal::attribute(
                format!("fused activation {} is not supported", activation.name()),
                "use NONE, RELU, RELU6 or RELU_N1_TO_1, or a separate operator",
            )
        })
    }

    /// Bounds of an int8 output after a fused activation.
    pub fn clamp_s8(&self, activation: Activation, y: Affine) -> Result<Clamp<i32>, Refusal> {
        Ok(smidge_quant::range::clamp_s8(self.limits(activation)?, y.scale, y.zero))
    }

    /// Bounds of an int16 output after a fused activation.
    pub fn clamp_s16(&self, activation: Activation, scale: f32) -> Result<Clamp<i32>, Refusal> {
        Ok(smidge_quant::range::clamp_s16(self.limits(activation)?, scale))
    }

    /// Bounds of a float output after a fused activation.
    pub fn clamp_f32(&self, activation: Activation) -> Result<Clamp<f32>, Refusal> {
        let (min, max) = self.limits(activation)?;
        Ok(Clamp { min, max })
    }
}

/// The value of a graph tensor, added to the program when it is first asked for.
pub(super) fn value_of(
    graph: &Graph,
    id: TensorId,
    program: &mut Program,
    values: &mut [Option<ValueId>],
) -> Result<ValueId, Refusal> {
    if let Some(value) = values[id.index()] {
        return Ok(value);
    }
    let tensor = graph.tensor(id);
    let value = program.add(Value {
        name: tensor.name.clone(),
        dtype: dtype_of(tensor)?,
        shape: shape_of(tensor)?,
        quant: tensor.quant.clone(),
        data: tensor.data.clone(),
        source: Some(tensor.source_index).filter(|&number| number != Tensor::NO_SOURCE),
        unsigned_source: tensor.source_dtype == Source::U8 && tensor.dtype == Source::I8,
        state: tensor.is_variable.then_some(State { initial: None }),
    });
    values[id.index()] = Some(value);
    Ok(value)
}

fn dtype_of(tensor: &Tensor) -> Result<DType, Refusal> {
    Ok(match tensor.dtype {
        Source::I8 => DType::I8,
        Source::U8 => DType::U8,
        Source::I16 => DType::I16,
        Source::I32 => DType::I32,
        Source::I64 => DType::I64,
        Source::F32 => DType::F32,
        Source::F16 => DType::F16,
        Source::F64 => DType::F64,
        Source::Bool => DType::Bool,
        Source::I4 => DType::I4,
        other => return Err(Refusal::types(other.tflite_name())),
    })
}

/// The shape of a tensor as the format holds it.
pub(super) fn shape_of(tensor: &Tensor) -> Result<Shape, Refusal> {
    let dims: Result<Vec<u32>, _> = tensor.shape.iter().map(|&d| u32::try_from(d)).collect();
    let shape = dims.ok().and_then(|dims| Shape::new(&dims));
    shape.filter(|shape| shape.checked_elements().is_some()).ok_or_else(|| {
        Refusal::shape(format!(
            "shape {:?} has more than 6 dimensions or is too large",
            tensor.shape
        ))
    })
}
