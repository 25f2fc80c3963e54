//! What happens when a program cannot go on.

#![cfg(target_arch = "arm")]

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};

use crate::{exit_code, semihosting};

/// Calls a function that exists nowhere. The linker drops this handler where nothing can panic, and
/// otherwise stops with the function's name.
#[cfg(feature = "prove-no-panic")]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn smidge_panic_path_is_linked() -> !;
    }
    // SAFETY: never called: an image that contains this call does not link.
    unsafe { smidge_panic_path_is_linked() }
}

/// Says where the panic comes from, then ends the program.
#[cfg(not(feature = "prove-no-panic"))]
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    semihosting::print("panic");
    if let Some(place) = info.location() {
        semihosting::print(" at ");
        semihosting::print(place.file());
        semihosting::print(":");
        semihosting::print_u32(place.line());
    }
    semihosting::print("\n");
    semihosting::exit(exit_code::PANIC)
}

/// Says where the fault happened, then ends the program.
///
/// # Safety
/// Called by the processor only.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    semihosting::print("hard fault at ");
    semihosting::print_hex(frame.pc());
    semihosting::print("\n");
    semihosting::exit(exit_code::HARD_FAULT)
}
