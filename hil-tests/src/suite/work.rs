//! What the suite consists of, and how an item becomes a job and a judgement.

use super::Part;
use crate::hostile::{self, Expected, Hostile, Trial};
use crate::{Case, Golden, host::check_outputs, models, vectors};
use smidge::Model;
use smidge_format::{AlignedBuf, Isa};
use smidge_link::Fault;
use smidge_runner::{Inference, Job, Problem, Report, RunError};
use smidge_tools::arrays::{self, Samples};

/// Of so many small models, one also runs packed for no core.
const PORTABLE_SHARE: usize = 20;
/// Of so many small models, one is a seed of hostile blobs packed for the core.
const HOSTILE_SHARE: usize = 50;
/// Samples of a large network, and where a file is one.
const FEW: usize = 2;
const LARGE: u64 = 60_000;
/// The large network with floats that runs on all its samples.
const WHOLE: &str = "mlperf_ad01_float";

/// A case of the suite.
#[derive(Clone, Debug)]
pub enum Item {
    /// A model, on at most so many samples.
    Case {
        /// The part that it belongs to.
        part: Part,
        /// The model.
        case: Case,
        /// Its outputs under one rounding.
        golden: Golden,
        /// Samples at most.
        limit: usize,
    },
    /// A hostile blob for all boards.
    Hostile(Hostile),
    /// A hostile blob made of a model that is packed for the board's core.
    Packed {
        /// The model.
        case: Case,
        /// Its rounding.
        golden: Golden,
        /// Number of the model among those that are changed.
        number: u64,
        /// Which of the blobs that come of it.
        index: usize,
    },
}

/// All cases that go through the firmware which runs blobs.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The cases, in the order of the parts.
    pub items: Vec<Item>,
}

impl Suite {
    /// Everything that is on this computer.
    ///
    /// # Errors
    /// If a collection of cases cannot be read.
    pub fn new() -> Result<Self, String> {
        let mut items = Vec::new();
        for ((name, seed), number) in hostile::seeds()?.into_iter().zip(0..) {
            items.extend(hostile::corpus(&name, &seed, number).into_iter().map(Item::Hostile));
        }
        let vectors = vectors::cases()?;
        let vectors = runs(&vectors);
        for ((case, golden), number) in vectors.iter().step_by(HOSTILE_SHARE).zip(0..) {
            items.extend((0..3).map(|index| Item::Packed {
                case: case.clone(),
                golden: golden.clone(),
                number,
                index,
            }));
        }
        let whole =
            |part| move |(case, golden)| Item::Case { part, case, golden, limit: usize::MAX };
        items.extend(vectors.iter().cloned().map(whole(Part::Operators)));
        items.extend(vectors.into_iter().step_by(PORTABLE_SHARE).map(whole(Part::Portable)));
        let networks = [vec![models::own()], models::cases(), models::int16_operators()?].concat();
        for (case, golden) in runs(&networks) {
            let limit = samples(&case);
            items.push(Item::Case { part: Part::Models, case, golden, limit });
        }
        Ok(Self { items })
    }

    /// The cases of some parts.
    #[must_use]
    pub fn only(mut self, parts: &[Part]) -> Self {
        self.items.retain(|item| parts.contains(&item.part()));
        self
    }
}

/// How many samples of a network run.
fn samples(case: &Case) -> usize {
    let large = std::fs::metadata(&case.model).is_ok_and(|file| file.len() > LARGE);
    if !case.sampled {
        1
    } else if case.name == models::own().name {
        10
    } else if large && case.name != WHOLE {
        FEW
    } else {
        usize::MAX
    }
}

/// Each case with each of its outputs. That a model is refused by the converter has nothing to do
/// with the board: the host's tests see to it.
fn runs(cases: &[Case]) -> Vec<(Case, Golden)> {
    let cases = cases.iter().filter(|case| case.refused.is_none());
    let pairs =
        cases.flat_map(|case| case.golden.iter().map(|golden| (case.clone(), golden.clone())));
    pairs.collect()
}

impl Item {
    /// The part that it belongs to.
    pub fn part(&self) -> Part {
        match self {
            Self::Case { part, .. } => *part,
            Self::Hostile(_) | Self::Packed { .. } => Part::Hostile,
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        let named = |case: &Case, golden: &Golden| {
            format!("{} ({:?})", case.name, golden.rounding).to_lowercase()
        };
        match self {
            Self::Case { case, golden, .. } => named(case, golden),
            Self::Hostile(hostile) => hostile.name.clone(),
            Self::Packed { case, golden, index, .. } => {
                format!("{} packed, number {index}", named(case, golden))
            }
        }
    }

    /// What has to be done on a board with this core.
    ///
    /// # Errors
    /// If the model cannot be converted or read.
    pub fn prepare(&self, isa: Isa) -> Result<Work, String> {
        match self {
            Self::Case { part, case, golden, limit } => {
                let isa = if *part == Part::Portable { Isa::Portable } else { isa };
                Work::of_case(case, golden, isa, *limit)
            }
            Self::Hostile(hostile) => Ok(Work::of_hostile(hostile.clone(), isa)),
            Self::Packed { case, golden, number, index } => {
                let converted = case.convert(golden.rounding, isa)?;
                let blob = AlignedBuf::from(converted.bytes.as_slice());
                let mut all = hostile::corpus(&case.name, &blob, *number);
                // The unchanged one is a case of another part.
                let at = (1 + index).min(all.len().saturating_sub(1));
                Ok(Work::of_hostile(all.swap_remove(at), isa))
            }
        }
    }
}

/// An item on a board.
pub struct Work {
    blob: AlignedBuf,
    /// Bytes of arena that it needs, if it is accepted.
    pub arena: usize,
    samples: Samples,
    outputs: u16,
    judgement: Judgement,
}

enum Judgement {
    Golden { case: Case, golden: Golden, limit: usize },
    Expected(Expected),
}

impl Work {
    /// A model with the outputs that it has to give, for a core.
    ///
    /// # Errors
    /// If the model cannot be converted or read.
    pub fn of_case(case: &Case, golden: &Golden, isa: Isa, limit: usize) -> Result<Self, String> {
        let converted = case.convert(golden.rounding, isa)?;
        let blob = AlignedBuf::from(converted.bytes.as_slice());
        let model = Model::check_foreign(&blob, smidge::ops::ALL).map_err(|e| e.to_string())?;
        let inputs = case.read(&case.inputs, limit)?;
        let samples = arrays::samples(&model, &inputs).map_err(|e| e.to_string())?;
        let (arena, outputs) = (model.arena_len(), model.output_count() as u16);
        let (case, golden) = (case.clone(), golden.clone());
        let judgement = Judgement::Golden { case, golden, limit };
        Ok(Self { blob, arena, samples, outputs, judgement })
    }

    fn of_hostile(hostile: Hostile, isa: Isa) -> Self {
        let Trial { inputs, outputs, arena, expected } = hostile.trial(isa);
        // A blob that has to be refused gets no further requests.
        let refused = matches!(expected, Expected::Refused(_));
        let inputs = if refused { vec![] } else { vec![inputs] };
        let samples = Samples { leading: vec![1], inputs };
        let judgement = Judgement::Expected(expected);
        Self { blob: hostile.blob, arena, samples, outputs, judgement }
    }

    /// Bytes of the blob.
    pub fn blob_bytes(&self) -> usize {
        self.blob.len()
    }

    /// The job that a target takes.
    pub fn job(&self) -> Job<'_> {
        let inferences = self.samples.inputs.iter().enumerate().map(|(at, inputs)| Inference {
            reset: self.samples.resets(at),
            inputs: inputs.iter().map(Vec::as_slice).collect(),
        });
        Job {
            blob: &self.blob,
            inferences: inferences.collect(),
            outputs: self.outputs,
            ..Job::default()
        }
    }

    /// Compares what came with what had to come, and says how many samples ran.
    ///
    /// # Errors
    /// What is different.
    pub fn judge(&self, result: Result<&Report, &RunError>) -> Result<usize, String> {
        match (&self.judgement, result) {
            (Judgement::Golden { case, golden, limit }, Ok(report)) => {
                let model = Model::check_foreign(&self.blob, smidge::ops::ALL);
                let model = model.map_err(|error| error.to_string())?;
                let outputs = &report.outputs;
                check_outputs(case, golden, &model, &self.samples, outputs, *limit)?;
                Ok(outputs.len())
            }
            (Judgement::Expected(Expected::Refused(wanted)), Err(error)) => match fault(error) {
                Some(fault) if fault == *wanted => Ok(1),
                _ => Err(format!("{error}, where this machine says E{:04}", wanted.code)),
            },
            (Judgement::Expected(Expected::Refused(wanted)), Ok(_)) => {
                Err(format!("accepted, where this machine says E{:04}", wanted.code))
            }
            (Judgement::Expected(Expected::Outputs(wanted)), Ok(report)) => {
                let same = report.outputs.first() == Some(wanted);
                if same { Ok(1) } else { Err("other outputs than on this machine".into()) }
            }
            (Judgement::Expected(Expected::Runs), Ok(_)) => Ok(1),
            (_, Err(error)) => Err(error.to_string()),
        }
    }
}

/// What the firmware refused, if it did.
fn fault(error: &RunError) -> Option<Fault> {
    match &error.problem {
        Problem::Refused { fault, .. } => Some(*fault),
        _ => None,
    }
}
