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
    /// Where to run cannot be understood.
    #[error("{text:?} is no place to run")]
    BadTarget {
        /// What was given.
        text: String,
    },
    /// The board cannot be told from where it is.
    #[error("which board is at {place} has to be said")]
    WhichBoard {
        /// Where it is.
        place: String,
    },
    /// This board is not reached or flashed in this way.
    #[error("board.toml of {board} says nothing about {what}")]
    NoWay {
        /// The board.
        board: String,
        /// What was wanted of it.
        what: String,
    },
    /// A program that does the work is not installed, or too old.
    #[error("{program} {state}")]
    NoTool {
        /// Its name.
        program: String,
        /// That it is not installed, or which version is.
        state: String,
        /// What to type.
        remedy: String,
    },
    /// A program that does the work failed.
    #[error("{program} failed: {said}")]
    Tool {
        /// Its name.
        program: String,
        /// The last it said.
        said: String,
    },
    /// No debug probe, or several.
    #[error("{}", found("debug probe", .wanted, .there))]
    NoProbe {
        /// The serial number that was asked for; empty for any.
        wanted: String,
        /// The probes that are there.
        there: Vec<String>,
    },
    /// The probe or port is there, but not for this user.
    #[error("there is no permission to use {device}. {rule}\n")]
    Permission {
        /// What cannot be opened.
        device: String,
        /// How to get the permission.
        rule: String,
    },
    /// Another chip than the board's is on the probe.
    #[error(
        "the chip on the probe is no {chip} of {board}: the word at {address:#x} is {found:#010x}, not {value:#010x}"
    )]
    WrongChip {
        /// The board.
        board: String,
        /// Its chip.
        chip: String,
        /// Where the chip says what it is.
        address: u64,
        /// What it says there.
        found: u32,
        /// What the board's chip says.
        value: u32,
    },
    /// No serial port, or several.
    #[error("{}", found("serial port", .wanted, .there))]
    NoPort {
        /// What was looked for.
        wanted: String,
        /// The ports that are there.
        there: Vec<String>,
    },
    /// The firmware is another board's.
    #[error("{place} is {found}, not {board}")]
    WrongBoard {
        /// Where it is.
        place: String,
        /// The board that was expected.
        board: String,
        /// The board that the firmware names.
        found: String,
    },
    /// The blob is packed for another core.
    #[error("the blob is packed for {blob}, {board} has a {isa}")]
    WrongIsa {
        /// The blob's core.
        blob: String,
        /// The board.
        board: String,
        /// The board's core.
        isa: String,
    },
    /// The bytes are no blob.
    #[error("the bytes are no blob: {0} (E{code:04})", code = .0.code())]
    NoBlob(smidge::format::FormatError),
    /// The model needs more arena than the firmware has.
    #[error("the model needs {needed} bytes of arena, {board} has {arena}")]
    ArenaTooLarge {
        /// Bytes that the model needs.
        needed: u64,
        /// Bytes that the firmware has.
        arena: u64,
        /// The board.
        board: String,
    },
    /// The firmware reads only blobs of earlier versions of the format.
    #[error("the firmware of {board} reads blobs of format {}.{}, this one has {}.{}",
        reads[0], reads[1], blob[0], blob[1])]
    OldFirmware {
        /// The board.
        board: String,
        /// The version that it reads.
        reads: [u16; 2],
        /// The blob's version.
        blob: [u16; 2],
    },
    /// The way to the board broke.
    #[error(
        "the connection to {board} at {place} was lost after {done} of {total} inferences: {reason}"
    )]
    Lost {
        /// The board.
        board: String,
        /// Where it is.
        place: String,
        /// What happened.
        reason: String,
        /// Inferences that were done.
        done: usize,
        /// Inferences of the job.
        total: usize,
    },
    /// The board started anew again and again.
    #[error("{board} restarted {times} times at inference {done} of {total}")]
    Restarts {
        /// The board.
        board: String,
        /// How often.
        times: u32,
        /// Inferences that were done.
        done: usize,
        /// Inferences of the job.
        total: usize,
    },
    /// The drive of a boot program is not there, or there are several.
    #[error("{}", found("drive of a UF2 boot program", "", .there))]
    NoDrive {
        /// The drives that are there.
        there: Vec<String>,
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
            Self::BadTarget { .. } => "E0415",
            Self::WhichBoard { .. } => "E0416",
            Self::NoWay { .. } => "E0417",
            Self::NoTool { .. } => "E0418",
            Self::Tool { .. } => "E0419",
            Self::NoProbe { .. } => "E0420",
            Self::Permission { .. } => "E0421",
            Self::WrongChip { .. } => "E0422",
            Self::NoPort { .. } => "E0423",
            Self::WrongBoard { .. } => "E0424",
            Self::WrongIsa { .. } => "E0425",
            Self::NoBlob(_) => "E0426",
            Self::ArenaTooLarge { .. } => "E0427",
            Self::OldFirmware { .. } => "E0428",
            Self::Lost { .. } => "E0429",
            Self::Restarts { .. } => "E0430",
            Self::NoDrive { .. } => "E0431",
        }
    }

    /// What to do, as a sentence.
    pub fn remedy(&self) -> &str {
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
            Self::BadTarget { .. } => {
                "Say host, qemu:CORE, probe, probe:SERIAL, serial:PORT, serial:PORT:BAUD or \
                 ssh:USER@HOST"
            }
            Self::WhichBoard { .. } => "Add --board with the name of a folder in `targets`",
            Self::NoWay { .. } => "Take another way to the board, or describe this one there",
            Self::NoTool { remedy, .. } => remedy,
            Self::Tool { .. } => "See its message; check cable, power and board",
            Self::NoProbe { .. } => {
                "Connect one; of several, name one: --on probe:SERIAL, --probe SERIAL"
            }
            Self::Permission { .. } => "Then disconnect it and connect it again",
            Self::WrongChip { .. } | Self::WrongBoard { .. } => {
                "Connect the right board, or name the one that is connected with --board; nothing \
                 was written"
            }
            Self::NoPort { .. } => "Connect the board, or name its port: serial:/dev/ttyACM0",
            Self::WrongIsa { .. } => "Convert the model with --isa for that core, or portable",
            Self::NoBlob(_) => "Make a blob with `smidge convert`",
            Self::ArenaTooLarge { .. } => "Take a smaller model or a board with more RAM",
            Self::OldFirmware { .. } => {
                "Flash the firmware, too: `smidge flash` without --model-only; nothing was written"
            }
            Self::Lost { .. } => "Check cable and power, and start again",
            Self::Restarts { .. } => "Check its power supply; its log may tell more",
            Self::NoDrive { .. } => {
                "Hold BOOTSEL while you connect the board; of several, or for a file, say --to PATH"
            }
        }
    }

    /// Whether what the user gave or connected is wrong, rather than that something failed.
    pub fn is_input(&self) -> bool {
        match self {
            Self::NoBoard { .. }
            | Self::BlobTooLarge { .. }
            | Self::BadTarget { .. }
            | Self::WhichBoard { .. }
            | Self::NoWay { .. }
            | Self::NoProbe { .. }
            | Self::Permission { .. }
            | Self::WrongChip { .. }
            | Self::NoPort { .. }
            | Self::WrongBoard { .. }
            | Self::WrongIsa { .. }
            | Self::NoBlob(_)
            | Self::ArenaTooLarge { .. }
            | Self::OldFirmware { .. }
            | Self::NoDrive { .. } => true,
            Self::NoTargets
            | Self::BadBoard { .. }
            | Self::NoEmulator { .. }
            | Self::NoToolchain { .. }
            | Self::Build { .. }
            | Self::PanicPath { .. }
            | Self::Timeout { .. }
            | Self::Stopped { .. }
            | Self::Protocol { .. }
            | Self::Refused { .. }
            | Self::File { .. }
            | Self::Image { .. }
            | Self::NoTool { .. }
            | Self::Tool { .. }
            | Self::Lost { .. }
            | Self::Restarts { .. } => false,
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

/// That there is none of a kind, or not the one that was wanted, or several.
fn found(kind: &str, wanted: &str, there: &[String]) -> String {
    match (wanted, there) {
        ("", []) => format!("there is no {kind}"),
        ("", _) => format!("there are several: {}", there.join(", ")),
        (_, []) => format!("there is no {kind} {wanted}"),
        _ => format!("there is no {kind} {wanted} (there are: {})", there.join(", ")),
    }
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
