//! The system timer, for cores without a cycle counter.

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;

use crate::Counter;

/// The longest period of the timer, in cycles.
const PERIOD: u32 = 1 << 24;

/// Periods that are over.
static PERIODS: AtomicU32 = AtomicU32::new(0);

#[exception]
fn SysTick() {
    // There is one writer, and Armv6-M has no instruction that adds in memory.
    PERIODS.store(PERIODS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// Counts cycles of the core. The hardware has 24 bits; an exception counts its periods.
pub struct SystemTimer {
    hz: u32,
}

impl SystemTimer {
    /// Starts it, on a core with this clock.
    pub fn new(mut timer: SYST, hz: u32) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(PERIOD - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        Self { hz }
    }
}

impl Counter for SystemTimer {
    fn hz(&self) -> u32 {
        self.hz
    }

    fn now(&mut self) -> u64 {
        loop {
            let periods = PERIODS.load(Ordering::Relaxed);
            // It counts down.
            let passed = (PERIOD - 1).wrapping_sub(SYST::get_current()) & (PERIOD - 1);
            if periods == PERIODS.load(Ordering::Relaxed) {
                return u64::from(periods) << 24 | u64::from(passed);
            }
        }
    }
}
