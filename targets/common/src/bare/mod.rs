//! Bare metal: nothing but the core, its memory, and a host behind the debugger.

#[cfg(feature = "board")]
pub mod board;
#[cfg(target_arch = "arm")]
mod cortex_m;
mod panic;
#[cfg(target_arch = "riscv32")]
mod riscv;
#[cfg_attr(feature = "board", allow(dead_code, reason = "not every board ends programs this way"))]
mod semihosting;

#[cfg(feature = "board")]
pub use board::end as exit;
#[cfg(target_arch = "arm")]
pub use cortex_m::prepare;
#[cfg(target_arch = "riscv32")]
pub use riscv::prepare;
#[cfg(not(feature = "board"))]
pub use semihosting::exit;
pub use semihosting::{Files, argument, print};

/// Emulated boards have neither lamp nor counter: the emulator counts.
#[cfg(not(feature = "board"))]
pub fn panel() -> impl crate::Panel {}

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
    #[cfg(feature = "board")]
    defmt::error!("hard fault at {=u32:#010x}", address);
    #[cfg(not(feature = "board"))]
    {
        print("hard fault at ");
        crate::print_hex(address);
        print("\n");
    }
    exit(crate::exit_code::HARD_FAULT)
}
