//! One node while it is imported: its operands, its attributes, and what it becomes.

use smidge_graph::{DType, Op, Quantization, Tensor, TensorId};
use smidge_onnx::attribute_proto::AttributeType;
use smidge_onnx::{AttributeProto, GraphProto, NodeProto, TensorProto};

use super::{Constant, Importer, Names};

/// Why a node cannot be imported, as the end of a sentence about it.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The operator or this use of it is not supported, or contradicts itself.
    Reason(String),
    /// An operand comes from a node that could not be imported, which was reported already.
    Unknown,
    /// The file is damaged.
    Damaged(crate::import::Problem),
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Reason(reason)
    }
}

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Self::Reason(reason.to_owned())
    }
}

impl From<crate::import::Problem> for Refusal {
    fn from(problem: crate::import::Problem) -> Self {
        Self::Damaged(problem)
    }
}

/// What reading a node gives.
pub(super) type Result<T> = std::result::Result<T, Refusal>;

/// A node and the network that it is added to.
pub(super) struct NodeCx<'i, 'a> {
    pub importer: &'i mut Importer<'a>,
    pub names: &'i Names<'i>,
    pub node: &'i NodeProto,
    /// Attributes of the call, where the node is part of a function.
    pub caller: &'i [AttributeProto],
}

impl<'i> NodeCx<'i, '_> {
    /// Version of the operator set that the node is of.
    pub fn opset(&self) -> i64 {
        self.importer.opset
    }

    /// Number of operands, absent ones at the end excluded.
    pub fn input_count(&self) -> usize {
        self.node.input.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1)
    }

    /// Operand `index`, or `None` if it is left out.
    pub fn optional(&self, index: usize) -> Result<Option<TensorId>> {
        match self.node.input.get(index).map(String::as_str) {
            None | Some("") => Ok(None),
            Some(name) => self.names.find(name).map(Some),
        }
    }

    /// Operand `index`.
    pub fn input(&self, index: usize) -> Result<TensorId> {
        self.optional(index)?.ok_or_else(|| format!("lacks operand {index}").into())
    }

    /// All operands.
    pub fn inputs(&self) -> Result<Vec<TensorId>> {
        (0..self.input_count()).map(|index| self.input(index)).collect()
    }

    /// A tensor of the network.
    pub fn tensor(&self, id: TensorId) -> &Tensor {
        self.importer.graph.tensor(id)
    }

    /// A tensor's shape.
    pub fn shape(&self, id: TensorId) -> Vec<usize> {
        self.tensor(id).shape.clone()
    }

    /// A tensor's type.
    pub fn dtype(&self, id: TensorId) -> DType {
        self.tensor(id).dtype
    }

    /// The integers of a constant.
    pub fn integers(&self, id: TensorId, what: &str) -> Result<Vec<i64>> {
        let tensor = self.tensor(id);
        if tensor.data.is_none() {
            let name = &tensor.name;
            return Err(format!(
                "computes {what} (`{name}`) at run time; make it a constant, such as by --bind"
            )
            .into());
        }
        tensor.integers().ok_or_else(|| format!("has {what} of type {}", tensor.dtype).into())
    }

    /// The integers of the optional constant operand `index`.
    pub fn optional_integers(&self, index: usize, what: &str) -> Result<Option<Vec<i64>>> {
        self.optional(index)?.map(|id| self.integers(id, what)).transpose()
    }

    /// The only float of a constant.
    pub fn scalar(&self, id: TensorId, what: &str) -> Result<f32> {
        let tensor = self.tensor(id);
        let value = match tensor.dtype {
            DType::F32 => tensor.floats().and_then(|values| values.first().copied()),
            _ => tensor.integers().and_then(|values| values.first().map(|&v| v as f32)),
        };
        value.ok_or_else(|| {
            format!("computes {what} (`{}`) at run time; make it a constant", tensor.name).into()
        })
    }

    /// Attribute `name`, with a reference to the caller's resolved.
    pub fn attribute(&self, name: &str) -> Option<&'i AttributeProto> {
        let own = self.node.attribute.iter().find(|attribute| attribute.name() == name)?;
        match own.ref_attr_name() {
            "" => Some(own),
            outer => self.caller.iter().find(|attribute| attribute.name() == outer),
        }
    }

    /// The attribute, which has this type.
    fn typed(&self, name: &str, kind: AttributeType) -> Result<Option<&'i AttributeProto>> {
        match self.attribute(name) {
            Some(attribute) if attribute.r#type() == kind => Ok(Some(attribute)),
            // Old files leave the type out.
            Some(attribute) if attribute.r#type() == AttributeType::Undefined => {
                Ok(Some(attribute))
            }
            Some(_) => Err(format!("has an attribute {name} of another type").into()),
            None => Ok(None),
        }
    }

    /// An integer attribute.
    pub fn int(&self, name: &str, default: i64) -> Result<i64> {
        Ok(self.typed(name, AttributeType::Int)?.map_or(default, AttributeProto::i))
    }

    /// An integer attribute that may be absent.
    pub fn optional_int(&self, name: &str) -> Result<Option<i64>> {
        Ok(self.typed(name, AttributeType::Int)?.map(AttributeProto::i))
    }

    /// An attribute that is 0 or 1.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        Ok(self.int(name, default.into())? != 0)
    }

    /// A float attribute.
    pub fn float(&self, name: &str, default: f32) -> Result<f32> {
        Ok(self.typed(name, AttributeType::Float)?.map_or(default, AttributeProto::f))
    }

    /// A list of integers.
    pub fn ints(&self, name: &str) -> Result<Option<&'i [i64]>> {
        Ok(self.typed(name, AttributeType::Ints)?.map(|attribute| attribute.ints.as_slice()))
    }

    /// A list of floats.
    pub fn floats(&self, name: &str) -> Result<Option<&'i [f32]>> {
        Ok(self.typed(name, AttributeType::Floats)?.map(|attribute| attribute.floats.as_slice()))
    }

    /// A text.
    pub fn text(&self, name: &str, default: &'static str) -> Result<&'i str> {
        match self.typed(name, AttributeType::String)? {
            Some(attribute) => std::str::from_utf8(attribute.s())
                .map_err(|_| format!("has an attribute {name} that is no text").into()),
            None => Ok(default),
        }
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<&'i str>>> {
        let Some(attribute) = self.typed(name, AttributeType::Strings)? else { return Ok(None) };
        let texts = attribute.strings.iter().map(|text| std::str::from_utf8(text));
        let texts: std::result::Result<Vec<_>, _> = texts.collect();
        texts.map(Some).map_err(|_| format!("has an attribute {name} that is no text").into())
    }

    /// A tensor.
    pub fn tensor_attribute(&self, name: &str) -> Result<Option<&'i TensorProto>> {
        Ok(self.typed(name, AttributeType::Tensor)?.and_then(|attribute| attribute.t.as_ref()))
    }

    /// A graph.
    pub fn graph_attribute(&self, name: &str) -> Result<&'i GraphProto> {
        let attribute = self.typed(name, AttributeType::Graph)?;
        let graph = attribute.and_then(|attribute| attribute.g.as_ref());
        graph.ok_or_else(|| format!("lacks the graph {name}").into())
    }

    /// Axis `axis` of a tensor of so many axes; negative ones count from the end.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let at = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
        at.and_then(|at| usize::try_from(at).ok())
            .filter(|&at| at < rank)
            .ok_or_else(|| format!("has axis {axis} of {rank}").into())
    }

    /// Axes of a tensor of so many axes, ascending, without repetition.
    pub fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>> {
        let mut axes = axes.iter().map(|&a| self.axis(a, rank)).collect::<Result<Vec<_>>>()?;
        axes.sort_unstable();
        let count = axes.len();
        axes.dedup();
        if axes.len() == count { Ok(axes) } else { Err("names an axis twice".into()) }
    }

    /// A new constant.
    pub fn constant(&mut self, constant: Constant) -> TensorId {
        self.importer.add_constant(self.node.output.first().map_or("", String::as_str), constant)
    }

    /// A new constant of floats.
    pub fn floats_constant(&mut self, shape: &[usize], values: &[f32]) -> TensorId {
        let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(Constant { dtype: DType::F32, shape: shape.to_vec(), data })
    }

    /// A new constant list of int32, as TFLite's operators want axes and shapes.
    pub fn list(&mut self, shape: &[usize], values: &[i64]) -> Result<TensorId> {
        let narrow = |&value: &i64| i32::try_from(value).map(i32::to_le_bytes);
        let data = values.iter().map(narrow).collect::<std::result::Result<Vec<_>, _>>();
        let data = data.map_err(|_| Refusal::from("has a position beyond 32 bits"))?;
        Ok(self.constant(Constant {
            dtype: DType::I32,
            shape: shape.to_vec(),
            data: data.concat(),
        }))
    }

    /// Adds a node with one result of this type and shape.
    pub fn emit(
        &mut self,
        op: Op,
        inputs: &[TensorId],
        dtype: DType,
        shape: Vec<usize>,
    ) -> Result<TensorId> {
        let inputs = inputs.iter().copied().map(Some).collect();
        let outputs = self.emit_all(op, inputs, vec![(dtype, shape, None)])?;
        outputs.first().copied().ok_or(Refusal::Unknown)
    }

    /// As [`NodeCx::emit`], with a quantized result.
    pub fn emit_quantized(
        &mut self,
        op: Op,
        inputs: &[TensorId],
        dtype: DType,
        shape: Vec<usize>,
        quant: Quantization,
    ) -> Result<TensorId> {
        let inputs = inputs.iter().copied().map(Some).collect();
        let outputs = self.emit_all(op, inputs, vec![(dtype, shape, Some(quant))])?;
        outputs.first().copied().ok_or(Refusal::Unknown)
    }

    /// Adds a node with results of these types and shapes.
    pub fn emit_all(
        &mut self,
        op: Op,
        inputs: Vec<Option<TensorId>>,
        results: Vec<(DType, Vec<usize>, Option<Quantization>)>,
    ) -> Result<Vec<TensorId>> {
        let name = self.node.output.first().map_or("", String::as_str);
        if let Some((_, shape, _)) = results.iter().find(|(_, shape, _)| shape.contains(&0)) {
            return Err(format!("gives an empty tensor of shape {shape:?}").into());
        }
        self.importer.add_node(name, op, inputs, results).map_err(Refusal::Damaged)
    }
}
