//! Boards on a serial port, whose firmware answers as soon as it has power.

mod dialogue;
mod port;

use std::path::PathBuf;
use std::time::Duration;

use smidge_link::{
    Fault, Header, Info, Kind, Loaded, RequestError, Stats, TRACE, WRITABLE, checksum,
};

use crate::check::{Demand, is_board};
use crate::{
    Board, Counts, Event, Inference, Job, Listener, Problem, Report, RunError, Target, TracedTensor,
};
use dialogue::{CHUNK, Dialogue, Trouble};

/// How often something is tried before it is given up.
const TRIES: u32 = 4;
/// How long a request takes that does no work.
const PROMPT: Duration = Duration::from_secs(2);
/// How long it may take to erase the slot, or to read all of it.
const FLASHING: Duration = Duration::from_secs(20);
/// Blobs are written in whole pages of flash; the rest of the last one is filled.
const PAGE: usize = 256;

/// A board on a serial port.
pub struct SerialPort {
    board: Board,
    dialogue: Dialogue,
    info: Info,
    patience: Duration,
    listener: Listener,
}

impl SerialPort {
    /// The board on this port; where no board is named, the firmware says which one it is. Where no
    /// port is named, it is the one that has the board's USB device.
    ///
    /// # Errors
    /// If the port cannot be opened, nobody answers there, or another board does.
    pub fn open(
        board: Option<Board>,
        port: Option<PathBuf>,
        baud: Option<u32>,
    ) -> Result<Self, RunError> {
        let path = match (port, &board) {
            (Some(path), _) => path,
            (None, Some(board)) => port::find(board)?,
            (None, None) => {
                return Err(Problem::WhichBoard { place: "a serial port".into() }.into());
            }
        };
        let usual = board.as_ref().and_then(|board| board.serial.as_ref());
        let baud = baud.or(usual.map(|serial| serial.baud)).unwrap_or(115_200);
        let (dialogue, info) = Dialogue::open(path, baud)?;
        let board = match board {
            Some(board) => board,
            None => Board::find(info.board.as_str())?,
        };
        is_board(&info, &board, &dialogue.place())?;
        let (patience, listener) = (Duration::from_secs(120), Box::new(|_: Event<'_>| ()));
        Ok(Self { board, dialogue, info, patience, listener })
    }

    /// How long to wait for an inference before the job is given up.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What the firmware said about itself.
    pub fn info(&self) -> Info {
        self.info
    }

    /// Puts a blob into the slot, if it is not there already, and reads it back. Says whether it was
    /// written. The beginning is written last.
    ///
    /// # Errors
    /// If the firmware cannot run the blob, or cannot write its slot; then nothing was written. If the
    /// connection breaks; then the old model is there or none, and another call repairs it.
    pub fn install(&mut self, blob: &[u8]) -> Result<bool, RunError> {
        if let Ok(demand) = Demand::of(blob) {
            demand.is_met_by_firmware(&self.info, &self.dialogue.place())?;
        }
        let len = (blob.len() as u32).to_le_bytes();
        let sum = checksum(blob).to_le_bytes();
        let there = self.ask(Kind::Sum, &[&len], Kind::Summed, FLASHING);
        match there {
            Ok(there) if there == sum => return Ok(false),
            Ok(_) => {}
            // Firmware that does not know the request cannot write, either.
            Err(Trouble::Refused(fault)) if is_unknown(&fault) => {
                return Err(self.failed(Trouble::Refused(read_only()), 0, 0));
            }
            Err(trouble) => return Err(self.failed(trouble, 0, 0)),
        }
        if self.info.flags & WRITABLE == 0 {
            return Err(self.failed(Trouble::Refused(read_only()), 0, 0));
        }
        (self.listener)(Event::Flashing { done: 0, total: blob.len() });
        let written = self.write(blob, &len);
        written.map_err(|trouble| self.failed(trouble, 0, 0))?;
        let there = self.ask(Kind::Sum, &[&len], Kind::Summed, FLASHING);
        match there {
            Ok(there) if there == sum => Ok(true),
            Ok(_) => {
                let error = RequestError::Flash { offset: 0 };
                let (code, details) = (error.code(), error.details());
                Err(self.failed(Trouble::Refused(Fault { code, phase: 1, details }), 0, 0))
            }
            Err(trouble) => Err(self.failed(trouble, 0, 0)),
        }
    }

    fn write(&mut self, blob: &[u8], len: &[u8; 4]) -> Result<(), Trouble> {
        let arena = self.info.arena_capacity as usize;
        let piece = CHUNK.min(arena / PAGE * PAGE).max(PAGE.min(CHUNK));
        self.ask(Kind::Erase, &[len], Kind::Done, FLASHING)?;
        let mut padded = blob.to_vec();
        let room = self.info.slot_capacity as usize;
        padded.resize(blob.len().next_multiple_of(PAGE).min(room.max(blob.len())), 0xFF);
        let pieces: Vec<_> = padded.chunks(piece).zip((0u32..).step_by(piece)).collect();
        let Some((first, rest)) = pieces.split_first() else { return Ok(()) };
        for (number, (bytes, offset)) in rest.iter().chain([first]).enumerate() {
            self.ask(Kind::Write, &[&offset.to_le_bytes(), bytes], Kind::Done, PROMPT)?;
            let done = ((number + 1) * piece).min(blob.len());
            (self.listener)(Event::Flashing { done, total: blob.len() });
        }
        Ok(())
    }

    /// Asks something that can be asked twice, again where the reply does not arrive.
    fn ask(
        &mut self,
        kind: Kind,
        parts: &[&[u8]],
        reply: Kind,
        patience: Duration,
    ) -> Result<Vec<u8>, Trouble> {
        let bytes = parts.iter().map(|part| part.len()).sum::<usize>();
        let patience = patience + self.dialogue.time_of(bytes);
        let mut tries = 1;
        loop {
            match self.dialogue.request(Header::new(kind), parts, reply, patience) {
                Ok(payload) => return Ok(payload),
                Err(Trouble::Refused(fault)) => return Err(Trouble::Refused(fault)),
                Err(trouble) if tries == TRIES => return Err(trouble),
                Err(_) => tries += 1,
            }
            self.dialogue.agree()?;
        }
    }

    /// Runs a sequence, from fresh state on. Gives the outputs and the cycles of each inference.
    fn sequence(
        &mut self,
        job: &Job<'_>,
        inferences: &[Inference<'_>],
        trace: bool,
    ) -> Result<Sequence, Trouble> {
        let mut sequence = Sequence::default();
        if !self.dialogue.loaded {
            let len = (job.blob.len() as u32).to_le_bytes();
            let loaded =
                self.dialogue.request(Header::new(Kind::Load), &[&len], Kind::Loaded, FLASHING)?;
            sequence.loaded = Loaded::decode(&loaded);
            self.dialogue.loaded = true;
        } else {
            self.dialogue.request(Header::new(Kind::Reset), &[], Kind::Done, PROMPT)?;
        }
        for (number, inference) in inferences.iter().enumerate() {
            for (input, index) in inference.inputs.iter().zip(0..) {
                let header = Header::new(Kind::SetInput).with_index(index);
                for (bytes, offset) in input.chunks(CHUNK).zip((0u32..).step_by(CHUNK)) {
                    let parts: [&[u8]; 2] = [&offset.to_le_bytes(), bytes];
                    let patience = PROMPT + self.dialogue.time_of(CHUNK);
                    self.dialogue.request(header, &parts, Kind::Done, patience)?;
                }
            }
            let traced = trace && number == 0;
            let header = Header::new(Kind::Invoke).with_flags(if traced { TRACE } else { 0 });
            let done = self.dialogue.request(header, &[], Kind::Done, self.patience)?;
            sequence.cycles.extend(done.first_chunk().map(|cycles| u64::from_le_bytes(*cycles)));
            if traced {
                sequence.trace = std::mem::take(&mut self.dialogue.tensors);
            }
            let mut outputs = Vec::new();
            for index in 0..job.outputs {
                let header = Header::new(Kind::GetOutput).with_index(index);
                outputs.push(self.dialogue.request(header, &[], Kind::Output, PROMPT)?);
            }
            sequence.outputs.push(outputs);
        }
        Ok(sequence)
    }

    /// Runs a sequence until it comes to its end without trouble.
    fn insist(
        &mut self,
        job: &Job<'_>,
        inferences: &[Inference<'_>],
        done: usize,
    ) -> Result<Sequence, RunError> {
        let total = job.inferences.len();
        let mut tries = 1;
        loop {
            let trouble = match self.sequence(job, inferences, job.trace_first && done == 0) {
                Ok(sequence) => return Ok(sequence),
                Err(trouble) => trouble,
            };
            if tries == TRIES || matches!(trouble, Trouble::Refused(_)) {
                return Err(self.failed(trouble, done, total));
            }
            tries += 1;
            self.dialogue.agree().map_err(|trouble| self.failed(trouble, done, total))?;
        }
    }

    fn failed(&self, trouble: Trouble, done: usize, total: usize) -> RunError {
        let (board, place) = (self.board.name.clone(), self.dialogue.place());
        let lost = |reason: &str| Problem::Lost {
            board: board.clone(),
            place: place.clone(),
            reason: reason.into(),
            done,
            total,
        };
        match trouble {
            Trouble::Refused(fault) => Problem::Refused { board, fault },
            Trouble::Silence => Problem::Timeout { board, limit: self.patience, done, total },
            Trouble::Noise => lost("what arrives is damaged again and again"),
            Trouble::Restarted => Problem::Restarts { board, times: TRIES, done, total },
            Trouble::Gone => lost("the port is gone"),
        }
        .into()
    }
}

/// What came of a sequence.
#[derive(Default)]
struct Sequence {
    loaded: Option<Loaded>,
    outputs: Vec<Vec<Vec<u8>>>,
    cycles: Vec<u64>,
    trace: Vec<(u16, Vec<u8>)>,
}

impl Target for SerialPort {
    fn board(&self) -> &Board {
        &self.board
    }

    fn listen(&mut self, listener: Listener) {
        self.listener = listener;
    }

    fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    fn run(&mut self, job: &Job<'_>) -> Result<Report, RunError> {
        let total = job.inferences.len();
        self.install(job.blob)?;
        self.dialogue.loaded = false;
        let (mut whole, mut log) = (Sequence::default(), Vec::new());
        // A model without inferences is loaded all the same.
        let mut rest = job.inferences.as_slice();
        loop {
            let next = rest.iter().skip(1).position(|inference| inference.reset);
            let (own, others) = rest.split_at(next.map_or(rest.len(), |at| at + 1));
            let done = whole.outputs.len();
            let part = self.insist(job, own, done)?;
            whole.loaded = part.loaded.or(whole.loaded);
            whole.outputs.extend(part.outputs);
            whole.cycles.extend(part.cycles);
            if done == 0 {
                whole.trace = part.trace;
            }
            (self.listener)(Event::Progress { done: whole.outputs.len(), total });
            rest = others;
            if rest.is_empty() {
                break;
            }
        }
        let stats = self.ask(Kind::GetStats, &[], Kind::Stats, PROMPT);
        let stats = stats.map_err(|trouble| self.failed(trouble, total, total))?;
        log.append(&mut self.dialogue.log);
        let short = || self.failed(Trouble::Noise, total, total);
        Ok(Report {
            info: self.info,
            loaded: whole.loaded.ok_or_else(short)?,
            outputs: whole.outputs,
            trace: whole.trace.into_iter().map(traced).collect::<Option<_>>().ok_or_else(short)?,
            stats: Stats::decode(&stats).ok_or_else(short)?,
            counts: Counts::NotCounted("only QEMU counts instructions".into()),
            cycles: whole.cycles,
            log,
            profile: Vec::new(),
        })
    }
}

/// A tensor from its frame: the number of the step, then the bytes.
fn traced((tensor, payload): (u16, Vec<u8>)) -> Option<TracedTensor> {
    let (step, bytes) = payload.split_first_chunk()?;
    Some(TracedTensor { step: u32::from_le_bytes(*step), tensor, bytes: bytes.to_vec() })
}

fn is_unknown(fault: &Fault) -> bool {
    let unknown = RequestError::Unknown { kind: Kind::Sum as u8 };
    fault.phase == 1 && fault.code == unknown.code()
}

fn read_only() -> Fault {
    let error = RequestError::ReadOnly;
    Fault { code: error.code(), phase: 1, details: error.details() }
}
