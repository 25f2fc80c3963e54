//! Running a blob on this machine.

#[cfg(feature = "command")]
use smidge::Pool;
use smidge::{InvokeError, Model, Progress, Session, SessionError};
use smidge_format::AlignedBuf;

/// The inferences of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// Leading axes: samples, or sequences and steps.
    pub leading: Vec<usize>,
    /// Bytes of each input of each inference, in the device's type.
    pub inputs: Vec<Vec<Vec<u8>>>,
}

impl Samples {
    /// Whether state is reset before inference `index`: before each sequence, of which there is one
    /// where the arrays have one leading axis.
    pub fn resets(&self, index: usize) -> bool {
        let steps = self.leading.last().copied().unwrap_or(1).max(1);
        index.is_multiple_of(steps)
    }
}

/// A tensor as a step left it.
pub type Traced = (u16, Vec<u8>);

/// What came of running a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Bytes of each output of each inference.
    pub outputs: Vec<Vec<Vec<u8>>>,
    /// Every tensor that a step of the first inference wrote, in the order of execution.
    pub trace: Vec<Traced>,
}

/// Why a run on this machine failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecuteError {
    /// No session.
    #[error("E{code:04}: {0}\n  help: convert the model again", code = .0.code())]
    Session(#[from] SessionError),
    /// The call failed.
    #[error("E{code:04}: {0}\n  help: convert the model again", code = .0.code())]
    Invoke(#[from] InvokeError),
}

/// Runs a model on this machine. With `trace`, the first inference brings back what each step wrote.
///
/// # Errors
/// [`ExecuteError`].
pub fn execute(model: &Model<'_>, samples: &Samples, trace: bool) -> Result<Outcome, ExecuteError> {
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    run(Session::new(model, &mut arena)?, samples, trace)
}

/// As [`execute`], large layers on the threads of a pool.
///
/// # Errors
/// [`ExecuteError`].
#[cfg(feature = "command")]
pub fn execute_on(
    model: &Model<'_>,
    samples: &Samples,
    trace: bool,
    pool: Option<&Pool>,
) -> Result<Outcome, ExecuteError> {
    let Some(pool) = pool else { return execute(model, samples, trace) };
    let mut arena = AlignedBuf::zeroed(model.arena_len());
    run(Session::new(model, &mut arena)?.with_threads(pool), samples, trace)
}

fn run(
    mut session: Session<'_, '_>,
    samples: &Samples,
    trace: bool,
) -> Result<Outcome, ExecuteError> {
    let mut outcome = Outcome::default();
    for (at, inputs) in samples.inputs.iter().enumerate() {
        if samples.resets(at) {
            session.reset();
        }
        for (index, bytes) in inputs.iter().enumerate() {
            let missing = InvokeError::NoSuch { index: index as u16 };
            session.input_bytes_mut(index).ok_or(missing)?.copy_from_slice(bytes);
        }
        if trace && at == 0 {
            outcome.trace = run_traced(&mut session)?;
        } else {
            session.invoke()?;
        }
        let outputs = (0..session.model().output_count())
            .map(|index| session.output_bytes(index).unwrap_or(&[]).to_vec());
        outcome.outputs.push(outputs.collect());
    }
    Ok(outcome)
}

fn run_traced(session: &mut Session<'_, '_>) -> Result<Vec<Traced>, ExecuteError> {
    let mut trace = Vec::new();
    session.begin(0)?;
    while let Progress::Ran { step } = session.step()? {
        let blob = session.model().blob();
        let Some(record) = blob.step(step) else { continue };
        for id in blob.step_outputs(&record) {
            trace.push((id, session.tensor_bytes(id).unwrap_or(&[]).to_vec()));
        }
    }
    Ok(trace)
}
