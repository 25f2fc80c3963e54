//! The memory for blobs, as the server sees it: read-only, or flash that firmware programs itself.

use embedded_storage::nor_flash::NorFlash;

/// The slot could not be erased or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotError;

/// Memory for a blob, at a multiple of 16.
pub trait Slot {
    /// Whether [`erase`](Self::erase) and [`write`](Self::write) can succeed.
    const WRITABLE: bool;

    /// All of it.
    fn bytes(&self) -> &[u8];

    /// Erases the units that have its first `len` bytes, the first unit first.
    ///
    /// # Errors
    /// If it cannot be written, or the flash reports an error.
    fn erase(&mut self, len: u32) -> Result<(), SlotError>;

    /// Writes erased bytes.
    ///
    /// # Errors
    /// If it cannot be written, the bytes are no whole unit of the flash, or that reports an error.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SlotError>;
}

/// A slot that somebody else fills: the emulator, the probe, the boot program.
impl Slot for &[u8] {
    const WRITABLE: bool = false;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn erase(&mut self, _len: u32) -> Result<(), SlotError> {
        Err(SlotError)
    }

    fn write(&mut self, _offset: u32, _bytes: &[u8]) -> Result<(), SlotError> {
        Err(SlotError)
    }
}

/// A slot in flash that can be read at an address and written through a driver.
pub struct FlashSlot<F> {
    flash: F,
    /// Where the slot begins for the driver.
    offset: u32,
    /// Where it begins for the processor.
    memory: *const u8,
    len: u32,
}

impl<F: NorFlash> FlashSlot<F> {
    /// The slot whose `len` bytes the driver finds at `offset`, and the processor at `memory`.
    ///
    /// # Safety
    /// `memory` can be read for `len` bytes as long as the value lives, and nothing but `flash` writes
    /// to it.
    pub const unsafe fn new(flash: F, offset: u32, memory: *const u8, len: u32) -> Self {
        Self { flash, offset, memory, len }
    }
}

impl<F: NorFlash> Slot for FlashSlot<F> {
    const WRITABLE: bool = true;

    fn bytes(&self) -> &[u8] {
        // SAFETY: the promise of `new`; writing takes the slot mutably, so that no slice is left.
        unsafe { core::slice::from_raw_parts(self.memory, self.len as usize) }
    }

    fn erase(&mut self, len: u32) -> Result<(), SlotError> {
        let unit = (F::ERASE_SIZE as u32).max(1);
        let whole = len.div_ceil(unit).checked_mul(unit).filter(|&len| len <= self.len);
        let end = whole.and_then(|whole| self.offset.checked_add(whole)).ok_or(SlotError)?;
        self.flash.erase(self.offset, end).map_err(|_| SlotError)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), SlotError> {
        let end = offset.checked_add(bytes.len() as u32).filter(|&end| end <= self.len);
        let place = end.and_then(|_| self.offset.checked_add(offset)).ok_or(SlotError)?;
        self.flash.write(place, bytes).map_err(|_| SlotError)
    }
}
