//! A board on a serial port that is a pseudo-terminal.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serial2::SerialPort;
use smidge_link::{LinkError, Transport};

use crate::chip::{ARENA, Chip, FlashMemory, serve_once};
use crate::fault::{Broken, Fault, Faulty};

/// A board that answers until this value is dropped.
pub struct Board {
    path: PathBuf,
    /// Its slot.
    pub flash: FlashMemory,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a board on a serial port is.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the firmware calls the board.
    pub name: &'static str,
    /// Bytes of its slot.
    pub slot: usize,
    /// Bytes of its arena.
    pub arena: usize,
    /// Whether the firmware can only read its slot.
    pub read_only: bool,
    /// What goes wrong, in this order.
    pub faults: Vec<Fault>,
}

impl Default for Options {
    fn default() -> Self {
        let faults = Vec::new();
        Self { name: "fake-serial", slot: 1 << 20, arena: ARENA, read_only: false, faults }
    }
}

impl Board {
    /// Switches a board on.
    ///
    /// # Errors
    /// If the system gives no pseudo-terminal.
    pub fn start(options: Options) -> io::Result<Self> {
        let (device, host) = SerialPort::pair()?;
        let path = path_of(&host)?;
        let flash = FlashMemory::new(options.slot);
        let stop = Arc::new(AtomicBool::new(false));
        let (memory, stopped) = (flash.clone(), stop.clone());
        let thread = thread::spawn(move || run(device, host, options, &memory, &stopped));
        Ok(Self { path, flash, stop, thread: Some(thread) })
    }

    /// The port.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The name of the terminal's end that a host opens.
fn path_of(port: &SerialPort) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;
    std::fs::read_link(format!("/proc/self/fd/{}", port.as_raw_fd()))
}

/// The firmware's main loop. The host's end is kept open, so that the terminal lasts while nobody
/// is connected.
fn run(
    mut device: SerialPort,
    host: SerialPort,
    options: Options,
    flash: &FlashMemory,
    stop: &AtomicBool,
) {
    if device.set_read_timeout(Duration::from_millis(20)).is_err() {
        return;
    }
    let (mut faults, mut sent) = (options.faults, 0);
    while !stop.load(Ordering::Relaxed) {
        let mut wire = Wire { port: &device, stop };
        if smidge_board::log(&mut wire, "started").is_err() {
            return;
        }
        let wire = Faulty { wire, faults: &mut faults, sent: &mut sent, lost: 0 };
        let end = if options.read_only {
            let slot = Chip::start(flash);
            serve_once(wire, options.name, smidge_board::Slot::bytes(&slot), options.arena)
        } else {
            serve_once(wire, options.name, Chip::start(flash), options.arena)
        };
        match end {
            Err(LinkError::Transport(Broken::Silence)) => {
                while !stop.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(10));
                }
            }
            Err(LinkError::Transport(Broken::Unplug)) => break,
            _ => {}
        }
    }
    drop(device);
    drop(host);
}

/// The device's end of the terminal; ends with the board.
struct Wire<'a> {
    port: &'a SerialPort,
    stop: &'a AtomicBool,
}

impl Transport for Wire<'_> {
    type Error = ();

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, ()> {
        while !self.stop.load(Ordering::Relaxed) {
            match self.port.read(dst) {
                Ok(count) if count > 0 => return Ok(count),
                Err(error) if error.kind() != io::ErrorKind::TimedOut => return Err(()),
                Ok(_) | Err(_) => {}
            }
        }
        Ok(0)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ()> {
        // A reader that is gone must not stop the board for ever.
        let mut rest = bytes;
        while !rest.is_empty() && !self.stop.load(Ordering::Relaxed) {
            match self.port.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                Err(_) => return Err(()),
            }
        }
        Ok(())
    }
}
