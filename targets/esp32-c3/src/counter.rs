//! The chip's own counter of cycles (machine performance counter).

use core::arch::asm;

use smidge_board::{Counter, Extended};

/// Counts cycles of the core. The hardware has 32 bits: a single step must take fewer than 2^32.
pub struct CycleCounter {
    extended: Extended,
    hz: u32,
}

impl CycleCounter {
    /// Starts it, on a core with this clock.
    pub fn new(hz: u32) -> Self {
        // SAFETY: event register, cycles; mode register, on. No memory is touched.
        unsafe {
            asm!("csrwi 0x7E0, 1", "csrwi 0x7E1, 1", options(nomem, nostack, preserves_flags),);
        }
        Self { extended: Extended::default(), hz }
    }
}

impl Counter for CycleCounter {
    fn hz(&self) -> u32 {
        self.hz
    }

    fn now(&mut self) -> u64 {
        let value;
        // SAFETY: reads a register.
        unsafe { asm!("csrr {}, 0x7E2", out(reg) value, options(nomem, nostack)) };
        self.extended.at(value, 32)
    }
}
