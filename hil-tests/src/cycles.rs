//! Cycles of whole networks: measured on boards, and modelled from counted instructions, which the
//! benchmark record has.

use crate::models;
use serde::Deserialize;
use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_runner::{Inference, Job, Target};
use smidge_tools::bench::noise;
use smidge_tools::lower::Rounding;
use smidge_tools::testdata::models_dir;
use std::path::Path;

/// The networks of the record: its name for each, and the name among the models.
const NETWORKS: [(&str, &str); 5] = [
    ("ad", "mlperf_ad01_int8"),
    ("ic", "mlperf_resnet8_int8"),
    ("kws", "mlperf_kws_int8"),
    ("vww", "mlperf_vww_int8"),
    ("fashion", "fashion_int8"),
];

/// The record's names of the networks, in its order.
pub fn names() -> impl Iterator<Item = &'static str> {
    NETWORKS.iter().map(|(name, _)| *name)
}

/// Runs each network twice on a board and gives the cycles of the second inference, as far as the
/// board has room for it and counts.
pub fn measure(target: &mut dyn Target, isa: Isa) -> Vec<(String, u64)> {
    let installed = if models_dir().is_some() { models::cases() } else { Vec::new() };
    let cases: Vec<_> = installed.into_iter().chain([models::own()]).collect();
    let measured = NETWORKS.iter().filter_map(|(name, model)| {
        let case = cases.iter().find(|case| case.name == *model)?;
        let blob = case.convert(Rounding::Tflite, isa).ok()?;
        let blob = AlignedBuf::from(blob.bytes.as_slice());
        let model = Model::check_foreign(&blob, smidge::ops::ALL).ok()?;
        let inputs = noise(model.blob());
        let inputs: Vec<_> = inputs.iter().map(Vec::as_slice).collect();
        let inference = Inference { reset: true, inputs };
        let job = Job {
            blob: &blob,
            inferences: vec![inference.clone(), inference],
            outputs: model.output_count() as u16,
            ..Job::default()
        };
        let report = target.run(&job).ok()?;
        Some(((*name).to_owned(), *report.cycles.get(1)?))
    });
    measured.collect()
}

/// What the record says of a network on a core.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    core: String,
    model: String,
    /// Instructions of one inference, counted in QEMU.
    pub instructions: u64,
    /// Cycles that these take by the core's model, where there is one.
    #[serde(default)]
    pub cycles_modelled: Option<u64>,
}

/// The benchmark record.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Record {
    rows: Vec<Row>,
}

impl Record {
    /// The record of this repository.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read() -> Result<Self, String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/record.json");
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// What it says of a network on a core.
    pub fn row(&self, core: &str, model: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.core == core && row.model == model)
    }
}
