//! The cycle counter of Armv7-M and Armv8-M cores.

use cortex_m::peripheral::{DCB, DWT};

use crate::{Counter, Extended};

/// Counts cycles of the core. The hardware has 32 bits: a single step must take fewer than 2^32.
pub struct CycleCounter {
    extended: Extended,
    hz: u32,
}

impl CycleCounter {
    /// Starts it, on a core with this clock.
    pub fn new(mut dcb: DCB, mut dwt: DWT, hz: u32) -> Self {
        dcb.enable_trace();
        // The Cortex-M7 locks its registers; elsewhere this does nothing.
        DWT::unlock();
        dwt.enable_cycle_counter();
        Self { extended: Extended::default(), hz }
    }
}

impl Counter for CycleCounter {
    fn hz(&self) -> u32 {
        self.hz
    }

    fn now(&mut self) -> u64 {
        self.extended.at(DWT::cycle_count(), 32)
    }
}
