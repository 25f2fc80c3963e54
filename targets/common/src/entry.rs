//! Where a program starts.

/// Makes `$program`, a `fn(&'static mut [u8]) -> u32`, the program: it gets `$arena_len` bytes at a
/// multiple of 16, zeroed, and its value is the exit code.
///
/// ```ignore
/// smidge_board::entry!(program, 256 << 10);
///
/// fn program(arena: &'static mut [u8]) -> u32 {
///     exit_code::SUCCESS
/// }
/// ```
#[macro_export]
macro_rules! entry {
    ($program:path, $arena_len:expr) => {
        #[cfg(target_os = "none")]
        #[unsafe(export_name = "main")]
        extern "C" fn start() -> ! {
            run()
        }

        #[cfg(not(target_os = "none"))]
        fn main() {
            run()
        }

        fn run() -> ! {
            static mut ARENA: smidge::Arena<{ $arena_len }> = smidge::Arena::new();
            $crate::prepare();
            // SAFETY: the start-up code calls this once, and nothing else names the variable.
            let arena = unsafe { &mut *(&raw mut ARENA) };
            $crate::exit($program(arena))
        }
    };
}
