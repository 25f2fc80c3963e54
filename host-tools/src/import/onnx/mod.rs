//! ONNX files.
//!
//! Nodes are read in order; each becomes nodes of the graph with TFLite's meaning. ONNX puts
//! channels before the image, TFLite behind it: an operator that cares is surrounded by transposes
//! here, and the pass `layout` takes out those that cancel; `fuse` joins activations and batch
//! normalization with layers, `qdq` makes integer operators of what is quantized. What is known at conversion (shapes,
//! axes, constants and what is computed from them) is folded while reading. Functions of the model
//! are inlined where they are called. float64, float16 and bfloat16 are computed in float32: inputs
//! and outputs keep their type.

mod build;
mod fold;
mod node;
mod ops;
mod options;
mod tensor;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use smidge_graph::{DType, Graph, Model, Node, Op, Quantization, Tensor, TensorId};
use smidge_onnx::type_proto;
use smidge_onnx::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    ValueInfoProto, decode, tensor_shape_proto,
};

use self::node::{NodeCx, Refusal};
pub use self::options::{Bound, OnnxOptions};
use self::tensor::Constant;
use super::{Budget, Import, Problem, Warning};
use crate::passes;

/// Most nodes in a network, those of inlined functions and unrolled loops included.
const MAX_NODES: usize = 1 << 16;
/// Deepest nesting of functions and graphs.
const MAX_DEPTH: usize = 16;
/// Oldest operator set that is read as a whole.
const MIN_OPSET: i64 = 7;
/// Newest operator set whose changes are known.
const MAX_OPSET: i64 = 25;

/// Reads the content of an ONNX file. `folder` is where external data would be.
pub(super) fn read(
    bytes: &[u8],
    folder: Option<&Path>,
    options: &OnnxOptions,
) -> Result<Import, Problem> {
    let file = decode(bytes).map_err(|source| Problem::Protobuf { source })?;
    let Some(graph) = &file.graph else { return Err(Problem::NoGraph) };
    let opset = opset(&file.opset_import, "")?;
    let functions = file.functions.iter().map(|f| ((f.domain(), f.name(), f.overload()), f));
    let mut importer = Importer {
        graph: Graph { name: graph.name().to_owned(), ..Graph::default() },
        opset,
        functions: functions.collect(),
        folder,
        options,
        budget: Budget::for_file(bytes.len()),
        node_index: 0,
        depth: 0,
        warnings: Vec::new(),
        unknown_outputs: Vec::new(),
    };
    let names = Names::default();
    importer.inputs(graph, &names)?;
    importer.nodes(&graph.node, &names, &[])?;
    importer.outputs(graph, &names)?;
    importer.finish(&file)
}

/// The version of a domain's operator set.
fn opset(imports: &[OperatorSetIdProto], domain: &str) -> Result<i64, Problem> {
    let is_it = |import: &&OperatorSetIdProto| match import.domain() {
        "" | "ai.onnx" => domain.is_empty(),
        other => other == domain,
    };
    let version = imports.iter().find(is_it).map_or(0, OperatorSetIdProto::version);
    // A file of functions only may leave the default set out.
    let version = if version == 0 { MIN_OPSET } else { version };
    if (1..=MAX_OPSET).contains(&version) {
        return Ok(version);
    }
    let reason = format!("is of version {version}; up to {MAX_OPSET} are read");
    Err(Problem::Onnx { place: "the operator set".into(), reason })
}

/// What the names in a graph or a function stand for.
#[derive(Default)]
struct Names<'p> {
    values: std::cell::RefCell<HashMap<String, Option<TensorId>>>,
    /// The graph around this one, whose names are known here, too.
    outer: Option<&'p Names<'p>>,
    /// Whether some value is not known because its node could not be read.
    unknown: Cell<bool>,
}

impl<'p> Names<'p> {
    /// Names of a graph inside of another.
    fn inside(outer: &'p Names<'p>) -> Self {
        Self { outer: Some(outer), ..Self::default() }
    }

    /// What a name stands for.
    fn find(&self, name: &str) -> node::Result<TensorId> {
        match self.values.borrow().get(name) {
            Some(Some(id)) => return Ok(*id),
            Some(None) => return Err(Refusal::Unknown),
            None => {}
        }
        match self.outer {
            Some(outer) => outer.find(name),
            None => Err(format!("reads `{name}`, which nothing produces").into()),
        }
    }

    /// Gives a name a meaning; `None` for what could not be read.
    fn set(&self, name: &str, id: Option<TensorId>) {
        if !name.is_empty() {
            self.unknown.set(self.unknown.get() || id.is_none());
            self.values.borrow_mut().insert(name.to_owned(), id);
        }
    }
}

/// The network while it is read.
struct Importer<'a> {
    graph: Graph,
    opset: i64,
    functions: HashMap<(&'a str, &'a str, &'a str), &'a FunctionProto>,
    folder: Option<&'a Path>,
    options: &'a OnnxOptions,
    budget: Budget,
    /// Number of the node that is read, in the order of reading.
    node_index: u32,
    depth: usize,
    warnings: Vec<Warning>,
    /// Outputs of the graph that could not be computed.
    unknown_outputs: Vec<TensorId>,
}

impl<'a> Importer<'a> {
    /// The function of the model that a node calls.
    fn function(&self, node: &NodeProto) -> Option<&'a FunctionProto> {
        self.functions.get(&(node.domain(), node.op_type(), node.overload())).copied()
    }

    fn inputs(&mut self, graph: &GraphProto, names: &Names<'_>) -> Result<(), Problem> {
        for initializer in &graph.initializer {
            let constant = tensor::read(initializer, self.folder, &mut self.budget)?;
            let id = self.add_constant(initializer.name(), constant);
            names.set(initializer.name(), Some(id));
        }
        if let Some(sparse) = graph.sparse_initializer.first() {
            let name = sparse.values.as_ref().map_or("", |values| values.name());
            let reason = "is sparse, which is not read".to_owned();
            return Err(Problem::Onnx { place: format!("tensor `{name}`"), reason });
        }
        self.options.expect_inputs(graph.input.iter().map(|input| input.name()))?;
        for input in &graph.input {
            let name = input.name();
            if let Some(bound) = self.options.bind.get(name) {
                let (dtype, shape) = (bound.dtype, bound.shape.clone());
                let constant = Constant { dtype, shape, data: bound.data.clone() };
                let id = self.add_constant(name, constant);
                names.set(name, Some(id));
            } else if names.find(name).is_err() {
                let (dtype, shape) = self.input_type(input)?;
                let id = self.add_tensor(name, dtype, shape, None);
                self.graph.inputs.push(id);
                let id = self.cast(id, tensor::computed(dtype))?;
                names.set(name, Some(id));
            }
        }
        Ok(())
    }

    /// Type and shape of an input. Extents that the file leaves open come from the options; an open
    /// first one is a batch of 1.
    fn input_type(&mut self, input: &ValueInfoProto) -> Result<(DType, Vec<usize>), Problem> {
        let name = input.name();
        let wrong = |reason: String| Problem::Onnx { place: format!("input `{name}`"), reason };
        let value = input.r#type.as_ref().and_then(|t| t.value.as_ref());
        let Some(type_proto::Value::TensorType(tensor)) = value else {
            return Err(wrong("is no tensor".into()));
        };
        let dtype = tensor::dtype(tensor.elem_type())
            .ok_or_else(|| wrong(format!("has the element type {}", tensor.elem_type())))?;
        let given = self.options.shapes.get(name);
        let Some(shape) = &tensor.shape else {
            let help = "has no shape; give one with --input-shape";
            return given.map(|g| (dtype, g.clone())).ok_or_else(|| wrong(help.into()));
        };
        if let Some(given) = given.filter(|given| given.len() != shape.dim.len()) {
            let rank = shape.dim.len();
            return Err(wrong(format!("has {rank} axes; --input-shape gives {given:?}")));
        }
        let mut dims = Vec::new();
        for (axis, dim) in shape.dim.iter().enumerate() {
            let fixed = match &dim.value {
                Some(tensor_shape_proto::dimension::Value::DimValue(size)) => {
                    usize::try_from(*size).ok().filter(|&size| size > 0)
                }
                Some(tensor_shape_proto::dimension::Value::DimParam(_)) | None => None,
            };
            if dim.value == Some(tensor_shape_proto::dimension::Value::DimValue(0)) {
                return Err(wrong(format!("is empty along axis {axis}")));
            }
            let given = given.map(|given| given[axis]);
            if let (Some(fixed), Some(given)) = (fixed, given)
                && fixed != given
            {
                return Err(wrong(format!("has extent {fixed} at axis {axis}, not {given}")));
            }
            let open = || {
                wrong(format!(
                    "leaves axis {axis} open; give all extents with --input-shape {name}=..."
                ))
            };
            if fixed.is_none() && given.is_none() && axis == 0 {
                self.warnings.push(Warning::OpenBatch { tensor: name.to_owned() });
                dims.push(1);
            } else {
                dims.push(given.or(fixed).ok_or_else(open)?);
            }
        }
        Ok((dtype, dims))
    }

    /// A tensor in another type.
    fn cast(&mut self, id: TensorId, dtype: DType) -> Result<TensorId, Problem> {
        let Tensor { name, shape, dtype: own, .. } = self.graph.tensor(id).clone();
        if own == dtype {
            return Ok(id);
        }
        let results = vec![(dtype, shape, None)];
        let results = self.add_node(&name, Op::Cast, vec![Some(id)], results)?;
        Ok(results.first().copied().unwrap_or(id))
    }

    /// Reads nodes in their order.
    fn nodes(
        &mut self,
        nodes: &[NodeProto],
        names: &Names<'_>,
        caller: &[AttributeProto],
    ) -> Result<(), Problem> {
        for node in nodes {
            if self.graph.nodes.len() >= MAX_NODES {
                let count = self.graph.nodes.len();
                return Err(Problem::TooMany { what: "nodes", count, max: MAX_NODES });
            }
            let first = self.graph.tensors.len();
            let mut cx = NodeCx { importer: self, names, node, caller };
            match ops::read(&mut cx) {
                Ok(results) => self.name_results(node, names, &results, first),
                Err(Refusal::Damaged(problem)) => return Err(problem),
                Err(Refusal::Unknown) => node.output.iter().for_each(|name| names.set(name, None)),
                Err(Refusal::Reason(reason)) => {
                    self.unsupported(node, reason);
                    node.output.iter().for_each(|name| names.set(name, None));
                }
            }
            if self.depth == 0 {
                self.node_index += 1;
            }
        }
        Ok(())
    }

    fn name_results(
        &mut self,
        node: &NodeProto,
        names: &Names<'_>,
        results: &[TensorId],
        first: usize,
    ) {
        for (name, &id) in node.output.iter().zip(results) {
            names.set(name, Some(id));
            if id.index() >= first && !name.is_empty() {
                self.graph.tensor_mut(id).name.clone_from(name);
            }
        }
    }

    /// Adds a node that stands for one that cannot be imported, so that all of them are reported.
    fn unsupported(&mut self, node: &NodeProto, reason: String) {
        let domain = node.domain();
        let name = match domain {
            "" | "ai.onnx" => node.op_type().to_owned(),
            _ => format!("{domain}.{}", node.op_type()),
        };
        self.graph.nodes.push(Node {
            name: self.place(node),
            op: Op::Unsupported { name, reason },
            inputs: Vec::new(),
            outputs: Vec::new(),
            source_index: self.node_index,
        });
    }

    /// How messages name a node: by its own name, or by its first output.
    fn place(&self, node: &NodeProto) -> String {
        let first = node.output.first().map_or("", String::as_str);
        if node.name().is_empty() { first.to_owned() } else { node.name().to_owned() }
    }

    fn outputs(&mut self, graph: &GraphProto, names: &Names<'_>) -> Result<(), Problem> {
        for output in &graph.output {
            let name = output.name();
            let id = match names.find(name) {
                Ok(id) => id,
                Err(Refusal::Unknown) => {
                    let id = self.add_tensor(name, DType::F32, vec![1], None);
                    self.unknown_outputs.push(id);
                    id
                }
                Err(_) => {
                    let reason = "is produced by nothing".to_owned();
                    return Err(Problem::Onnx { place: format!("output `{name}`"), reason });
                }
            };
            let id = self.as_declared(id, output)?;
            self.graph.outputs.push(id);
        }
        Ok(())
    }

    /// An output in the floating-point type that the file says, which is not the one it is
    /// computed in.
    fn as_declared(&mut self, id: TensorId, output: &ValueInfoProto) -> Result<TensorId, Problem> {
        let value = output.r#type.as_ref().and_then(|t| t.value.as_ref());
        let Some(type_proto::Value::TensorType(declared)) = value else { return Ok(id) };
        let declared = tensor::dtype(declared.elem_type());
        let own = self.graph.tensor(id).dtype;
        let other = declared.filter(|&other| other != own && tensor::computed(other) == own);
        let Some(other) = other else { return Ok(id) };
        let id = self.cast(id, other)?;
        self.graph.tensor_mut(id).name = output.name().to_owned();
        Ok(id)
    }

    fn finish(mut self, file: &ModelProto) -> Result<Import, Problem> {
        let unknown = std::mem::take(&mut self.unknown_outputs);
        if let Some(node) = self.graph.nodes.iter_mut().find(|node| node.op.is_unsupported()) {
            node.outputs.extend(unknown);
        }
        let label = format!("graph `{}`", self.graph.name);
        let invalid = |source| Problem::Graph { graph: label, source: Box::new(source) };
        self.graph.validate().map_err(invalid)?;
        passes::join_spread(&mut self.graph);
        let producer = [file.producer_name(), file.producer_version()].join(" ");
        let entries = file.metadata_props.iter();
        let metadata: BTreeMap<String, Arc<[u8]>> =
            entries.map(|e| (e.key().to_owned(), e.value().as_bytes().into())).collect();
        let model = Model {
            description: producer.trim().to_owned(),
            subgraphs: vec![self.graph],
            metadata,
        };
        Ok(Import { model, warnings: self.warnings })
    }

    /// Appends a tensor that a node computes or the caller fills.
    fn add_tensor(
        &mut self,
        name: &str,
        dtype: DType,
        shape: Vec<usize>,
        quant: Option<Quantization>,
    ) -> TensorId {
        self.graph.add_tensor(Tensor {
            name: name.to_owned(),
            dtype,
            shape,
            quant,
            data: None,
            is_variable: false,
            source_index: Tensor::NO_SOURCE,
            source_dtype: dtype,
        })
    }

    /// Appends a constant.
    fn add_constant(&mut self, name: &str, constant: Constant) -> TensorId {
        let constant = constant.computed();
        let id = self.add_tensor(name, constant.dtype, constant.shape, None);
        self.graph.tensor_mut(id).data = Some(constant.data.into());
        id
    }

    /// Appends a node with its results.
    fn add_node(
        &mut self,
        name: &str,
        op: Op,
        inputs: Vec<Option<TensorId>>,
        results: Vec<(DType, Vec<usize>, Option<Quantization>)>,
    ) -> Result<Vec<TensorId>, Problem> {
        const NODE_COST: usize = 16;
        self.budget.charge(NODE_COST, 1)?;
        let add = |(dtype, shape, quant)| self.add_tensor(name, dtype, shape, quant);
        let outputs: Vec<_> = results.into_iter().map(add).collect();
        self.graph.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs,
            outputs: outputs.clone(),
            source_index: self.node_index,
        });
        Ok(outputs)
    }
}
