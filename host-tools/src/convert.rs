//! Conversion: a model file in, a blob out.

use crate::emit::{EmitError, Labels, emit};
use crate::execute::{Samples, execute};
use crate::import::{Import, ImportError, OnnxOptions, Warning, import, import_with};
use crate::lower::{LowerError, Options, Program, lower};
use crate::macs;
use crate::pack::{Packed, pack};
use crate::passes::{self, channels, channels::Removed};
use crate::plan::{Plan, plan};
use smidge_format::{AlignedBuf, Isa};
use smidge_graph::{Graph, Model};
use std::collections::HashMap;
use std::path::Path;

/// A converted model.
#[derive(Debug)]
pub struct Converted {
    /// The blob.
    pub bytes: Vec<u8>,
    /// The device program that is in it.
    pub program: Program,
    /// The arena's plan.
    pub plan: Plan,
    /// The forms that were chosen for steps with weights.
    pub packed: Vec<Packed>,
    /// Channels that were removed.
    pub removed: Removed,
    /// What was odd about the source file.
    pub warnings: Vec<Warning>,
}

/// Why a model cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The file cannot be read or is damaged.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Nodes that smidge cannot run.
    #[error(transparent)]
    Lower(#[from] LowerError),
    /// The blob cannot be written.
    #[error(transparent)]
    Emit(#[from] EmitError),
}

/// Converts a model file.
///
/// # Errors
/// [`ConvertError`].
pub fn convert(
    path: &Path,
    isa: Isa,
    options: &Options,
    labels: &Labels,
) -> Result<Converted, ConvertError> {
    convert_import(import(path)?, isa, options, labels)
}

/// As [`convert`], with shapes and constants that an ONNX file leaves open.
///
/// # Errors
/// [`ConvertError`].
pub fn convert_with(
    path: &Path,
    onnx: &OnnxOptions,
    isa: Isa,
    options: &Options,
    labels: &Labels,
) -> Result<Converted, ConvertError> {
    convert_import(import_with(path, onnx)?, isa, options, labels)
}

/// Converts a model that was imported.
///
/// # Errors
/// [`ConvertError`].
pub fn convert_import(
    Import { mut model, warnings }: Import,
    isa: Isa,
    options: &Options,
    labels: &Labels,
) -> Result<Converted, ConvertError> {
    let original = original_macs(&model);
    passes::run_all(&mut model);
    let removed = remove_channels(&mut model, isa, options);
    let mut program = lower(&model, options)?;
    for step in program.steps.iter_mut().filter(|step| step.macs > 0) {
        step.macs = original.get(&step.source).copied().unwrap_or(step.macs);
    }
    let packed = pack(&mut program, isa, &options.packing);
    let plan = plan(&program);
    let mut labels = labels.clone();
    if labels.name.is_empty() {
        labels.name = model.main().map(|graph| graph.name.clone()).unwrap_or_default();
    }
    if !labels.strip && !model.description.is_empty() {
        labels.metadata.push(("description".into(), model.description.clone()));
    }
    labels.metadata.push(("producer".into(), concat!("smidge ", env!("CARGO_PKG_VERSION")).into()));
    labels.metadata.push((macs::KEY.into(), macs::value(step_macs(&program, original))));
    let bytes = emit(&program, &plan, isa, &labels)?;
    Ok(Converted { bytes, program, plan, packed, removed, warnings })
}

/// Removes channels where the options say so. A model of several graphs, which cannot be lowered,
/// stays as it is.
fn remove_channels(model: &mut Model, isa: Isa, options: &Options) -> Removed {
    match model.subgraphs.as_mut_slice() {
        [graph] if options.channels.drops(isa) => {
            channels::remove(graph, &|graph, inputs| run_graph(graph, inputs, options))
        }
        _ => Removed::default(),
    }
}

/// Runs a graph on this machine with the portable kernels.
pub(crate) fn run_graph(
    graph: &Graph,
    inputs: &[Vec<u8>],
    options: &Options,
) -> Option<Vec<Vec<u8>>> {
    let model = Model { subgraphs: vec![graph.clone()], ..Model::default() };
    let program = lower(&model, &Options { float16: false, ..*options }).ok()?;
    let labels = Labels { strip: true, ..Labels::default() };
    let bytes = emit(&program, &plan(&program), Isa::Portable, &labels).ok()?;
    let bytes = AlignedBuf::from(bytes.as_slice());
    let model = smidge::Model::check(&bytes, smidge::ops::ALL).ok()?;
    let samples = Samples { leading: vec![1], inputs: vec![inputs.to_vec()] };
    execute(&model, &samples, false).ok()?.outputs.pop()
}

/// Multiply-accumulates of the source model's nodes, by their numbers.
fn original_macs(model: &Model) -> HashMap<u32, u64> {
    let graph = model.main();
    let nodes = graph.iter().flat_map(|graph| graph.nodes.iter().map(move |node| (graph, node)));
    let mut macs = HashMap::new();
    for (graph, node) in nodes {
        let sum: &mut u64 = macs.entry(node.source_index).or_default();
        *sum = sum.saturating_add(graph.node_macs(node));
    }
    macs
}

/// The same for each step. Where several steps stand for a node, the first one has them.
fn step_macs(program: &Program, mut original: HashMap<u32, u64>) -> Vec<u64> {
    let steps = program.steps.iter();
    steps.map(|step| original.remove(&step.source).unwrap_or(0)).collect()
}
