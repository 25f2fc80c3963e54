//! Every real model, compared with what its `meta.json` says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use smidge_graph::{Graph, TensorId};
use smidge_tools::import::{Import, import};
use smidge_tools::testdata::models_dir;

/// Every file below `folder` that ends so.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|end| end == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Imports the model of every folder that has one.
fn for_each_model(check: impl Fn(&str, &Graph, &Import, &Value)) {
    let Some(root) = models_dir() else {
        println!("skipped: no models, see SMIDGE_MODELS");
        return;
    };
    let mut checked = 0;
    for path in files_below(&root, "tflite") {
        let import = import(&path).unwrap_or_else(|error| panic!("{error}"));
        let meta = path.with_file_name("meta.json");
        let graph = import.model.main().expect("a main graph");
        if path.file_name().is_some_and(|name| name == "model.tflite") {
            let text = fs::read_to_string(meta).expect("a description of the model");
            let meta = serde_json::from_str(&text).expect("a description in JSON");
            check(&path.display().to_string(), graph, &import, &meta);
            checked += 1;
        }
    }
    assert!(checked > 0, "there are models, but none is called model.tflite");
}

fn count<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    json!(counts)
}

#[test]
fn counts_are_those_of_the_file() {
    for_each_model(|path, graph, import, meta| {
        let ops = count(graph.nodes.iter().map(|node| node.op.name()));
        let types = count(graph.tensors.iter().map(|tensor| tensor.dtype.tflite_name()));
        assert_eq!(ops, meta["ops"], "{path}");
        assert_eq!(types, meta["tensor_types"], "{path}");
        assert_eq!(graph.nodes.len(), meta["operators"], "{path}");
        assert_eq!(graph.tensors.len(), meta["tensors"], "{path}");
        assert_eq!(import.model.subgraphs.len(), meta["subgraphs"], "{path}");
        assert_eq!(import.model.description, meta["description"], "{path}");
    });
}

#[test]
fn constants_hold_the_parameters() {
    for_each_model(|path, graph, import, meta| {
        let constants = graph.tensors.iter().filter_map(|tensor| tensor.data.as_ref());
        let total: usize = constants.map(|data| data.len()).sum();
        // Constants of init graphs count there too, shapes and axes do not.
        let params = meta["param_bytes"].as_u64().expect("a number") as usize;
        let init = import.model.subgraphs.len() > 1;
        assert!(init || total >= params, "{path}: {total} of {params} bytes");
    });
}

#[test]
fn macs_are_those_of_the_supported_layers() {
    for_each_model(|path, graph, _, meta| {
        let stated = meta["macs"].as_u64().expect("a number");
        let recurrent = ["SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM"];
        if graph.nodes.iter().any(|node| recurrent.contains(&node.op.name())) {
            assert!(graph.macs() < stated, "{path}");
        } else {
            assert_eq!(graph.macs(), stated, "{path}");
        }
    });
}

#[test]
fn inputs_and_outputs_are_those_of_the_file() {
    for_each_model(|path, graph, _, meta| {
        for (ids, key) in [(&graph.inputs, "inputs"), (&graph.outputs, "outputs")] {
            let stated = meta[key].as_array().expect("a list");
            assert_eq!(ids.len(), stated.len(), "{path}");
            for (&id, stated) in ids.iter().zip(stated) {
                check_end(path, graph, id, stated);
            }
        }
    });
}

fn check_end(path: &str, graph: &Graph, id: TensorId, stated: &Value) {
    let tensor = graph.tensor(id);
    let quant = tensor.quant.as_ref();
    let scale = quant.map_or(&[][..], |quant| &quant.scale);
    let zero_point = quant.map_or(&[][..], |quant| &quant.zero_point);
    assert_eq!(json!(tensor.shape), stated["shape"], "{path}");
    assert_eq!(tensor.dtype.to_string(), stated["dtype"], "{path}");
    assert_eq!(json!(scale), stated["scale"], "{path}");
    assert_eq!(json!(zero_point), stated["zero_point"], "{path}");
    // Not all descriptions have the name.
    if let Some(name) = stated["name"].as_str() {
        assert_eq!(tensor.name, name, "{path}");
    }
}

#[test]
fn only_the_file_with_repaired_axes_gives_warnings() {
    for_each_model(|path, graph, import, _| {
        let codes: Vec<_> = import.warnings.iter().map(|warning| warning.code()).collect();
        let depthwise =
            graph.nodes.iter().filter(|node| node.op.name() == "DEPTHWISE_CONV_2D").count();
        if path.contains("person_detect") {
            assert_eq!(codes, vec!["W0101"; depthwise], "{path}");
        } else {
            assert!(codes.is_empty(), "{path}: {codes:?}");
        }
    });
}
