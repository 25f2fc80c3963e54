//! Nodes.

use smidge_graph::{Node, Op, TensorId};
use smidge_tflite::{OperatorRef, Vector};

use super::attributes::{self, AttributeError};
use super::tensors::Tensors;
use super::{MAX_NODES, Problem, Reader, Tables, at_most, count, damaged, tensor_id};

/// An entry of the list of operators that a file uses.
pub(super) enum Code {
    /// An operator of TFLite.
    Builtin(&'static str),
    /// An operator that some runtime was extended by.
    Custom(String),
    /// A number without a meaning.
    Unknown(i32),
}

impl<'a> Reader<'a> {
    pub(super) fn nodes(
        &mut self,
        graph: &str,
        tables: Tables<'a, OperatorRef<'a>>,
        tensors: &Tensors,
    ) -> Result<Vec<Node>, Problem> {
        // No table that converters write is shorter.
        const NODE_COST: usize = 32;
        at_most("nodes", count(&tables), MAX_NODES)?;
        self.budget.charge(count(&tables), NODE_COST)?;
        (0..)
            .zip(tables.into_iter().flatten())
            .map(|(index, table)| {
                let table = table.map_err(|source| damaged(graph, source))?;
                self.node(index, &table, tensors)
            })
            .collect()
    }

    fn node(
        &mut self,
        source_index: u32,
        table: &OperatorRef<'a>,
        tensors: &Tensors,
    ) -> Result<Node, Problem> {
        let place = format!("node {source_index}");
        let damaged = |source| damaged(&place, source);
        let inputs = table.inputs().map_err(damaged)?;
        let inputs = self.operands(&place, inputs, tensors.tensors.len())?;
        let outputs = table.outputs().map_err(damaged)?;
        let outputs = self.ids(&place, outputs, tensors.tensors.len())?;

        let first_output = outputs.first().map(|id| tensors.tensors[id.index()].name.as_str());
        let name = self.text(first_output)?;
        let code = table.opcode_index().map_err(damaged)?;
        let op = self.operator(&place, code, table)?;
        let mut node = Node { name, op, inputs, outputs, source_index };
        if let Some(reason) = unusable_operand(&node, tensors)
            && !node.op.is_unsupported()
        {
            self.budget.charge(reason.len(), 1)?;
            let name = node.op.name().to_owned();
            node.op = Op::Unsupported { name, reason };
        }
        Ok(node)
    }

    /// Positions of tensors, of which −1 is none.
    fn operands(
        &mut self,
        place: &str,
        list: Option<Vector<'a, i32>>,
        tensor_count: usize,
    ) -> Result<Vec<Option<TensorId>>, Problem> {
        self.budget.charge(list.map_or(0, Vector::len), size_of::<Option<TensorId>>())?;
        list.into_iter()
            .flatten()
            .map(|id| match id {
                -1 => Ok(None),
                id => tensor_id(place, id, tensor_count).map(Some),
            })
            .collect()
    }

    fn operator(&mut self, place: &str, code: u32, table: &OperatorRef<'a>) -> Result<Op, Problem> {
        let unsupported =
            |name: String, reason: &str| Op::Unsupported { name, reason: reason.to_owned() };
        let name = match self.codes.get(code as usize) {
            Some(Code::Builtin(name)) => *name,
            Some(Code::Custom(name)) => {
                self.budget.charge(name.len(), 1)?;
                let name = format!("CUSTOM:{name}");
                return Ok(unsupported(name, "is a custom operator"));
            }
            Some(Code::Unknown(code)) => {
                let name = format!("BUILTIN:{code}");
                return Ok(unsupported(name, "is newer than this version of smidge"));
            }
            None => {
                let (place, what) = (place.to_owned(), "operator code");
                return Err(Problem::NoSuch { place, what, index: code.into() });
            }
        };
        let place = format!("{name} {place}");
        let op = attributes::read(name, table, &mut self.budget).map_err(|error| match error {
            AttributeError::Damaged(source) => damaged(&place, source),
            AttributeError::Import(problem) => problem,
            AttributeError::Value { attribute, value, rule } => {
                Problem::Attribute { node: place.clone(), attribute, value, rule }
            }
        })?;
        Ok(op.unwrap_or_else(|| unsupported(name.to_owned(), "is not supported by this version")))
    }
}

/// Why the node cannot run although its operator could.
fn unusable_operand(node: &Node, tensors: &Tensors) -> Option<String> {
    node.tensors().find_map(|id| {
        let why = tensors.unusable[id.index()]?;
        Some(format!("uses {}, which {why}", tensors.tensors[id.index()].label()))
    })
}
