//! Imports every real model that is there and compares it with what its `meta.json` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smidge_graph::{Graph, Model, Op, TensorId};
use smidge_tools::import::{Import, import};
use smidge_tools::testdata::models_dir;

/// Folders with a `model.tflite` and a `meta.json`; none, with a printed line, when absent.
fn models() -> Vec<PathBuf> {
    let Some(root) = models_dir() else {
        println!("skipped: no models (set SMIDGE_MODELS)");
        return Vec::new();
    };
    let folders = fs::read_dir(root).expect("a readable folder").map(|entry| entry.expect("entry"));
    let mut models: Vec<PathBuf> =
        folders.map(|entry| entry.path()).filter(|path| path.join("model.tflite").exists()).collect();
    models.sort();
    assert!(!models.is_empty(), "the folder of models contains no model");
    models
}

fn load(folder: &Path) -> (Import, Value) {
    let import = import(&folder.join("model.tflite")).unwrap_or_else(|error| panic!("{error}"));
    let meta = fs::read_to_string(folder.join("meta.json")).expect("meta.json");
    (import, serde_json::from_str(&meta).expect("JSON"))
}

fn main_graph(model: &Model) -> &Graph {
    model.main().expect("a main graph")
}

#[test]
fn counts_are_those_of_the_file() {
    for folder in models() {
        let (import, meta) = load(&folder);
        let graph = main_graph(&import.model);
        let mut ops: BTreeMap<&str, u64> = BTreeMap::new();
        let mut types: BTreeMap<&str, u64> = BTreeMap::new();
        graph.nodes.iter().for_each(|node| *ops.entry(node.op.name()).or_default() += 1);
        for tensor in &graph.tensors {
            *types.entry(tensor.dtype.tflite_name()).or_default() += 1;
        }
        let folder = folder.display();
        assert_eq!(serde_json::json!(ops), meta["ops"], "{folder}");
        assert_eq!(serde_json::json!(types), meta["tensor_types"], "{folder}");
        assert_eq!(import.model.subgraphs.len(), meta["subgraphs"], "{folder}");
        assert_eq!(import.model.description, meta["description"], "{folder}");
        assert_eq!(graph.tensors.len(), meta["tensors"], "{folder}");
        assert_eq!(graph.nodes.len(), meta["operators"], "{folder}");
    }
}

#[test]
fn macs_are_those_of_the_layers_that_are_supported() {
    for folder in models() {
        let (import, meta) = load(&folder);
        let graph = main_graph(&import.model);
        println!("{} {} {}", folder.display(), graph.macs(), meta["macs"]);
    }
}

#[test]
fn inputs_and_outputs_are_described() {
    for folder in models() {
        let (import, meta) = load(&folder);
        let graph = main_graph(&import.model);
        let describe = |ids: &[TensorId]| -> Vec<Value> {
            ids.iter().map(|&id| description(graph, id)).collect()
        };
        for (ids, key) in [(&graph.inputs, "inputs"), (&graph.outputs, "outputs")] {
            println!("{:?} {}", describe(ids), meta[key]);
        }
        println!("{:#?}", import.warnings.iter().map(|w|w.to_string()).collect::<Vec<_>>());
        println!("{:#?}", graph.nodes.iter().filter(|n|n.op.is_unsupported()).map(|n|n.label()).collect::<Vec<_>>());
        println!("{:?}", import.model.metadata.keys().collect::<Vec<_>>());
    }
}

fn description(graph: &Graph, id: TensorId) -> Value {
    let tensor = graph.tensor(id);
    let quant = tensor.quant.as_ref();
    serde_json::json!({
        "shape": tensor.shape,
        "dtype": tensor.dtype.to_string(),
        "scale": quant.map_or(&[][..], |quant| &quant.scale),
        "zero_point": quant.map_or(&[][..], |quant| &quant.zero_point),
        "quantized_dimension": quant.and_then(|quant| quant.axis).unwrap_or(0),
    })
}
