//! TFLite files.

mod attributes;
mod buffers;
mod operators;
mod options;
mod quantization;
mod tensors;

use std::collections::BTreeMap;
use std::sync::Arc;

use smidge_graph::{Graph, Model, TensorId};
use smidge_tflite::{
    Error, ModelRef, ReadAsRoot, SubgraphRef, VERSION, Vector, operator_code, operator_name,
};

use self::buffers::Buffers;
use self::operators::Code;
use super::{Budget, Import, Problem, Warning};

/// Most graphs in a file.
const MAX_GRAPHS: usize = 1 << 10;
/// Most tensors in a graph.
const MAX_TENSORS: usize = 1 << 18;
/// Most nodes in a graph.
const MAX_NODES: usize = 1 << 16;

/// A vector of tables, as the generated getters return it.
type Tables<'a, T> = Option<Vector<'a, Result<T, Error>>>;

/// Reads the content of a TFLite file.
pub(super) fn read(bytes: &[u8]) -> Result<Import, Problem> {
    let damaged = |source| damaged("the model table", source);
    let file = ModelRef::read_as_root(bytes).map_err(damaged)?;
    let version = file.version().map_err(damaged)?;
    if version != VERSION {
        return Err(Problem::Version { version });
    }

    let mut budget = Budget::for_file(bytes.len());
    let buffers = Buffers::new(bytes, file.buffers().map_err(damaged)?);
    let codes = operator_codes(&file, &mut budget)?;
    let mut reader = Reader { buffers, budget, codes, warnings: Vec::new() };

    let mut model = Model {
        description: reader.text(file.description().map_err(damaged)?)?,
        subgraphs: Vec::new(),
        metadata: reader.metadata(&file)?,
    };
    let graphs = file.subgraphs().map_err(damaged)?;
    at_most("graphs", count(&graphs), MAX_GRAPHS)?;
    for (index, graph) in graphs.into_iter().flatten().enumerate() {
        let graph = reader.graph(index, graph.map_err(damaged)?)?;
        model.subgraphs.push(graph);
    }
    if model.subgraphs.is_empty() {
        return Err(Problem::NoGraph);
    }
    Ok(Import { model, warnings: reader.warnings })
}

/// What the parts of a file need to be read.
struct Reader<'a> {
    buffers: Buffers<'a>,
    budget: Budget,
    codes: Vec<Code>,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    fn graph(&mut self, index: usize, table: SubgraphRef<'a>) -> Result<Graph, Problem> {
        let name = self.text(table.name().map_err(|e| damaged(format!("graph {index}"), e))?)?;
        let label = format!("graph {index} `{name}`");
        let damaged = |source| damaged(&label, source);
        let invalid = |source| Problem::Graph { graph: label.clone(), source: Box::new(source) };

        let mut tensors = self.tensors(&label, table.tensors().map_err(damaged)?)?;
        let count = tensors.tensors.len();
        let inputs = self.ids(&label, table.inputs().map_err(damaged)?, count)?;
        let outputs = self.ids(&label, table.outputs().map_err(damaged)?, count)?;
        let nodes = self.nodes(&label, table.operators().map_err(damaged)?, &tensors)?;
        tensors.fill_empty_constants(&inputs, &nodes);

        let tensors = tensors.tensors;
        let mut graph = Graph { name, tensors, nodes, inputs, outputs };
        graph.validate().map_err(invalid)?;
        if graph.sort_nodes().map_err(invalid)? {
            self.warnings.push(Warning::Reordered { graph: label });
        }
        Ok(graph)
    }

    /// Positions of tensors that all have to be there.
    fn ids(
        &mut self,
        place: &str,
        list: Option<Vector<'a, i32>>,
        tensor_count: usize,
    ) -> Result<Vec<TensorId>, Problem> {
        self.budget.charge(list.map_or(0, Vector::len), size_of::<i32>())?;
        list.into_iter().flatten().map(|id| tensor_id(place, id, tensor_count)).collect()
    }

    fn text(&mut self, text: Option<&str>) -> Result<String, Problem> {
        let text = text.unwrap_or_default();
        self.budget.charge(text.len(), 1)?;
        Ok(text.to_owned())
    }

    fn metadata(&mut self, file: &ModelRef<'a>) -> Result<BTreeMap<String, Arc<[u8]>>, Problem> {
        const ENTRY_COST: usize = 32;
        let damaged = |source| damaged("the metadata", source);
        let entries = file.metadata().map_err(damaged)?;
        self.budget.charge(count(&entries), ENTRY_COST)?;
        let mut metadata = BTreeMap::new();
        for entry in entries.into_iter().flatten() {
            let entry = entry.map_err(damaged)?;
            let name = self.text(entry.name().map_err(damaged)?)?;
            let buffer = entry.buffer().map_err(damaged)?;
            let data = self.buffers.get(buffer, &mut self.budget, || format!("metadata `{name}`"));
            metadata.insert(name.clone(), data?.unwrap_or_default());
        }
        Ok(metadata)
    }
}

fn operator_codes(file: &ModelRef<'_>, budget: &mut Budget) -> Result<Vec<Code>, Problem> {
    const CODE_COST: usize = 16;
    let damaged = |source| damaged("the operator codes", source);
    let entries = file.operator_codes().map_err(damaged)?;
    budget.charge(count(&entries), CODE_COST)?;
    let mut codes = Vec::new();
    for entry in entries.into_iter().flatten() {
        let entry = entry.map_err(damaged)?;
        let code = operator_code(entry).map_err(damaged)?;
        codes.push(if code == smidge_tflite::CUSTOM {
            let name = entry.custom_code().map_err(damaged)?.unwrap_or_default();
            budget.charge(name.len(), 1)?;
            Code::Custom(name.to_owned())
        } else {
            operator_name(code).map_or(Code::Unknown(code), Code::Builtin)
        });
    }
    Ok(codes)
}

fn tensor_id(place: &str, id: i32, tensor_count: usize) -> Result<TensorId, Problem> {
    match u32::try_from(id) {
        Ok(position) if (position as usize) < tensor_count => Ok(TensorId(position)),
        _ => Err(Problem::NoSuch { place: place.to_owned(), what: "tensor", index: id.into() }),
    }
}

fn count<T>(tables: &Tables<'_, T>) -> usize {
    tables.as_ref().map_or(0, |tables| tables.len())
}

fn at_most(what: &'static str, count: usize, max: usize) -> Result<(), Problem> {
    if count <= max { Ok(()) } else { Err(Problem::TooMany { what, count, max }) }
}

fn damaged(place: impl Into<String>, source: Error) -> Problem {
    Problem::Damaged { place: place.into(), source: Box::new(source) }
}
