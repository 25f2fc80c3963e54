//! Real networks with reference outputs, where they are installed: a folder each with
//! `model.tflite`, `inputs.npy`, `outputs.npy`, where tflite-micro differs `outputs_tflm.npy`, and in
//! `layers` the tensors of the first sample.

use crate::{Case, Golden, Tolerance};
use smidge_tools::lower::Rounding;
use smidge_tools::testdata::models_dir;
use std::path::{Path, PathBuf};

/// Feed-forward networks of one subgraph that this version runs.
pub const NAMES: &[&str] = &[
    "hello_world_float",
    "hello_world_int8",
    "mlperf_ad01_float",
    "mlperf_ad01_int8",
    "mlperf_kws_int8",
    "mlperf_kws_qualcomm_float",
    "mlperf_resnet8_float",
    "mlperf_resnet8_int8",
    "mlperf_sww_int8",
    "mlperf_vww_float",
    "mlperf_vww_int8",
    "tflm_micro_speech_int8",
    "tflm_person_detect_int8",
];

/// The network of this repository, with the 200 images beside it.
pub fn own() -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fashion");
    let outputs = vec![folder.join("test_outputs.npy")];
    let golden = |rounding| Golden { rounding, outputs: outputs.clone() };
    Case {
        name: "fashion_int8".into(),
        model: folder.join("fashion_int8.tflite"),
        inputs: vec![folder.join("test_inputs.npy")],
        golden: vec![golden(Rounding::Tflite), golden(Rounding::Tflm)],
        refused: None,
        tolerance: Tolerance::Exact,
    }
}

/// The networks that are installed; prints a line and gives none where they are not.
pub fn cases() -> Vec<Case> {
    let Some(folder) = models_dir() else {
        println!("skipped: real models are not installed (set SMIDGE_MODELS to their folder)");
        return Vec::new();
    };
    NAMES.iter().map(|name| case(name, folder.join(name))).collect()
}

/// The tensors of the first sample that are known: number in the source model, and file.
pub fn layers(case: &Case) -> Vec<(u16, PathBuf)> {
    let folder = case.model.with_file_name("layers");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut layers: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let number = path.file_stem()?.to_str()?.strip_prefix('t')?.parse().ok()?;
            (path.extension()? == "npy").then_some((number, path))
        })
        .collect();
    layers.sort();
    layers
}

fn case(name: &str, folder: PathBuf) -> Case {
    let outputs = vec![folder.join("outputs.npy")];
    let tflm = vec![folder.join("outputs_tflm.npy")];
    let mut golden = vec![Golden { rounding: Rounding::Tflite, outputs }];
    if tflm[0].is_file() {
        golden.push(Golden { rounding: Rounding::Tflm, outputs: tflm });
    }
    let float = name.ends_with("_float");
    Case {
        name: name.to_owned(),
        model: folder.join("model.tflite"),
        inputs: vec![folder.join("inputs.npy")],
        golden,
        refused: None,
        tolerance: if float { Tolerance::Float(1e-5) } else { Tolerance::Exact },
    }
}
