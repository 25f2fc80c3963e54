//! What goes wrong on a wire.

use smidge_link::Transport;

/// Something that goes wrong, once, when the firmware sends the byte with this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// So many bytes come in between that nobody sent.
    Garbage {
        /// When.
        at: usize,
        /// How many.
        bytes: usize,
    },
    /// So many bytes are lost.
    Loss {
        /// When.
        at: usize,
        /// How many.
        bytes: usize,
    },
    /// A byte arrives as another.
    Flip {
        /// When.
        at: usize,
    },
    /// The firmware starts anew.
    Reset {
        /// When.
        at: usize,
    },
    /// The firmware says nothing any more, and hears nothing.
    Silence {
        /// When.
        at: usize,
    },
    /// The cable is pulled.
    Unplug {
        /// When.
        at: usize,
    },
}

impl Fault {
    fn at(self) -> usize {
        match self {
            Self::Garbage { at, .. }
            | Self::Loss { at, .. }
            | Self::Flip { at }
            | Self::Reset { at }
            | Self::Silence { at }
            | Self::Unplug { at } => at,
        }
    }
}

/// Why a wire with faults ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The wire below failed.
    Wire,
    /// A fault wants the firmware to start anew.
    Reset,
    /// A fault wants the firmware to be silent.
    Silence,
    /// A fault wants the wire to be cut.
    Unplug,
}

/// A wire with faults. They stay in their order from one start of the firmware to the next.
pub struct Faulty<'a, T> {
    /// The wire.
    pub wire: T,
    /// The faults that are still to come, by their number.
    pub faults: &'a mut Vec<Fault>,
    /// Bytes that the firmware has sent.
    pub sent: &'a mut usize,
    /// Bytes that are still to be lost.
    pub lost: usize,
}

impl<T: Transport> Faulty<'_, T> {
    fn byte(&mut self, byte: u8) -> Result<(), Broken> {
        let due = self.faults.first().copied().filter(|fault| fault.at() <= *self.sent);
        *self.sent += 1;
        let mut byte = byte;
        if let Some(fault) = due {
            self.faults.remove(0);
            match fault {
                Fault::Garbage { bytes, .. } => {
                    // Parts of it look like the start of a frame.
                    let noise: Vec<u8> = b"\xA5SM\xA5SMG garbage\0".repeat(bytes / 16 + 1);
                    self.wire.write(&noise[..bytes]).map_err(|_| Broken::Wire)?;
                }
                Fault::Loss { bytes, .. } => self.lost = bytes,
                Fault::Flip { .. } => byte ^= 0x20,
                Fault::Reset { .. } => return Err(Broken::Reset),
                Fault::Silence { .. } => return Err(Broken::Silence),
                Fault::Unplug { .. } => return Err(Broken::Unplug),
            }
        }
        if self.lost > 0 {
            self.lost -= 1;
            return Ok(());
        }
        self.wire.write(&[byte]).map_err(|_| Broken::Wire)
    }
}

impl<T: Transport> Transport for Faulty<'_, T> {
    type Error = Broken;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, Broken> {
        self.wire.read(dst).map_err(|_| Broken::Wire)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        if self.faults.is_empty() && self.lost == 0 {
            *self.sent += bytes.len();
            return self.wire.write(bytes).map_err(|_| Broken::Wire);
        }
        bytes.iter().try_for_each(|&byte| self.byte(byte))
    }
}
