//! Serial ports: finding them, opening them, and bytes with a time limit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serial2::SerialPort;
use smidge_link::Transport;

use crate::board::usb_id;
use crate::{Board, Problem, RunError};

/// How long one call waits for bytes.
const MOMENT: Duration = Duration::from_millis(20);

/// The port that the board's USB device has, if there is exactly one.
pub(crate) fn find(board: &Board) -> Result<PathBuf, RunError> {
    let usb = board.serial.as_ref().and_then(|serial| serial.usb.as_deref());
    let all = SerialPort::available_ports().unwrap_or_default();
    let texts = |ports: &[PathBuf]| ports.iter().map(|port| port.display().to_string()).collect();
    let (Some(usb), Some(id)) = (usb, usb.and_then(usb_id)) else {
        return Err(Problem::NoPort { wanted: String::new(), there: texts(&all) }.into());
    };
    let own: Vec<_> = all.iter().filter(|port| usb_of(port) == Some(id)).cloned().collect();
    match own.as_slice() {
        [port] => Ok(port.clone()),
        [] => Err(Problem::NoPort { wanted: format!("of USB {usb}"), there: texts(&all) }.into()),
        several => Err(Problem::NoPort { wanted: String::new(), there: texts(several) }.into()),
    }
}

/// Vendor and product of the USB device behind a port, where the system tells (Linux).
fn usb_of(port: &Path) -> Option<(u16, u16)> {
    let interface = Path::new("/sys/class/tty").join(port.file_name()?).join("device");
    let interface = fs::canonicalize(interface).ok()?;
    let number = |folder: &Path, file: &str| {
        let text = fs::read_to_string(folder.join(file)).ok()?;
        u16::from_str_radix(text.trim(), 16).ok()
    };
    // The device is one or two levels above the interface that the port is.
    interface
        .ancestors()
        .take(4)
        .find_map(|folder| Some((number(folder, "idVendor")?, number(folder, "idProduct")?)))
}

/// An open port.
pub(crate) struct Port {
    port: SerialPort,
    /// When waiting ends.
    deadline: Instant,
}

/// Why no bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PortError {
    /// None came in time.
    Silence,
    /// The port is gone, or does not work.
    Gone(io::ErrorKind),
}

impl Port {
    pub(crate) fn open(path: &Path, baud: u32) -> Result<Self, RunError> {
        let mut port = SerialPort::open(path, baud).map_err(|error| refused(path, error))?;
        port.set_read_timeout(MOMENT).map_err(|error| refused(path, error))?;
        port.set_write_timeout(Duration::from_secs(5)).map_err(|error| refused(path, error))?;
        // Ports of USB devices tell the firmware by this line that somebody listens.
        let _ = port.set_dtr(true);
        Ok(Self { port, deadline: Instant::now() })
    }

    /// Waits no longer than this from now on.
    pub(crate) fn patience(&mut self, patience: Duration) {
        self.deadline = Instant::now() + patience;
    }

    /// Drops what comes until nothing comes any more, for a second at most.
    pub(crate) fn drain(&mut self) -> Result<(), PortError> {
        let start = Instant::now();
        let mut quiet = Instant::now();
        let mut bytes = [0; 1024];
        while quiet.elapsed() < 3 * MOMENT && start.elapsed() < Duration::from_secs(1) {
            match self.port.read(&mut bytes) {
                Ok(0) => return Err(PortError::Gone(io::ErrorKind::UnexpectedEof)),
                Ok(_) => quiet = Instant::now(),
                Err(error) if is_wait(&error) => {}
                Err(error) => return Err(PortError::Gone(error.kind())),
            }
        }
        Ok(())
    }
}

impl Transport for Port {
    type Error = PortError;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, PortError> {
        loop {
            match self.port.read(dst) {
                Ok(0) => return Err(PortError::Gone(io::ErrorKind::UnexpectedEof)),
                Ok(count) if Instant::now() < self.deadline => return Ok(count),
                Err(error) if !is_wait(&error) => return Err(PortError::Gone(error.kind())),
                Ok(_) | Err(_) if Instant::now() >= self.deadline => {
                    return Err(PortError::Silence);
                }
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.port.write_all(bytes).map_err(|error| PortError::Gone(error.kind()))
    }
}

fn is_wait(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), TimedOut | WouldBlock | Interrupted)
}

fn refused(path: &Path, error: io::Error) -> RunError {
    let port = path.display().to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            let rule = "Your user has to be in the port's group: `sudo usermod -aG dialout $USER` \
                        (uucp on Arch), then log in again";
            Problem::Permission { device: port, rule: rule.into() }.into()
        }
        io::ErrorKind::NotFound => {
            let ports = SerialPort::available_ports().unwrap_or_default();
            let there = ports.iter().map(|port| port.display().to_string()).collect();
            Problem::NoPort { wanted: port, there }.into()
        }
        _ => Problem::File { path: path.to_path_buf(), source: error }.into(),
    }
}
