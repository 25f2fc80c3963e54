//! The host's files and console, through the debugger or the emulator.

use cortex_m_semihosting::{nr, syscall, syscall1};
use smidge_link::Transport;

/// `SYS_EXIT_EXTENDED`: ends the program with an exit code.
const EXIT_EXTENDED: usize = 0x20;
/// Reason of an ordinary end.
const APPLICATION_EXIT: u32 = 0x20026;
/// What file operations return on failure.
const FAILED: usize = usize::MAX;
/// Longest command line, in bytes.
const COMMAND_LINE: usize = 256;

/// Ends the program; the host sees the code.
pub fn exit(code: u32) -> ! {
    // SAFETY: the argument block of SYS_EXIT_EXTENDED is a reason and a code.
    unsafe { syscall(EXIT_EXTENDED, &[APPLICATION_EXIT, code]) };
    loop {
        cortex_m::asm::bkpt();
    }
}

/// Writes a text to the host's console.
pub fn print(text: &str) {
    text.bytes().for_each(print_byte);
}

/// Writes a number in decimal digits.
pub fn print_u32(mut value: u32) {
    let mut digits = [b'0'; 10];
    for digit in digits.iter_mut().rev() {
        *digit += (value % 10) as u8;
        value /= 10;
    }
    let [.., ones] = digits;
    let significant = digits.iter().take(9).skip_while(|digit| **digit == b'0');
    significant.copied().chain([ones]).for_each(print_byte);
}

/// Writes a number as `0x` and eight hexadecimal digits.
pub fn print_hex(value: u32) {
    print("0x");
    for byte in value.to_be_bytes() {
        for digit in [byte >> 4, byte & 15] {
            print_byte(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
        }
    }
}

fn print_byte(byte: u8) {
    // SAFETY: SYS_WRITEC takes the address of a byte.
    unsafe { syscall1(nr::WRITEC, &raw const byte as usize) };
}

/// Two files of the host as a wire: requests are read from one, replies are written to the other.
pub struct Files {
    requests: usize,
    replies: usize,
}

/// A file of the host could not be opened, read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileError;

impl Files {
    /// Opens the two files that the command line names: requests, then replies. Their names have
    /// no spaces.
    ///
    /// # Errors
    /// When the command line has no two names, or the files cannot be opened.
    pub fn from_command_line() -> Result<Self, FileError> {
        let mut line = [0u8; COMMAND_LINE];
        let block = [line.as_mut_ptr() as usize, COMMAND_LINE];
        // SAFETY: SYS_GET_CMDLINE takes a buffer and its length, and writes a text that ends with
        // a zero into it.
        if unsafe { syscall(nr::GET_CMDLINE, &block) } != 0 {
            return Err(FileError);
        }
        // Names for the host end with a zero, too: the spaces become zeros.
        line.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = 0);
        let mut names = line.split_inclusive(|&byte| byte == 0).filter(|name| name.len() > 1);
        let requests = open(names.next(), nr::open::R_BINARY)?;
        let replies = open(names.next(), nr::open::W_TRUNC_BINARY)?;
        Ok(Self { requests, replies })
    }
}

/// Opens a file whose name ends with a zero byte.
fn open(name: Option<&[u8]>, mode: usize) -> Result<usize, FileError> {
    let name = name.filter(|name| name.ends_with(&[0])).ok_or(FileError)?;
    let block = [name.as_ptr() as usize, mode, name.len().wrapping_sub(1)];
    // SAFETY: SYS_OPEN takes a zero-terminated name, a mode, and the name's length without the zero.
    match unsafe { syscall(nr::OPEN, &block) } {
        FAILED => Err(FileError),
        handle => Ok(handle),
    }
}

impl Transport for Files {
    type Error = FileError;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, FileError> {
        let block = [self.requests, dst.as_mut_ptr() as usize, dst.len()];
        // SAFETY: SYS_READ writes at most `dst.len()` bytes to `dst`, which is borrowed mutably.
        let missing = unsafe { syscall(nr::READ, &block) };
        dst.len().checked_sub(missing).ok_or(FileError)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let block = [self.replies, bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: SYS_WRITE reads `bytes.len()` bytes of `bytes`.
        if unsafe { syscall(nr::WRITE, &block) } == 0 { Ok(()) } else { Err(FileError) }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for handle in [self.requests, self.replies] {
            // SAFETY: SYS_CLOSE takes a block with the handle of an open file.
            unsafe { syscall(nr::CLOSE, &[handle]) };
        }
    }
}
