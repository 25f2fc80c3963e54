//! How much stack was ever in use. The start-up code paints the stack; what is no longer paint was
//! used. Where nothing is painted (on Linux, and on the host) the numbers are zero.

/// The paint: what the start-up code fills the stack with.
#[cfg(target_os = "none")]
const PAINT: u32 = 0xCCCC_CCCC;

/// Most bytes of stack that were in use at one time since the start.
pub fn peak() -> u32 {
    #[cfg(target_os = "none")]
    {
        let (end, start) = bounds();
        let mut at = end;
        // SAFETY: the addresses are inside the stack region of the linker script, readable and
        // word-aligned. Volatile, because the stack is also written behind the compiler's back.
        while at < start && unsafe { at.read_volatile() } == PAINT {
            at = at.wrapping_add(1);
        }
        bytes_between(at, start)
    }
    #[cfg(not(target_os = "none"))]
    0
}

/// Bytes of stack that there are.
pub fn capacity() -> u32 {
    #[cfg(target_os = "none")]
    {
        let (end, start) = bounds();
        bytes_between(end, start)
    }
    #[cfg(not(target_os = "none"))]
    0
}

/// Lowest word of the stack and the end behind the highest: it grows downwards.
#[cfg(target_os = "none")]
fn bounds() -> (*const u32, *const u32) {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    (&raw const _stack_end, &raw const _stack_start)
}

#[cfg(target_os = "none")]
fn bytes_between(low: *const u32, high: *const u32) -> u32 {
    (high as u32).wrapping_sub(low as u32)
}
