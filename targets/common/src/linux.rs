//! Linux: the files and the console of a process.

use std::boxed::Box;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::time::Instant;

use smidge_format::AlignedBuf;
use smidge_link::Transport;

use crate::{Counter, FileError, Indicator, Panel, stack};

/// Prepares the measurement of the stack.
pub fn prepare() {
    stack::paint();
}

/// Ends the program; whoever started it sees the code.
pub fn exit(code: u32) -> ! {
    std::process::exit(code as i32)
}

/// Writes a text to the console.
pub fn print(text: &str) {
    std::eprint!("{text}");
}

/// The bytes of the file that the command line names first, or none where it cannot be read.
pub fn slot() -> &'static [u8] {
    let bytes = env::args_os().nth(1).and_then(|path| fs::read(path).ok()).unwrap_or_default();
    Box::leak(Box::new(AlignedBuf::from(bytes.as_slice())))
}

/// Whether this word is on the command line.
pub fn argument(word: &str) -> bool {
    env::args_os().skip(1).any(|given| given == word)
}

/// No lamp, and the system's clock.
pub fn panel() -> impl Panel {
    Indicator::new((), Clock(Instant::now()))
}

/// The system's clock; its ticks are nanoseconds.
struct Clock(Instant);

impl Counter for Clock {
    fn hz(&self) -> u32 {
        1_000_000_000
    }

    fn now(&mut self) -> u64 {
        // Five centuries.
        self.0.elapsed().as_nanos() as u64
    }
}

/// Two files as a wire: requests are read from one, replies are written to the other.
pub struct Files {
    requests: Box<dyn Read>,
    replies: Box<dyn Write>,
}

impl Files {
    /// Opens the two files that the command line names behind the blob: requests, then replies. `-`
    /// is standard input or output.
    ///
    /// # Errors
    /// When the command line has no such names, or the files cannot be opened.
    pub fn from_command_line() -> Result<Self, FileError> {
        let mut names = env::args_os().skip(2);
        let requests = requests(names.next().ok_or(FileError)?).map_err(|_| FileError)?;
        let replies = replies(names.next().ok_or(FileError)?).map_err(|_| FileError)?;
        Ok(Self { requests, replies })
    }
}

fn requests(name: OsString) -> io::Result<Box<dyn Read>> {
    Ok(if name == "-" { Box::new(io::stdin()) } else { Box::new(File::open(name)?) })
}

fn replies(name: OsString) -> io::Result<Box<dyn Write>> {
    Ok(if name == "-" { Box::new(io::stdout()) } else { Box::new(File::create(name)?) })
}

impl Transport for Files {
    type Error = FileError;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, FileError> {
        self.requests.read(dst).map_err(|_| FileError)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let sent = self.replies.write_all(bytes).and_then(|()| self.replies.flush());
        sent.map_err(|_| FileError)
    }
}
