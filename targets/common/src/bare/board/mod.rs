//! Real boards: a debug probe instead of an emulator, and counters of cycles.

#[cfg(all(target_arch = "arm", not(feature = "system-timer")))]
mod cycle_counter;
mod rtt;
#[cfg(all(target_arch = "arm", feature = "system-timer"))]
mod system_timer;

#[cfg(all(target_arch = "arm", not(feature = "system-timer")))]
pub use cycle_counter::CycleCounter;
pub use rtt::Rtt;
#[cfg(all(target_arch = "arm", feature = "system-timer"))]
pub use system_timer::SystemTimer;

/// The files that a debug probe gives the program, if there is a probe that does.
pub fn probe_files() -> Option<super::Files> {
    is_debugged().then(super::Files::from_command_line)?.ok()
}

/// Whether a debug probe is in control, which then answers semihosting.
#[cfg(target_arch = "arm")]
fn is_debugged() -> bool {
    /// Debug halting control and status register (Armv6-M and Armv7-M Architecture Reference
    /// Manuals, DHCSR); bit 0 is set while a probe is in control.
    const DHCSR: *const u32 = 0xE000_EDF0 as *const u32;
    // SAFETY: reading this register changes nothing that a program can see.
    unsafe { DHCSR.read_volatile() & 1 != 0 }
}

/// On RISC-V a program does not see whether there is a probe.
#[cfg(target_arch = "riscv32")]
fn is_debugged() -> bool {
    false
}

/// Ends the program. A debug probe sees the code; without one the board starts again, so that it
/// answers its host.
#[cfg(target_arch = "arm")]
pub fn end(code: u32) -> ! {
    if is_debugged() {
        super::semihosting::exit(code)
    }
    cortex_m::peripheral::SCB::sys_reset()
}

/// Ends the program: the chip starts again.
#[cfg(target_arch = "riscv32")]
pub fn end(_code: u32) -> ! {
    unsafe extern "Rust" {
        /// Starts the chip again; the board's package has it.
        safe fn smidge_reset() -> !;
    }
    smidge_reset()
}
