//! Why a job could not be run, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use smidge::format::Isa;
use smidge::{CheckError, InvokeError, SessionError};
use smidge_link::{Fault, Phase, RequestError};

/// A job that could not be run. Displays as code, problem and remedy.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}. {}", self.code(), problem.remedy())]
pub struct RunError {
    /// What went wrong.
    #[from]
    pub problem: Problem,
}

impl RunError {
    /// Stable code of the problem, such as `E0403`.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such board.
    #[error("there is no board {name:?} in {folder} (there are: {known})")]
    NoBoard {
        /// The name asked for.
        name: String,
        /// Where boards were looked for.
        folder: PathBuf,
        /// Names of the boards that are there.
        known: String,
    },
    /// The folder with the boards is nowhere.
    #[error("the folder `targets` with the boards was not found")]
    NoTargets,
    /// A board.toml cannot be understood.
    #[error("{path}: {reason}")]
    BadBoard {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// The emulator is not installed.
    #[error("{program} is not installed")]
    NoEmulator {
        /// Its name.
        program: String,
    },
    /// Nothing on this computer compiles for the board.
    #[error("no Rust toolchain here compiles for {triple}")]
    NoToolchain {
        /// The board's target triple.
        triple: String,
    },
    /// The firmware does not compile or link.
    #[error("building {what} failed:\n{log}\n")]
    Build {
        /// What was built.
        what: String,
        /// The last lines of the compiler.
        log: String,
    },
    /// The firmware has a panic path, and so does not link.
    #[error(
        "{what} does not link: some code in it can panic (smidge_panic_path_is_linked){}",
        called_by(.functions)
    )]
    PanicPath {
        /// What was built.
        what: String,
        /// The functions that can panic, where they are known.
        functions: Vec<String>,
    },
    /// The blob does not fit the board.
    #[error("the blob has {blob} bytes, {board} holds {slot}")]
    BlobTooLarge {
        /// Bytes of the blob.
        blob: u64,
        /// Bytes of the board's slot.
        slot: u64,
        /// The board.
        board: String,
    },
    /// Nothing came for too long.
    #[error("{board} gave no answer for {} s, after {done} of {total} inferences", limit.as_secs())]
    Timeout {
        /// The board.
        board: String,
        /// How long was waited.
        limit: Duration,
        /// Inferences that were done.
        done: usize,
        /// Inferences of the job.
        total: usize,
    },
    /// The emulator or the firmware ended before it had answered everything.
    #[error("{board} stopped ({status}) after {done} of {total} inferences{}", said(.output))]
    Stopped {
        /// The board.
        board: String,
        /// How the emulator ended.
        status: String,
        /// Inferences that were done.
        done: usize,
        /// Inferences of the job.
        total: usize,
        /// What it wrote to its console.
        output: String,
    },
    /// The replies do not follow the protocol.
    #[error("{board} does not follow the protocol: {reason}")]
    Protocol {
        /// The board.
        board: String,
        /// What is wrong.
        reason: String,
    },
    /// The firmware refused a request.
    #[error("{board} refused: {}", Refusal(.fault))]
    Refused {
        /// The board.
        board: String,
        /// Its answer.
        fault: Fault,
    },
    /// A file of the job could not be written or read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// An ELF file cannot be understood.
    #[error("{path} is no firmware image: {reason}")]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Problem {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoBoard { .. } => "E0401",
            Self::NoTargets => "E0402",
            Self::BadBoard { .. } => "E0403",
            Self::NoEmulator { .. } => "E0404",
            Self::NoToolchain { .. } => "E0405",
            Self::Build { .. } => "E0406",
            Self::PanicPath { .. } => "E0407",
            Self::BlobTooLarge { .. } => "E0408",
            Self::Timeout { .. } => "E0409",
            Self::Stopped { .. } => "E0410",
            Self::Protocol { .. } => "E0411",
            Self::Refused { .. } => "E0412",
            Self::File { .. } => "E0413",
            Self::Image { .. } => "E0414",
        }
    }

    /// What to do, as a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoBoard { .. } => "Name one of these",
            Self::NoTargets => {
                "Start this inside the smidge repository, or set SMIDGE_TARGETS to that folder"
            }
            Self::BadBoard { .. } => "Compare it with the board.toml of another board",
            Self::NoEmulator { .. } | Self::NoToolchain { .. } => "Run `cargo xtask setup`",
            Self::Build { .. } => "See the compiler's messages; `cargo xtask setup` mends tools",
            Self::PanicPath { .. } => {
                "Replace indexing, unwrap and unchecked arithmetic; to see where it panics, build \
                 it with --no-default-features and run it"
            }
            Self::BlobTooLarge { .. } => "Compress the model or take another board",
            Self::Timeout { .. } => "Allow more time if the model is large",
            Self::Stopped { .. } | Self::Protocol { .. } => {
                "This is an error in the firmware or the emulator, please report it with the model"
            }
            Self::Refused { .. } => "Convert the model for this board with this version of smidge",
            Self::File { .. } => "See that the folder for temporary files can be written",
            Self::Image { .. } => "Build it again",
        }
    }

    /// A file that could not be written or read.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

/// The functions that can panic, as a part of a sentence.
fn called_by(functions: &[String]) -> String {
    if functions.is_empty() { String::new() } else { format!(": {}", functions.join(", ")) }
}

/// What a stopped program had written, as a part of a sentence.
fn said(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(" and said: {output}") }
}

/// The text of a fault, which the firmware reports as numbers.
struct Refusal<'a>(&'a Fault);

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { code, phase, details } = *self.0;
        let phase = Phase::from_u8(phase);
        if let Some(text) = fault_text(phase, code, details) {
            return write!(f, "{text} (E{code:04})");
        }
        let during = match phase {
            Some(Phase::Request) => "a request",
            Some(Phase::Check) => "the check of the blob",
            Some(Phase::Session) => "the preparation of the arena",
            Some(Phase::Invoke) => "the inference",
            None => "an unknown phase",
        };
        let [a, b] = details;
        write!(f, "error E{code:04} in {during} (details {a} and {b})")
    }
}

/// The texts of those faults that a blob can meet although the host has checked it.
fn fault_text(phase: Option<Phase>, code: u16, [a, b]: [u32; 2]) -> Option<String> {
    match (phase?, code) {
        (Phase::Request, _) => RequestError::from_code(code, [a, b]).map(|error| error.to_string()),
        (Phase::Check, 321) => {
            let isa = Isa::from_u16(a as u16)?;
            Some(CheckError::Isa { isa }.to_string())
        }
        (Phase::Check, 322) => {
            let (step, code, variant) = (a as u16, (b >> 16) as u16, b as u16);
            Some(CheckError::OpMissing { step, code, variant }.to_string())
        }
        (Phase::Session, 341) => {
            Some(SessionError::ArenaTooSmall { needed: a, available: b }.to_string())
        }
        (Phase::Invoke, 353) => Some(InvokeError::Corrupt { step: a as u16 }.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(fault: Fault) -> String {
        RunError::from(Problem::Refused { board: "b".into(), fault }).to_string()
    }

    #[test]
    fn an_error_has_code_problem_and_remedy() {
        let error = RunError::from(Problem::NoEmulator { program: "qemu-system-arm".into() });
        let text = "E0404: qemu-system-arm is not installed. Run `cargo xtask setup`";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn faults_are_told_in_words() {
        let missing = CheckError::OpMissing { step: 3, code: 4, variant: 0 };
        let (code, details) = (missing.code(), missing.details());
        let text = refused(Fault { code, phase: Phase::Check as u8, details });
        assert!(text.contains(&missing.to_string()), "{text}");

        let small = SessionError::ArenaTooSmall { needed: 70_000, available: 65_536 };
        let (code, details) = (small.code(), small.details());
        let text = refused(Fault { code, phase: Phase::Session as u8, details });
        assert!(text.contains("needs 70000 bytes of arena, there are 65536"), "{text}");

        let corrupt = InvokeError::Corrupt { step: 9 };
        let (code, details) = (corrupt.code(), corrupt.details());
        let text = refused(Fault { code, phase: Phase::Invoke as u8, details });
        assert!(text.contains("step 9"), "{text}");

        let isa = CheckError::Isa { isa: Isa::CortexM55 };
        let (code, details) = (isa.code(), isa.details());
        let text = refused(Fault { code, phase: Phase::Check as u8, details });
        assert!(text.contains("cortex-m55"), "{text}");

        let text = refused(Fault { code: 311, phase: 2, details: [7, 0] });
        assert!(text.contains("E0311 in the check of the blob (details 7 and 0)"), "{text}");
    }
}
