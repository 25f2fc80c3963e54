//! Cortex-M: start-up and vectors are `cortex-m-rt`'s.

use cortex_m_rt::{ExceptionFrame, exception};

/// # Safety
/// Called by the processor only.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    super::fault(frame.pc())
}

/// Lets the core remember the ends of low-overhead loops: the bit LOB of the configuration and
/// control register (Armv8.1-M Architecture Reference Manual, CCR).
#[cfg(smidge_isa = "mve")]
pub fn prepare() {
    const CCR: *mut u32 = 0xE000_ED14 as *mut u32;
    const LOB: u32 = 1 << 19;
    // SAFETY: the register is there on every core that has these loops; nothing else writes to it.
    unsafe { CCR.write_volatile(CCR.read_volatile() | LOB) }
}

/// Nothing: the start-up code has done everything.
#[cfg(not(smidge_isa = "mve"))]
pub fn prepare() {}
