//! Markers around an inference: hint instructions that no core gives a meaning. They cost one
//! instruction each and change nothing; an emulator that looks for them counts what runs between.
//!
//! | marker | Thumb | meaning |
//! |---|---|---|
//! | [`start`] | `BF60` | an inference begins |
//! | [`stop`] | `BF70` | it ends |
//! | [`step_done`] | `BF80` | one of its steps ends |

#[cfg(target_arch = "arm")]
macro_rules! hint {
    ($code:literal) => {
        // SAFETY: an unallocated hint changes no register, no flag and no memory. Memory is left
        // to the compiler as possibly changed, so that it moves no access across the marker.
        unsafe { core::arch::asm!(concat!(".inst.n ", $code), options(nostack, preserves_flags)) }
    };
}

#[cfg(not(target_arch = "arm"))]
macro_rules! hint {
    ($code:literal) => {
        ()
    };
}

/// An inference begins.
#[inline(always)]
pub fn start() {
    hint!("0xBF60")
}

/// An inference ends.
#[inline(always)]
pub fn stop() {
    hint!("0xBF70")
}

/// A step ends. The n-th marker since [`start`] belongs to the n-th step that was executed.
#[inline(always)]
pub fn step_done() {
    hint!("0xBF80")
}
