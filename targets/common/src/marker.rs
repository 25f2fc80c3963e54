//! Markers around an inference: instructions that change nothing and that no compiler writes. They
//! cost one instruction each; an emulator that looks for them counts what runs between.
//!
//! | marker | Thumb | AArch64 | RISC-V | meaning |
//! |---|---|---|---|---|
//! | [`start`] | `BF60` | `hint #0x60` | `addi x0, x0, 0x111` | an inference begins |
//! | [`stop`] | `BF70` | `hint #0x61` | `addi x0, x0, 0x222` | it ends |
//! | [`step_done`] | `BF80` | `hint #0x62` | `addi x0, x0, 0x333` | one of its steps ends |
//!
//! On other cores there are none.

/// One instruction, chosen by the core.
macro_rules! marker {
    (arm $arm:literal, aarch64 $aarch64:literal, riscv32 $riscv:literal) => {
        // SAFETY: an unallocated hint, and a sum that is written to the zero register, change no
        // register, no flag and no memory. Memory is left to the compiler as possibly changed, so
        // that it moves no access across the marker.
        #[cfg(all(target_arch = "arm", target_os = "none"))]
        unsafe {
            core::arch::asm!(concat!(".inst.n ", $arm), options(nostack, preserves_flags))
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            core::arch::asm!(concat!("hint #", $aarch64), options(nostack, preserves_flags))
        }
        // SAFETY: as above.
        #[cfg(target_arch = "riscv32")]
        unsafe {
            core::arch::asm!(concat!("addi x0, x0, ", $riscv), options(nostack, preserves_flags))
        }
    };
}

/// An inference begins.
#[inline(always)]
pub fn start() {
    marker!(arm "0xBF60", aarch64 "0x60", riscv32 "0x111");
}

/// An inference ends.
#[inline(always)]
pub fn stop() {
    marker!(arm "0xBF70", aarch64 "0x61", riscv32 "0x222");
}

/// A step ends. The n-th marker since [`start`] belongs to the n-th step that was executed.
#[inline(always)]
pub fn step_done() {
    marker!(arm "0xBF80", aarch64 "0x62", riscv32 "0x333");
}
