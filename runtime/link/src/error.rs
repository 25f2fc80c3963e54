//! What can go wrong on the wire, and what the firmware answers to a request it cannot carry out.

use core::fmt;

/// Why a frame could not be received or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LinkError<E> {
    /// The stream ended.
    Ended,
    /// The payload does not match its checksum.
    Damaged,
    /// More payload was asked for than the frame has.
    Short,
    /// More than [`MAX_PAYLOAD`](crate::MAX_PAYLOAD) bytes were to be sent.
    Long,
    /// The wire itself failed.
    Transport(E),
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("the stream ended"),
            Self::Damaged => f.write_str("a payload does not match its checksum"),
            Self::Short => f.write_str("a payload is shorter than its kind demands"),
            Self::Long => f.write_str("a payload is longer than the protocol allows"),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for LinkError<E> {}

/// Why the firmware did not carry out a request, as far as the protocol itself is concerned.
/// Errors of the network have the codes of the phase they come from, see [`Phase`](crate::Phase).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// The request's kind is not known.
    Unknown {
        /// Number of the kind.
        kind: u8,
    },
    /// The payload does not match its checksum.
    Damaged,
    /// The payload has another length than the request demands.
    Length {
        /// Bytes that came.
        given: u32,
        /// Bytes that were expected: exactly, or at least.
        wanted: u32,
    },
    /// There is no model yet: `Load` did not come or was refused.
    NotLoaded,
    /// There is no such input or output.
    Index {
        /// The index that came.
        index: u16,
    },
    /// The bytes reach beyond the end of the input.
    Beyond {
        /// One past the last byte that came.
        end: u32,
        /// Bytes of the input.
        len: u32,
    },
    /// The blob is longer than the slot.
    Slot {
        /// Bytes of the blob.
        blob: u32,
        /// Bytes of the slot.
        slot: u32,
    },
    /// The slot cannot be written by this firmware.
    ReadOnly,
    /// The slot could not be erased or written, or does not keep what was written.
    Flash {
        /// Where, in bytes from the slot's start.
        offset: u32,
    },
    /// There is no blob in the slot.
    Empty,
}

impl RequestError {
    /// Stable number of this kind of error, shown as `E0451` and on.
    pub const fn code(self) -> u16 {
        match self {
            Self::Unknown { .. } => 451,
            Self::Damaged => 452,
            Self::Length { .. } => 453,
            Self::NotLoaded => 454,
            Self::Index { .. } => 455,
            Self::Beyond { .. } => 456,
            Self::Slot { .. } => 457,
            Self::ReadOnly => 458,
            Self::Flash { .. } => 459,
            Self::Empty => 460,
        }
    }

    /// Two numbers that say where, in the order of the variant's fields.
    pub const fn details(self) -> [u32; 2] {
        match self {
            Self::Unknown { kind } => [kind as u32, 0],
            Self::Length { given, wanted } => [given, wanted],
            Self::Index { index } => [index as u32, 0],
            Self::Beyond { end, len } => [end, len],
            Self::Slot { blob, slot } => [blob, slot],
            Self::Flash { offset } => [offset, 0],
            Self::Damaged | Self::NotLoaded | Self::ReadOnly | Self::Empty => [0, 0],
        }
    }

    /// The error with this code and these details.
    pub const fn from_code(code: u16, [a, b]: [u32; 2]) -> Option<Self> {
        Some(match code {
            451 => Self::Unknown { kind: a as u8 },
            452 => Self::Damaged,
            453 => Self::Length { given: a, wanted: b },
            454 => Self::NotLoaded,
            455 => Self::Index { index: a as u16 },
            456 => Self::Beyond { end: a, len: b },
            457 => Self::Slot { blob: a, slot: b },
            458 => Self::ReadOnly,
            459 => Self::Flash { offset: a },
            460 => Self::Empty,
            _ => return None,
        })
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown { kind } => write!(f, "request of unknown kind {kind:#04x}"),
            Self::Damaged => f.write_str("the request was damaged on the way"),
            Self::Length { given, wanted } => {
                write!(f, "the request has {given} bytes of payload, {wanted} are expected")
            }
            Self::NotLoaded => f.write_str("no model is loaded"),
            Self::Index { index } => write!(f, "there is no input or output {index}"),
            Self::Beyond { end, len } => {
                write!(f, "bytes up to {end} were sent for an input of {len} bytes")
            }
            Self::Slot { blob, slot } => {
                write!(f, "the blob has {blob} bytes, the slot holds {slot}")
            }
            Self::ReadOnly => f.write_str("this firmware cannot write its slot"),
            Self::Flash { offset } => {
                write!(f, "the slot does not take what is written, from byte {offset} on")
            }
            Self::Empty => f.write_str("there is no model in the slot"),
        }
    }
}

impl core::error::Error for RequestError {}

#[cfg(test)]
mod tests {
    use super::RequestError as E;

    #[test]
    fn codes_and_details_come_back() {
        let all = [
            E::Unknown { kind: 0x33 },
            E::Damaged,
            E::Length { given: 3, wanted: 4 },
            E::NotLoaded,
            E::Index { index: 7 },
            E::Beyond { end: 100, len: 90 },
            E::Slot { blob: 20, slot: 10 },
            E::ReadOnly,
            E::Flash { offset: 4096 },
            E::Empty,
        ];
        for error in all {
            assert_eq!(E::from_code(error.code(), error.details()), Some(error));
        }
        assert_eq!(E::from_code(450, [0, 0]), None);
        assert_eq!(E::from_code(461, [0, 0]), None);
    }
}
