//! Real networks with reference outputs, where they are installed: a folder each with
//! `model.tflite` or `model.onnx`, `inputs.npy`, `outputs.npy`, where tflite-micro differs `outputs_tflm.npy`, and in
//! `layers` the tensors of the first sample.

use crate::{Case, Golden, Tolerance};
use serde::Deserialize;
use smidge_tools::lower::Rounding;
use smidge_tools::testdata::models_dir;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The networks that this version runs.
pub const NAMES: &[&str] = &[
    "hello_world_float",
    "hello_world_int8",
    "mlperf_ad01_float",
    "mlperf_ad01_int8",
    "mlperf_kws_float",
    "mlperf_kws_int8",
    "mlperf_kws_qualcomm_float",
    "mlperf_resnet8_float",
    "mlperf_resnet8_onnx",
    "mlperf_resnet8_int8",
    "mlperf_sww_int8",
    "mlperf_vww_float",
    "mlperf_vww_onnx",
    "rten_mnist_onnx",
    "mlperf_vww_int8",
    "mww_alexa",
    "tflm_keyword_scrambled_int8",
    "tflm_micro_speech_int8",
    "tflm_mnist_lstm_float",
    "tflm_mnist_lstm_int8",
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
        sampled: true,
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

/// What a collection of operators says about one.
#[derive(Deserialize)]
struct Single {
    model: String,
    inputs: Vec<String>,
    golden: String,
    max_abs_diff_vs_published_golden: BTreeMap<String, u32>,
}

/// The operators of a network with int16 activations, each by itself, where they are installed.
///
/// # Errors
/// If their index cannot be read.
pub fn int16_operators() -> Result<Vec<Case>, String> {
    #[derive(Deserialize)]
    struct Index {
        cases: Vec<Single>,
    }
    let Some(folder) = models_dir().map(|models| models.join("tflm_seanet_int16_ops")) else {
        println!("skipped: real models are not installed (set SMIDGE_MODELS to their folder)");
        return Ok(Vec::new());
    };
    let path = folder.join("meta.json");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let index: Index = serde_json::from_str(&text).map_err(|e| format!("meta.json: {e}"))?;
    Ok(index.cases.into_iter().map(|single| single.case(&folder)).collect())
}

impl Single {
    fn case(self, folder: &Path) -> Case {
        let outputs = vec![folder.join(&self.golden)];
        let mut golden = vec![Golden { rounding: Rounding::Tflite, outputs: outputs.clone() }];
        if self.max_abs_diff_vs_published_golden.get("tflm") == Some(&0) {
            golden.push(Golden { rounding: Rounding::Tflm, outputs });
        }
        Case {
            name: format!("int16 operators/{}", self.model),
            model: folder.join(&self.model),
            inputs: self.inputs.iter().map(|file| folder.join(file)).collect(),
            golden,
            tolerance: Tolerance::Exact,
            sampled: false,
            refused: None,
        }
    }
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
    let onnx = name.ends_with("_onnx");
    let float = onnx || name.ends_with("_float");
    Case {
        name: name.to_owned(),
        model: folder.join(if onnx { "model.onnx" } else { "model.tflite" }),
        inputs: vec![folder.join("inputs.npy")],
        golden,
        sampled: true,
        refused: None,
        tolerance: if float { Tolerance::Float(1e-5) } else { Tolerance::Exact },
    }
}
