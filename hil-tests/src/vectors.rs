//! The small models of `hil-tests/vectors`: one operator each, or a few.

use crate::{Case, Golden, Tolerance};
use serde::Deserialize;
use smidge_tools::lower::Rounding;
use std::path::{Path, PathBuf};

/// Float operators of one step agree with the reference to this.
const FLOAT_TOLERANCE: f32 = 1e-5;

#[derive(Deserialize)]
struct Index {
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    op: String,
    case: String,
    tolerance: String,
    inputs: usize,
    outputs: usize,
    tflm: String,
    /// The code of the refusal that is expected, for what smidge does not run.
    #[serde(default)]
    refused: Option<String>,
}

/// The folder.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// All cases, in the order of the index.
///
/// # Errors
/// If the index cannot be read.
pub fn cases() -> Result<Vec<Case>, String> {
    let path = folder().join("cases.json");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let index: Index = serde_json::from_str(&text).map_err(|e| format!("cases.json: {e}"))?;
    Ok(index.cases.into_iter().map(Entry::case).collect())
}

impl Entry {
    fn case(self) -> Case {
        let folder = folder().join(self.op.to_lowercase());
        let file = |part: String| folder.join(format!("{}.{part}", self.case));
        let files = |kind: &str, count| {
            (0..count).map(|i| file(format!("{kind}{i}.npy"))).collect::<Vec<_>>()
        };
        let outputs = files("out", self.outputs);
        let mut golden = vec![Golden { rounding: Rounding::Tflite, outputs: outputs.clone() }];
        match self.tflm.as_str() {
            "same" => golden.push(Golden { rounding: Rounding::Tflm, outputs }),
            "differs" => {
                let outputs = files("tflm", self.outputs);
                golden.push(Golden { rounding: Rounding::Tflm, outputs });
            }
            _ => {}
        }
        let exact = self.tolerance == "exact";
        Case {
            name: format!("{}/{}", self.op, self.case),
            model: file("tflite".into()),
            inputs: files("in", self.inputs),
            golden,
            sampled: true,
            refused: self.refused,
            tolerance: if exact { Tolerance::Exact } else { Tolerance::Float(FLOAT_TOLERANCE) },
        }
    }
}
