//! The host's files and console, through the debugger or the emulator (Semihosting for AArch32 and
//! AArch64, version 2; RISC-V Semihosting, version 1.0, which has the same operations).

use core::arch::asm;

use smidge_link::Transport;

use crate::FileError;

const OPEN: usize = 0x01;
const CLOSE: usize = 0x02;
const WRITEC: usize = 0x03;
const WRITE: usize = 0x05;
const READ: usize = 0x06;
const GET_CMDLINE: usize = 0x15;
const EXIT_EXTENDED: usize = 0x20;

/// Mode of OPEN: `rb`.
const READING: usize = 1;
/// Mode of OPEN: `wb`.
const WRITING: usize = 5;
/// Reason of an ordinary end.
const APPLICATION_EXIT: usize = 0x20026;
/// What file operations return on failure.
const FAILED: usize = usize::MAX;
/// Longest command line, in bytes.
const COMMAND_LINE: usize = 256;

/// Asks the host to do something; the operation says what `argument` and the result are.
///
/// # Safety
/// The argument is what the operation takes, and what the host writes to is borrowed mutably.
unsafe fn call(operation: usize, argument: usize) -> usize {
    let result;
    // SAFETY: the host changes the result and the memory that the caller gave it, nothing else.
    #[cfg(target_arch = "arm")]
    unsafe {
        asm!("bkpt #0xAB", inout("r0") operation => result, in("r1") argument, options(nostack));
    }
    // SAFETY: as above. The two shifts, uncompressed and on the same page, tell the host that the
    // break is meant for it.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        asm!(
            ".balign 16",
            ".option push",
            ".option norvc",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inout("a0") operation => result,
            in("a1") argument,
            options(nostack),
        );
    }
    result
}

/// As [`call`], for operations whose argument is a block of words.
///
/// # Safety
/// As for [`call`].
unsafe fn call_with(operation: usize, block: &[usize]) -> usize {
    // SAFETY: the caller's promise.
    unsafe { call(operation, block.as_ptr() as usize) }
}

/// Ends the program; the host sees the code.
pub fn exit(code: u32) -> ! {
    loop {
        // SAFETY: the argument block of SYS_EXIT_EXTENDED is a reason and a code.
        unsafe { call_with(EXIT_EXTENDED, &[APPLICATION_EXIT, code as usize]) };
    }
}

/// Writes a text to the host's console.
pub fn print(text: &str) {
    for byte in text.bytes() {
        // SAFETY: SYS_WRITEC takes the address of a byte.
        unsafe { call(WRITEC, &raw const byte as usize) };
    }
}

/// The words of the command line, each followed by a zero byte.
fn command_line() -> Option<[u8; COMMAND_LINE]> {
    let mut line = [0u8; COMMAND_LINE];
    let block = [line.as_mut_ptr() as usize, COMMAND_LINE];
    // SAFETY: SYS_GET_CMDLINE takes a buffer and its length, and writes a text that ends with a
    // zero into it.
    if unsafe { call_with(GET_CMDLINE, &block) } != 0 {
        return None;
    }
    line.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = 0);
    Some(line)
}

/// The words of a line, with the zeros behind them.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split_inclusive(|&byte| byte == 0).filter(|word| word.len() > 1)
}

/// Whether this word is on the command line.
pub fn argument(word: &str) -> bool {
    let is_it = |(_, given): (&u8, &[u8])| given == word.as_bytes();
    let line = command_line();
    line.iter().flat_map(|line| words(line)).filter_map(<[u8]>::split_last).any(is_it)
}

/// Two files of the host as a wire: requests are read from one, replies are written to the other.
pub struct Files {
    requests: usize,
    replies: usize,
}

impl Files {
    /// Opens the two files that the command line names: requests, then replies. Their names have
    /// no spaces. A debug probe gives no command line; the names are then `requests` and `replies`.
    ///
    /// # Errors
    /// When the command line has no two names, or the files cannot be opened.
    pub fn from_command_line() -> Result<Self, FileError> {
        let line = command_line();
        let mut names = words(line.as_ref().map_or(&b"requests\0replies\0"[..], |line| line));
        let requests = open(names.next(), READING)?;
        let replies = open(names.next(), WRITING)?;
        Ok(Self { requests, replies })
    }
}

/// Opens a file whose name ends with a zero byte.
fn open(name: Option<&[u8]>, mode: usize) -> Result<usize, FileError> {
    let name = name.filter(|name| name.ends_with(&[0])).ok_or(FileError)?;
    let block = [name.as_ptr() as usize, mode, name.len().wrapping_sub(1)];
    // SAFETY: SYS_OPEN takes a zero-terminated name, a mode, and the name's length without the zero.
    match unsafe { call_with(OPEN, &block) } {
        FAILED => Err(FileError),
        handle => Ok(handle),
    }
}

impl Transport for Files {
    type Error = FileError;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, FileError> {
        let block = [self.requests, dst.as_mut_ptr() as usize, dst.len()];
        // SAFETY: SYS_READ writes at most `dst.len()` bytes to `dst`, which is borrowed mutably.
        let missing = unsafe { call_with(READ, &block) };
        dst.len().checked_sub(missing).ok_or(FileError)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let block = [self.replies, bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: SYS_WRITE reads `bytes.len()` bytes of `bytes`.
        if unsafe { call_with(WRITE, &block) } == 0 { Ok(()) } else { Err(FileError) }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for handle in [self.requests, self.replies] {
            // SAFETY: SYS_CLOSE takes a block with the handle of an open file.
            unsafe { call_with(CLOSE, &[handle]) };
        }
    }
}
