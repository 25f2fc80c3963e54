//! Models, graphs and nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Op, Tensor, TensorId};

/// All that was read from one model file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Free text of the file, usually the converter that wrote it.
    pub description: String,
    /// `subgraphs[0]` is the network; the others are bodies that control flow refers to.
    pub subgraphs: Vec<Graph>,
    /// Named attachments of the file, as raw bytes.
    pub metadata: BTreeMap<String, Arc<[u8]>>,
}

impl Model {
    /// The network itself; `None` for a model without graphs, which no importer returns.
    pub fn main(&self) -> Option<&Graph> {
        self.subgraphs.first()
    }

    /// The network itself, to be rewritten.
    pub fn main_mut(&mut self) -> Option<&mut Graph> {
        self.subgraphs.first_mut()
    }
}

/// A network: nodes connected by tensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Name in the source file; may be empty.
    pub name: String,
    /// Every tensor; a [`TensorId`] is a position in this list.
    pub tensors: Vec<Tensor>,
    /// Every node. The list order is an execution order once an importer has returned it.
    pub nodes: Vec<Node>,
    /// Tensors that the caller fills, in the order of the source file.
    pub inputs: Vec<TensorId>,
    /// Tensors that the caller reads, in the order of the source file.
    pub outputs: Vec<TensorId>,
}

/// One operator applied to tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it is, for people: usually the name of the first output; may be empty.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// Operands in TFLite order; `None` for an optional operand that is left out.
    pub inputs: Vec<Option<TensorId>>,
    /// Results in TFLite order.
    pub outputs: Vec<TensorId>,
    /// Number of the operator in the source file.
    pub source_index: u32,
}

impl Node {
    /// Operand `position`; `None` when it is left out or the list is shorter.
    pub fn input(&self, position: usize) -> Option<TensorId> {
        self.inputs.get(position).copied().flatten()
    }

    /// All operands that are there.
    pub fn present_inputs(&self) -> impl Iterator<Item = TensorId> + '_ {
        self.inputs.iter().copied().flatten()
    }

    /// All operands that are there, then all results.
    pub fn tensors(&self) -> impl Iterator<Item = TensorId> + '_ {
        self.present_inputs().chain(self.outputs.iter().copied())
    }

    /// How messages name the node: operator, number in the source file, name if it has one.
    pub fn label(&self) -> String {
        let place = format!("{} node {}", self.op.name(), self.source_index);
        if self.name.is_empty() { place } else { format!("{place} `{}`", self.name) }
    }
}

impl Graph {
    /// The tensor behind an id.
    ///
    /// # Panics
    ///
    /// When the id belongs to no tensor of this graph: impossible for the ids inside a graph that
    /// passed [`Graph::validate`].
    pub fn tensor(&self, id: TensorId) -> &Tensor {
        &self.tensors[id.index()]
    }

    /// The tensor behind an id, to be rewritten.
    ///
    /// # Panics
    ///
    /// As [`Graph::tensor`].
    pub fn tensor_mut(&mut self, id: TensorId) -> &mut Tensor {
        &mut self.tensors[id.index()]
    }

    /// Appends a tensor.
    ///
    /// # Panics
    ///
    /// Beyond 2³² tensors.
    pub fn add_tensor(&mut self, tensor: Tensor) -> TensorId {
        let id = TensorId(u32::try_from(self.tensors.len()).expect("at most 2^32 tensors"));
        self.tensors.push(tensor);
        id
    }

    /// For each tensor, the index of the node that produces it. Ids out of range are ignored.
    pub fn producers(&self) -> Vec<Option<usize>> {
        let mut producers = vec![None; self.tensors.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for output in &node.outputs {
                if let Some(slot) = producers.get_mut(output.index()) {
                    *slot = Some(index);
                }
            }
        }
        producers
    }

    /// For each tensor, the indices of the nodes that read it, ascending and without repetition.
    /// Ids out of range are ignored.
    pub fn consumers(&self) -> Vec<Vec<usize>> {
        let mut consumers: Vec<Vec<usize>> = vec![Vec::new(); self.tensors.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for input in node.present_inputs() {
                if let Some(readers) = consumers.get_mut(input.index())
                    && readers.last() != Some(&index)
                {
                    readers.push(index);
                }
            }
        }
        consumers
    }
}
