//! Cases of single ONNX operators, where they are installed: folders with `model.onnx`,
//! `input_I.npy` and `output_O.npy`, listed in `meta.json`.

use crate::{Tolerance, compare::compare};
use serde::Deserialize;
use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_tools::arrays;
use smidge_tools::convert::{ConvertError, convert_with};
use smidge_tools::emit::Labels;
use smidge_tools::execute::{Samples, execute};
use smidge_tools::import::{Bound, OnnxOptions};
use smidge_tools::lower::Options;
use smidge_tools::npy::{self, Array};
use smidge_tools::testdata::models_dir;
use std::fs;
use std::path::PathBuf;

/// The collection's index.
#[derive(Deserialize)]
struct Index {
    cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Name of its folder.
    #[serde(rename = "case")]
    pub name: String,
    /// The operator.
    pub op: String,
    /// Name, shape and type of each input of the graph.
    inputs: Vec<(String, Vec<usize>, String)>,
    n_outputs: usize,
    #[serde(skip)]
    folder: PathBuf,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All outputs are as expected.
    Equal,
    /// It ran, and an output is something else.
    Wrong(String),
    /// It was refused, with this message.
    Refused(String),
}

/// The cases that are installed; `None` where they are not.
///
/// # Errors
/// If the index cannot be read.
pub fn cases() -> Result<Option<Vec<Case>>, String> {
    let Some(folder) = models_dir().map(|models| models.join("onnx_node_tests")) else {
        return Ok(None);
    };
    let Ok(text) = fs::read_to_string(folder.join("meta.json")) else { return Ok(None) };
    let index: Index = serde_json::from_str(&text).map_err(|e| format!("meta.json: {e}"))?;
    let with_folder = |case: Case| Case { folder: folder.join(&case.name), ..case };
    Ok(Some(index.cases.into_iter().map(with_folder).collect()))
}

/// Positions of an operator's inputs that carry shapes, axes, paddings and the like: what is fixed
/// when a model is converted.
fn fixed_inputs(op: &str) -> &'static [usize] {
    match op {
        "ConstantOfShape" => &[0],
        "CumSum" | "Expand" | "OneHot" | "Reshape" | "Split" | "Squeeze" | "Tile" | "TopK"
        | "Unsqueeze" => &[1],
        "Pad" => &[1, 2, 3],
        "Range" => &[0, 1, 2],
        "Resize" => &[1, 2, 3],
        "Slice" => &[1, 2, 3, 4],
        _ if op.starts_with("Reduce") => &[1],
        _ => &[],
    }
}

impl Case {
    fn input(&self, index: usize) -> Result<Array, String> {
        npy::read(&self.folder.join(format!("input_{index}.npy"))).map_err(|e| e.to_string())
    }

    /// Converts, runs on this machine and compares.
    ///
    /// # Errors
    /// If the case's own files cannot be read, or what was converted cannot be run.
    pub fn run(&self) -> Result<Verdict, String> {
        let mut onnx = OnnxOptions::default();
        let mut fed = Vec::new();
        let positions = self.positions()?;
        for (index, (name, _, _)) in self.inputs.iter().enumerate() {
            let array = self.input(index)?;
            let place = positions.iter().position(|own| own == name);
            if place.is_some_and(|place| fixed_inputs(&self.op).contains(&place)) {
                let Array { dtype, shape, data } = array;
                onnx.bind.insert(name.clone(), Bound { dtype, shape, data });
            } else {
                fed.push(array);
            }
        }
        let model = self.folder.join("model.onnx");
        let (options, labels) = (Options::default(), Labels::default());
        let converted = match convert_with(&model, &onnx, Isa::Portable, &options, &labels) {
            Ok(converted) => converted,
            Err(ConvertError::Lower(error)) => {
                let reasons = error.problems.iter().map(|p| format!("{}: {}", p.op, p.reason));
                return Ok(Verdict::Refused(reasons.collect::<Vec<_>>().join("; ")));
            }
            Err(error) => return Ok(Verdict::Refused(error.to_string())),
        };
        let blob = AlignedBuf::from(converted.bytes.as_slice());
        let model = Model::check(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
        let outputs = run(&model, &fed)?;
        self.compare(&outputs)
    }

    /// Names of the operator's operands, in its order.
    fn positions(&self) -> Result<Vec<String>, String> {
        let bytes = fs::read(self.folder.join("model.onnx")).map_err(|e| e.to_string())?;
        let model = smidge_onnx::decode(&bytes).map_err(|e| e.to_string())?;
        let node = model.graph.and_then(|graph| graph.node.into_iter().next());
        Ok(node.map(|node| node.input).unwrap_or_default())
    }

    fn compare(&self, outputs: &[Array]) -> Result<Verdict, String> {
        for index in 0..self.n_outputs {
            let path = self.folder.join(format!("output_{index}.npy"));
            let expected = npy::read(&path).map_err(|e| e.to_string())?;
            let Some(got) = outputs.get(index) else {
                return Ok(Verdict::Wrong(format!("output {index} is missing")));
            };
            let floats = expected.dtype.is_float();
            let tolerance = if floats { Tolerance::Float(1e-5) } else { Tolerance::Exact };
            if let Err(difference) = compare(got, &expected, tolerance) {
                return Ok(Verdict::Wrong(format!("output {index}: {difference}")));
            }
        }
        Ok(Verdict::Equal)
    }
}

/// Runs a model once; the arrays have no axis of samples.
fn run(model: &Model<'_>, arrays: &[Array]) -> Result<Vec<Array>, String> {
    let mut inputs = Vec::new();
    for (index, array) in arrays.iter().enumerate() {
        let tensor = model.input(index).ok_or("takes fewer inputs")?;
        if tensor.len as usize != array.data.len() || arrays::presented(&tensor) != array.dtype {
            return Err(format!("input {index} is of another type or size"));
        }
        let mut bytes = array.data.clone();
        arrays::convert_sign(&tensor, &mut bytes);
        inputs.push(bytes);
    }
    let samples = Samples { leading: vec![1], inputs: vec![inputs] };
    let outcome = execute(model, &samples, false).map_err(|e| e.to_string())?;
    let outputs = outcome.outputs.first().cloned().unwrap_or_default();
    let outputs = outputs.into_iter().enumerate().map(|(index, bytes)| {
        let tensor = model.output(index).ok_or("gives more outputs than it has")?;
        Ok(arrays::array(&tensor, &[], vec![bytes]))
    });
    outputs.collect()
}
