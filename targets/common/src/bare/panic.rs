//! What happens when a program cannot go on.

use core::panic::PanicInfo;

/// Calls a function that exists nowhere. The linker drops this handler where nothing can panic, and
/// otherwise stops with the function's name.
#[cfg(all(feature = "prove-no-panic", not(feature = "may-panic")))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn smidge_panic_path_is_linked() -> !;
    }
    // SAFETY: never called: an image that contains this call does not link.
    unsafe { smidge_panic_path_is_linked() }
}

/// Says where the panic comes from, then ends the program.
#[cfg(any(not(feature = "prove-no-panic"), feature = "may-panic"))]
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    #[cfg(feature = "board")]
    if let Some(place) = info.location() {
        defmt::error!("panic at {=str}:{=u32}", place.file(), place.line());
    }
    #[cfg(not(feature = "board"))]
    {
        crate::print("panic");
        if let Some(place) = info.location() {
            crate::print(" at ");
            crate::print(place.file());
            crate::print(":");
            crate::print_u32(place.line());
        }
        crate::print("\n");
    }
    crate::exit(crate::exit_code::PANIC)
}
