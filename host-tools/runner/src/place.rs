//! Where to run, as it is said on the command line.

use std::fmt;
use std::str::FromStr;

use crate::{Problem, RunError};

/// A way to a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A board that is emulated here, by its name.
    Emulator(String),
    /// The board on a debug probe.
    Probe {
        /// The probe's serial number, or `VID:PID` or `VID:PID:SERIAL`; none is the only one there is.
        selector: Option<String>,
    },
    /// The board on a serial port.
    Serial {
        /// The port; none is the one that has the board's USB device.
        port: Option<String>,
        /// Bits per second, if other than the board says.
        baud: Option<u32>,
    },
    /// A computer with Linux.
    Ssh {
        /// Whom `ssh` connects to.
        host: String,
    },
}

impl FromStr for Place {
    type Err = RunError;

    /// Reads `qemu:CORE`, `probe`, `probe:SERIAL`, `serial`, `serial:PORT`, `serial:PORT:BAUD` or
    /// `ssh:USER@HOST`.
    fn from_str(text: &str) -> Result<Self, RunError> {
        let bad = || Problem::BadTarget { text: text.into() }.into();
        let (kind, rest) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
        match (kind, rest) {
            (_, Some("")) => Err(bad()),
            ("qemu", Some(_)) => Ok(Self::Emulator(text.into())),
            ("probe", selector) => Ok(Self::Probe { selector: selector.map(String::from) }),
            ("serial", None) => Ok(Self::Serial { port: None, baud: None }),
            ("serial", Some(rest)) => {
                // A number behind the last colon is the speed; a port's name ends otherwise.
                let split = rest.rsplit_once(':').map(|(port, baud)| (port, baud.parse()));
                let (port, baud) = match split {
                    Some((port, Ok(baud))) if !port.is_empty() && baud > 0 => (port, Some(baud)),
                    Some((_, Ok(_))) => return Err(bad()),
                    Some((_, Err(_))) | None => (rest, None),
                };
                Ok(Self::Serial { port: Some(port.into()), baud })
            }
            // What starts with a dash would be an option of ssh.
            ("ssh", Some(host)) if !host.starts_with('-') => Ok(Self::Ssh { host: host.into() }),
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Emulator(name) => f.write_str(name),
            Self::Probe { selector: None } => f.write_str("probe"),
            Self::Probe { selector: Some(selector) } => write!(f, "probe:{selector}"),
            Self::Serial { port: None, .. } => f.write_str("serial"),
            Self::Serial { port: Some(port), baud: None } => write!(f, "serial:{port}"),
            Self::Serial { port: Some(port), baud: Some(baud) } => {
                write!(f, "serial:{port}:{baud}")
            }
            Self::Ssh { host } => write!(f, "ssh:{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_said_again() {
        let all = [
            "qemu:cortex-m4",
            "probe",
            "probe:E660C0D1C7",
            "probe:2e8a:000c:E660",
            "serial",
            "serial:/dev/ttyACM0",
            "serial:/dev/ttyACM0:921600",
            "serial:COM3",
            "ssh:pi@raspberrypi",
        ];
        for text in all {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        let place: Place = "serial:/dev/ttyACM0:921600".parse().unwrap();
        let (port, baud) = (Some("/dev/ttyACM0".into()), Some(921_600));
        assert_eq!(place, Place::Serial { port, baud });
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "qemu", "qemu:", "probe:", "serial::9600", "serial:p:0", "ssh", "ssh:-o", "moon:1"]
        {
            let error = text.parse::<Place>().unwrap_err();
            assert_eq!(error.code(), "E0415", "{text}");
        }
    }
}
