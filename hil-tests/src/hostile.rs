//! Blobs that are wrong on purpose, made from valid ones by a fixed rule, and what a board has to do
//! with each: refuse it with the error that this machine gives, or run it to its end, with the same
//! outputs where no float takes part.

#[path = "../../runtime/tests/common/mod.rs"]
mod common;

use common::Random;
use common::hostile::{change, seal};
use smidge::{CheckError, Model, Progress, Session, family};
use smidge_format::{AlignedBuf, Blob, DType, HEADER, Isa, checksum};
use smidge_link::{Fault, Phase};
use std::path::{Path, PathBuf};

/// Changed blobs for each valid one.
const ROUNDS: u64 = 4;
/// Larger arenas and longer programs only cost time.
const ARENA: usize = 1 << 14;
const STEPS: usize = 500;
/// How many changes are tried until one gives a blob within these bounds.
const TRIES: u64 = 64;

/// A blob that may be wrong.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// Which it is.
    pub name: String,
    /// The bytes in the slot.
    pub blob: AlignedBuf,
    /// Where its inputs come from.
    seed: u64,
}

/// What a board gets and has to do.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Bytes of each input of the one inference.
    pub inputs: Vec<Vec<u8>>,
    /// Number of outputs, if it is accepted.
    pub outputs: u16,
    /// Bytes of arena, if it is accepted.
    pub arena: usize,
    /// What the board has to do.
    pub expected: Expected,
}

/// What a board has to do with a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Refuse it with this fault.
    Refused(Fault),
    /// Run it, with these outputs.
    Outputs(Vec<Vec<u8>>),
    /// Run it to its end.
    Runs,
}

/// The valid blobs: the seeds of the fuzzer, a network of one step for every operator.
///
/// # Errors
/// If they cannot be read.
pub fn seeds() -> Result<Vec<(String, AlignedBuf)>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/fuzz/corpus/blob");
    let bad = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(&folder).map_err(bad)?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, AlignedBuf::from(&std::fs::read(&path).map_err(bad)?[..])))
    };
    paths.into_iter().filter(|path| path.is_file()).map(read).collect()
}

/// A valid blob as it is, changed in fields that the checksum covers, and with a damaged envelope.
pub fn corpus(name: &str, valid: &AlignedBuf, number: u64) -> Vec<Hostile> {
    let hostile = |what: &str, blob, seed| Hostile { name: format!("{name}, {what}"), blob, seed };
    let mut corpus = vec![hostile("unchanged", valid.clone(), 1)];
    for round in 0..ROUNDS {
        let seeds = (0..TRIES).map(|again| 1 + number * 1_000 + round * TRIES + again);
        let mut blobs = seeds.map(|seed| (changed(valid, seed), seed));
        let cheap = blobs.find(|(blob, _)| is_cheap(blob));
        corpus.extend(cheap.map(|(blob, seed)| hostile(&format!("change {round}"), blob, seed)));
    }
    let envelope = envelope(valid);
    let (what, blob) = &envelope[number as usize % envelope.len()];
    corpus.push(hostile(what, blob.clone(), 1));
    corpus
}

/// The blob with one to three fields changed, and everything right that no change would hit.
fn changed(valid: &AlignedBuf, seed: u64) -> AlignedBuf {
    let mut blob = valid.clone();
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..random.below(3) + 1 {
        change(&mut blob, &mut random);
    }
    let core = [valid[20], valid[21]];
    seal(&mut blob);
    if core != [0, 0] {
        blob[20..22].copy_from_slice(&core);
        let sum = checksum(&blob[16..blob.len() / 16 * 16]);
        blob[12..16].copy_from_slice(&sum.to_le_bytes());
    }
    blob
}

/// The blob with each kind of damage that is noticed before anything inside is looked at.
fn envelope(valid: &AlignedBuf) -> Vec<(&'static str, AlignedBuf)> {
    let with = |at: usize, mask: u8| {
        let mut blob = valid.clone();
        if let Some(byte) = blob.get_mut(at) {
            *byte ^= mask;
        }
        blob
    };
    let cut = |len: usize| AlignedBuf::from(&valid[..len.min(valid.len())]);
    vec![
        ("another magic", with(0, 0x20)),
        ("another version", with(4, 0x40)),
        ("longer than it is", with(9, 0x80)),
        ("another checksum", with(12, 1)),
        ("a flipped bit in the middle", with(valid.len() / 2 / 16 * 16, 4)),
        ("cut in the header", cut(HEADER - 16)),
        ("cut in the middle", cut(valid.len() / 2 / 16 * 16)),
        ("cut at the end", cut(valid.len() - 16)),
    ]
}

/// Whether a blob is refused or costs little time.
fn is_cheap(blob: &AlignedBuf) -> bool {
    let Ok(model) = Model::check_foreign(blob, smidge::ops::ALL) else { return true };
    let inputs = inputs(&model, 1);
    let runs = || !model.runs_here() || outputs(&model, &inputs, 0).is_some();
    model.arena_len() <= ARENA && runs()
}

fn inputs(model: &Model<'_>, seed: u64) -> Vec<Vec<u8>> {
    let mut random = Random(seed | 1);
    let inputs = (0..model.input_count()).filter_map(|index| model.input(index));
    inputs.map(|input| random.bytes(input.len as usize)).collect()
}

impl Hostile {
    /// What has to come of it on a board with this core.
    pub fn trial(&self, core: Isa) -> Trial {
        let refused = |error: CheckError| {
            let fault =
                Fault { code: error.code(), phase: Phase::Check as u8, details: error.details() };
            Trial { inputs: vec![], outputs: 0, arena: 0, expected: Expected::Refused(fault) }
        };
        let isa = match Blob::check(&self.blob) {
            Ok(blob) => blob.isa(),
            Err(error) => return refused(error.into()),
        };
        if family(isa).is_some_and(|packed| family(core) != Some(packed)) {
            return refused(CheckError::Isa { isa });
        }
        let model = match Model::check_foreign(&self.blob, smidge::ops::ALL) {
            Ok(model) => model,
            Err(error) => return refused(error),
        };
        let inputs = inputs(&model, self.seed);
        let known = if isa == Isa::Portable && is_exact(&model) {
            agreed_outputs(&model, &inputs)
        } else {
            None
        };
        let expected = known.map_or(Expected::Runs, Expected::Outputs);
        let (outputs, arena) = (model.output_count() as u16, model.arena_len());
        Trial { inputs, outputs, arena, expected }
    }
}

/// Whether no float takes part, whose sums depend on the order.
fn is_exact(model: &Model<'_>) -> bool {
    let blob = model.blob();
    let tensors = (0..blob.tensor_count() as u16).filter_map(|id| blob.tensor(id));
    tensors.map(|tensor| tensor.dtype).all(|dtype| !matches!(dtype, DType::F32 | DType::F16))
}

/// The outputs on this machine, where they do not depend on what the arena held before.
fn agreed_outputs(model: &Model<'_>, inputs: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let (zeros, others) = (outputs(model, inputs, 0)?, outputs(model, inputs, 0x5A)?);
    (zeros == others).then_some(zeros)
}

/// The outputs on this machine; none where the program takes too many steps.
fn outputs(model: &Model<'_>, inputs: &[Vec<u8>], fill: u8) -> Option<Vec<Vec<u8>>> {
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    arena.fill(fill);
    let mut session = Session::new(model, &mut arena).ok()?;
    for (index, bytes) in inputs.iter().enumerate() {
        session.input_bytes_mut(index)?.copy_from_slice(bytes);
    }
    session.begin(0).ok()?;
    let mut steps = 0..STEPS;
    while session.step().ok()? != Progress::Done {
        steps.next()?;
    }
    (0..model.output_count()).map(|index| session.output_bytes(index).map(<[u8]>::to_vec)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_is_always_the_same_and_has_all_kinds() {
        let all = || {
            let seeds = seeds().unwrap().into_iter().zip(0..);
            seeds
                .flat_map(|((name, seed), number)| corpus(&name, &seed, number))
                .collect::<Vec<_>>()
        };
        let corpus = all();
        let again = all();
        let same = |(a, b): (&Hostile, &Hostile)| a.blob[..] == b.blob[..] && a.name == b.name;
        assert!(corpus.len() == again.len() && corpus.iter().zip(&again).all(same));
        let count = |kind: fn(&Expected) -> bool| {
            corpus.iter().filter(|blob| kind(&blob.trial(Isa::CortexM4).expected)).count()
        };
        let refused = count(|expected| matches!(expected, Expected::Refused(_)));
        let compared = count(|expected| matches!(expected, Expected::Outputs(_)));
        let runs = count(|expected| matches!(expected, Expected::Runs));
        println!("{refused} refused, {compared} compared, {runs} run");
        assert!(refused > 100 && compared > 30 && runs > 10, "{refused} {compared} {runs}");
    }
}
