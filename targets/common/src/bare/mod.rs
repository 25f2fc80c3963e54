//! Bare metal: nothing but the core, its memory, and a host behind the debugger.

#[cfg(target_arch = "arm")]
mod cortex_m;
mod panic;
#[cfg(target_arch = "riscv32")]
mod riscv;
mod semihosting;

#[cfg(target_arch = "arm")]
pub use cortex_m::prepare;
#[cfg(target_arch = "riscv32")]
pub use riscv::prepare;
pub use semihosting::{Files, argument, exit, print};

/// The memory that the host fills with a blob before the firmware starts.
pub fn slot() -> &'static [u8] {
    unsafe extern "C" {
        static _slot_start: u8;
        static _slot_end: u8;
    }
    let (start, end) = (&raw const _slot_start, &raw const _slot_end);
    let len = (end as usize).wrapping_sub(start as usize);
    // SAFETY: the linker script reserves these bytes for the slot, from `_slot_start` to
    // `_slot_end`; they are readable, initialised by the machine, and nothing writes to them.
    unsafe { core::slice::from_raw_parts(start, len) }
}

/// Says where the processor stopped, then ends the program.
fn fault(address: u32) -> ! {
    print("hard fault at ");
    crate::print_hex(address);
    print("\n");
    exit(crate::exit_code::HARD_FAULT)
}
