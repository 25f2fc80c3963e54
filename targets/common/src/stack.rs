//! How much stack was ever in use. The stack is painted before the program starts; what is no longer
//! paint was used. On bare metal all of it is painted, on Linux its next MiB (on AArch64; on other
//! cores nothing is, and the numbers are zero).

#[cfg(not(target_os = "none"))]
pub(crate) use linux::paint;

/// The paint, also of the start-up code.
const PAINT: u32 = 0xCCCC_CCCC;

/// Most bytes of stack that were in use at one time since the start.
pub fn peak() -> u32 {
    let (end, start) = bounds();
    let mut at = end;
    // SAFETY: the addresses are inside the stack, readable and word-aligned. Volatile, because the
    // stack is also written behind the compiler's back.
    while at < start && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    bytes_between(at, start)
}

/// Bytes of stack that there are, or that are watched.
pub fn capacity() -> u32 {
    let (end, start) = bounds();
    bytes_between(end, start)
}

/// Lowest word of the stack and the end behind the highest: it grows downwards.
fn bounds() -> (*const u32, *const u32) {
    #[cfg(target_os = "none")]
    {
        unsafe extern "C" {
            static _stack_end: u32;
            static _stack_start: u32;
        }
        (&raw const _stack_end, &raw const _stack_start)
    }
    #[cfg(not(target_os = "none"))]
    linux::bounds()
}

fn bytes_between(low: *const u32, high: *const u32) -> u32 {
    high.addr().wrapping_sub(low.addr()) as u32
}

#[cfg(not(target_os = "none"))]
mod linux {
    use core::ptr;
    use core::sync::atomic::{AtomicPtr, Ordering};

    static END: AtomicPtr<u32> = AtomicPtr::new(ptr::null_mut());
    static START: AtomicPtr<u32> = AtomicPtr::new(ptr::null_mut());

    /// The painted memory; null pointers where nothing is painted.
    pub fn bounds() -> (*const u32, *const u32) {
        (END.load(Ordering::Relaxed), START.load(Ordering::Relaxed))
    }

    /// Paints the stack of the main thread, from the stack pointer downwards.
    #[inline(never)]
    pub fn paint() {
        #[cfg(target_arch = "aarch64")]
        {
            /// Bytes; the system gives the main thread more.
            const PAINTED: usize = 1 << 20;
            let (start, end): (*mut u32, *mut u32);
            // SAFETY: nothing lives below the stack pointer, and the system gives memory there when
            // it is touched.
            unsafe {
                core::arch::asm!(
                    "mov {start}, sp",
                    "sub {end}, {start}, {painted}",
                    "mov {at}, {end}",
                    "2: str {paint:w}, [{at}], #4",
                    "cmp {at}, {start}",
                    "b.lo 2b",
                    start = out(reg) start,
                    end = out(reg) end,
                    at = out(reg) _,
                    painted = in(reg) PAINTED,
                    paint = in(reg) super::PAINT,
                );
            }
            END.store(end, Ordering::Relaxed);
            START.store(start, Ordering::Relaxed);
        }
    }
}
