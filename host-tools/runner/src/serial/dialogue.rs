//! One request at a time, on a wire that may lose bytes, bring others, or end.
//!
//! A reply that does not come, is damaged or is another's means that the two ends no longer agree.
//! Then everything on the wire is thrown away, the firmware gets enough zeros to complete whatever it
//! waits for, and both agree again by `Hello`. What was going on starts anew: a request that only
//! reads or sets is asked again, an inference starts with the sequence that it belongs to.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, PROTOCOL_VERSION, RequestError, Transport,
};

use super::port::{Port, PortError};
use crate::{Problem, RunError};

/// Bytes of input or blob in one request: what may be lost at once.
pub(super) const CHUNK: usize = 1024;
/// How long a board may take to start and answer.
const START: Duration = Duration::from_secs(5);
/// How long firmware that is alive takes to say who it is.
const GREETING: Duration = Duration::from_millis(600);

/// Why a request has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The firmware refused it.
    Refused(Fault),
    /// No reply came in time.
    Silence,
    /// The reply was damaged or another's.
    Noise,
    /// The firmware knows nothing of what came before: it has started anew.
    Restarted,
    /// The port is gone.
    Gone,
}

/// A conversation with the firmware on a port.
pub(super) struct Dialogue {
    path: PathBuf,
    baud: u32,
    port: Port,
    /// Whether a model is loaded, as far as is known here.
    pub(super) loaded: bool,
    /// Lines that the firmware sent for people.
    pub(super) log: Vec<String>,
    /// Tensors that came before the last reply: index and payload.
    pub(super) tensors: Vec<(u16, Vec<u8>)>,
    /// Bytes that were no frames.
    pub(super) noise: u32,
}

impl Dialogue {
    /// Opens the port and finds out who is there.
    pub(super) fn open(path: PathBuf, baud: u32) -> Result<(Self, Info), RunError> {
        let port = Port::open(&path, baud)?;
        let (log, tensors) = (Vec::new(), Vec::new());
        let mut dialogue = Self { path, baud, port, loaded: false, log, tensors, noise: 0 };
        let place = dialogue.place();
        let info = dialogue.agree().map_err(|trouble| match trouble {
            Trouble::Silence | Trouble::Noise | Trouble::Restarted => Problem::Timeout {
                board: format!("what is at {place}"),
                limit: START,
                done: 0,
                total: 0,
            },
            Trouble::Refused(fault) => Problem::Refused { board: place, fault },
            Trouble::Gone => Problem::Lost {
                board: "a board".into(),
                place,
                reason: "the port is gone".into(),
                done: 0,
                total: 0,
            },
        })?;
        if info.protocol != PROTOCOL_VERSION {
            let (theirs, ours) = (info.protocol, PROTOCOL_VERSION);
            let reason = format!("it speaks protocol version {theirs}, this program {ours}");
            return Err(Problem::Protocol { board: info.board.as_str().into(), reason }.into());
        }
        Ok((dialogue, info))
    }

    /// The port, for people.
    pub(super) fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// Makes both ends agree that nothing is under way, and asks who is there. A port that is gone
    /// may come back: boards with a USB port of their own do so when they start anew.
    pub(super) fn agree(&mut self) -> Result<Info, Trouble> {
        self.loaded = false;
        let start = Instant::now();
        let mut gone = false;
        loop {
            let outcome = if gone { self.reopen() } else { Ok(()) };
            match outcome.and_then(|()| self.greet()) {
                Ok(info) => return Ok(info),
                Err(trouble) if start.elapsed() > START => return Err(trouble),
                Err(trouble) => gone = trouble == Trouble::Gone,
            }
            if gone {
                thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn reopen(&mut self) -> Result<(), Trouble> {
        self.port = Port::open(&self.path, self.baud).map_err(|_| Trouble::Gone)?;
        Ok(())
    }

    fn greet(&mut self) -> Result<Info, Trouble> {
        // Longer than any frame that this program sends.
        const ZEROS: [u8; CHUNK + 64] = [0; CHUNK + 64];
        let sent = self.port.drain().and_then(|()| self.port.write(&ZEROS));
        sent.map_err(|_| Trouble::Gone)?;
        let patience = GREETING + self.time_of(ZEROS.len() + 200);
        self.port.patience(patience);
        Link::new(&mut self.port).send_plain(Kind::Hello).map_err(trouble)?;
        // Before it come the complaint about the zeros, and whatever else was under way.
        for _ in 0..64 {
            match self.frame(patience) {
                Ok((header, payload)) if header.kind == Kind::Info as u8 => {
                    return Info::decode(&payload).ok_or(Trouble::Noise);
                }
                Ok((header, payload)) if header.kind == Kind::Log as u8 => self.note(&payload),
                Ok(_) | Err(Trouble::Noise) => {}
                Err(trouble) => return Err(trouble),
            }
        }
        Err(Trouble::Noise)
    }

    /// How long so many bytes are on the wire.
    pub(super) fn time_of(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 * 10.0 / f64::from(self.baud.max(1)))
    }

    fn note(&mut self, line: &[u8]) {
        self.log.push(String::from_utf8_lossy(line).trim_end().to_string());
    }

    /// Sends a request and gives the payload of the reply that closes it. Between two bytes that
    /// belong to a frame no more than `patience` may pass.
    pub(super) fn request(
        &mut self,
        header: Header,
        parts: &[&[u8]],
        reply: Kind,
        patience: Duration,
    ) -> Result<Vec<u8>, Trouble> {
        self.tensors.clear();
        self.port.patience(patience);
        Link::new(&mut self.port).send(header, parts).map_err(trouble)?;
        loop {
            let (found, payload) = self.frame(patience)?;
            match Kind::from_u8(found.kind) {
                Some(Kind::Log) => self.note(&payload),
                Some(Kind::Tensor) => self.tensors.push((found.index, payload)),
                Some(Kind::Error) => return Err(self.refusal(&payload)),
                Some(kind) if kind == reply && found.index == header.index => return Ok(payload),
                // `Done` has no index.
                Some(Kind::Done) if reply == Kind::Done => return Ok(payload),
                _ => return Err(Trouble::Noise),
            }
        }
    }

    /// The next whole frame.
    fn frame(&mut self, patience: Duration) -> Result<(Header, Vec<u8>), Trouble> {
        let mut link = Link::new(&mut self.port);
        let header = link.receive().map_err(trouble)?;
        self.noise = self.noise.saturating_add(link.skipped());
        let mut payload = vec![0; header.len as usize];
        for piece in payload.chunks_mut(CHUNK) {
            link.transport_mut().patience(patience);
            link.payload(piece).map_err(trouble)?;
        }
        link.finish().map_err(trouble)?;
        self.port.patience(patience);
        Ok((header, payload))
    }

    fn refusal(&mut self, payload: &[u8]) -> Trouble {
        let Some(fault) = Fault::decode(payload) else { return Trouble::Noise };
        let lost = RequestError::NotLoaded.code();
        match RequestError::from_code(fault.code, fault.details) {
            Some(RequestError::Damaged) => Trouble::Noise,
            Some(_) if fault.code == lost && self.loaded => Trouble::Restarted,
            _ => Trouble::Refused(fault),
        }
    }
}

fn trouble(error: LinkError<PortError>) -> Trouble {
    match error {
        LinkError::Transport(PortError::Silence) => Trouble::Silence,
        LinkError::Transport(PortError::Gone(_)) | LinkError::Ended => Trouble::Gone,
        LinkError::Damaged | LinkError::Short | LinkError::Long => Trouble::Noise,
    }
}
