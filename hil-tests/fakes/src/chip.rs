//! A chip: flash, an arena, and the server of the firmware.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use smidge::format::Isa;
use smidge_board::{Identity, Slot, SlotError, panel, serve};
use smidge_format::AlignedBuf;
use smidge_link::{LinkError, Transport};

/// Bytes of the arena.
pub const ARENA: usize = 256 << 10;
/// Bytes that are erased together.
pub const SECTOR: usize = 4096;

/// Flash that outlives the firmware that runs from it.
#[derive(Clone)]
pub struct FlashMemory(Arc<Mutex<Vec<u8>>>);

impl FlashMemory {
    /// Erased flash.
    pub fn new(len: usize) -> Self {
        Self(Arc::new(Mutex::new(vec![0xFF; len])))
    }

    /// What is in it.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts bytes at its start.
    pub fn fill(&self, bytes: &[u8]) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    }
}

/// A chip that is on: what it has in its slot is a copy of its flash, at a multiple of 16.
pub struct Chip {
    flash: FlashMemory,
    copy: AlignedBuf,
    writable: bool,
}

impl Chip {
    /// The chip as it is after a reset.
    pub fn start(flash: &FlashMemory) -> Self {
        let copy = AlignedBuf::from(flash.bytes().as_slice());
        Self { flash: flash.clone(), copy, writable: true }
    }
}

impl Slot for Chip {
    const WRITABLE: bool = true;

    fn bytes(&self) -> &[u8] {
        &self.copy
    }

    fn erase(&mut self, len: u32) -> Result<(), SlotError> {
        let whole = (len as usize).next_multiple_of(SECTOR);
        let part = self.copy.get_mut(..whole).filter(|_| self.writable).ok_or(SlotError)?;
        part.fill(0xFF);
        self.flash.fill(&self.copy);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SlotError> {
        let start = offset as usize;
        let part = self.copy.get_mut(start..start + bytes.len()).ok_or(SlotError)?;
        // As NOR flash: bits only become zero.
        part.iter_mut().zip(bytes).for_each(|(there, byte)| *there &= byte);
        self.flash.fill(&self.copy);
        Ok(())
    }
}

/// Serves one host, until it says goodbye or the wire ends.
///
/// # Errors
/// As [`serve`].
pub fn serve_once<T: Transport, S: Slot>(
    transport: T,
    board: &'static str,
    slot: S,
    arena: usize,
) -> Result<(), LinkError<T::Error>>
where
    T::Error: fmt::Debug,
{
    let identity = Identity { board, isa: Isa::Portable, firmware: "fake", record: None };
    let mut arena = AlignedBuf::zeroed(arena);
    serve(transport, &mut panel(), identity, slot, &mut arena, smidge::ops::ALL)
}
