//! The tile of a convolution whose windows are at most four vectors: what fits of a pair's windows
//! stays in registers for all tiles.

use super::layout::{AWAY, BOUNDED, LEAN};
use super::tile::Job;
use core::arch::asm;

/// Computes every tile of every pair, with `LEAN`, `AWAY` or `BOUNDED`.
///
/// # Safety
/// As for [`pairs`](super::tile::pairs); windows are `steps` vectors, from 1 to 4.
pub(super) unsafe fn pairs(form: u8, steps: usize, job: &Job) {
    // SAFETY: the caller's promise.
    unsafe {
        match (form, steps) {
            (LEAN, 1) => pairs_as::<LEAN, 1>(job),
            (LEAN, 2) => pairs_as::<LEAN, 2>(job),
            (LEAN, 3) => pairs_as::<LEAN, 3>(job),
            (LEAN, _) => pairs_as::<LEAN, 4>(job),
            (AWAY, 1) => pairs_as::<AWAY, 1>(job),
            (AWAY, 2) => pairs_as::<AWAY, 2>(job),
            (AWAY, 3) => pairs_as::<AWAY, 3>(job),
            (AWAY, _) => pairs_as::<AWAY, 4>(job),
            (_, 1) => pairs_as::<BOUNDED, 1>(job),
            (_, 2) => pairs_as::<BOUNDED, 2>(job),
            (_, 3) => pairs_as::<BOUNDED, 3>(job),
            (_, _) => pairs_as::<BOUNDED, 4>(job),
        }
    }
}

/// A vector of weights of four channels meets the vectors of both pixels in these registers.
macro_rules! step {
    ($x0:literal, $x1:literal) => {
        concat!(
            "vldrb.u8 q6, [r9], #16\n",
            "vmladava.s8 r0, ",
            $x0,
            ", q6\n",
            "vldrb.u8 q7, [r9], #16\n",
            "vmladava.s8 r8, ",
            $x1,
            ", q6\n",
            "vmladava.s8 r2, ",
            $x0,
            ", q7\n",
            "vldrb.u8 q6, [r9], #16\n",
            "vmladava.s8 r10, ",
            $x1,
            ", q7\n",
            "vmladava.s8 r4, ",
            $x0,
            ", q6\n",
            "vldrb.u8 q7, [r9], #16\n",
            "vmladava.s8 r12, ",
            $x1,
            ", q6\n",
            "vmladava.s8 r6, ",
            $x0,
            ", q7\n",
            "vmladava.s8 lr, ",
            $x1,
            ", q7\n",
        )
    };
}

#[inline(never)]
unsafe fn pairs_as<const FORM: u8, const STEPS: u8>(job: &Job) {
    // SAFETY: the caller's promise; every register is restored or declared.
    unsafe {
        asm!(
            "push {{r4-r11, lr}}",
            "ldm.w r0, {{r1-r12}}",
            "push {{r1-r12}}",
            "ldrd r11, r5, [sp]",
            "ldrd r1, r3, [r0, #48]",
            // A pair of pixels.
            "3:",
            "vldrb.u8 q0, [r11]",
            "vldrb.u8 q1, [r5]",
            ".if {steps} > 1",
            "vldrb.u8 q2, [r11, #16]",
            "vldrb.u8 q3, [r5, #16]",
            ".endif",
            ".if {steps} == 3",
            "vldrb.u8 q4, [r11, #32]",
            "vldrb.u8 q5, [r5, #32]",
            ".endif",
            "ldr.w r9, [sp, #32]",
            "ldr r7, [sp, #16]",
            // A tile: sums start as the bias.
            "2:",
            "ldm.w r9!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            step!("q0", "q1"),
            ".if {steps} > 1",
            step!("q2", "q3"),
            ".endif",
            ".if {steps} == 4",
            "vldrb.u8 q4, [r11, #32]",
            "vldrb.u8 q5, [r5, #32]",
            ".endif",
            ".if {steps} > 2",
            step!("q4", "q5"),
            ".endif",
            ".if {steps} == 4",
            "vldrb.u8 q4, [r11, #48]",
            "vldrb.u8 q5, [r5, #48]",
            step!("q4", "q5"),
            ".endif",
            "vmov q6[2], q6[0], r0, r4",
            "vmov q6[3], q6[1], r2, r6",
            "vmov q7[2], q7[0], r8, r12",
            "vmov q7[3], q7[1], r10, lr",
            ".if {steps} == 3",
            // No register is left for the numbers: they come after a window that is loaded again.
            "vldrw.u32 q5, [r9], #16",
            "vqrdmulh.s32 q6, q6, q5",
            "vqrdmulh.s32 q7, q7, q5",
            "vldrw.u32 q5, [r9], #16",
            ".else",
            "vldrw.u32 q4, [r9], #16",
            "vqrdmulh.s32 q6, q6, q4",
            "vqrdmulh.s32 q7, q7, q4",
            "vldrw.u32 q5, [r9], #16",
            ".endif",
            ".if {form} != 2",
            "movs r2, #1",
            "vqdmlah.s32 q6, q6, r2",
            "vqdmlah.s32 q7, q7, r2",
            ".endif",
            "ldr r0, [sp, #20]",
            "vrshl.s32 q6, q6, q5",
            "vrshl.s32 q7, q7, q5",
            ".if {steps} == 3",
            "vldrb.u8 q5, [r5, #32]",
            ".endif",
            "vqmovnb.s32 q6, q6",
            "vqmovnt.s32 q6, q7",
            "vqadd.s16 q6, q6, r0",
            "vqmovnb.s16 q6, q6",
            ".if {form} == 5",
            "ldrd r0, r2, [sp, #40]",
            "vdup.8 q7, r0",
            "vmax.s8 q6, q6, q7",
            "vdup.8 q7, r2",
            "vmin.s8 q6, q6, q7",
            ".endif",
            "subs r7, #1",
            "vstrb.32 q6, [r1], #-4",
            "vshr.u32 q6, q6, #16",
            "vstrb.32 q6, [r3], #-4",
            "bne.w 2b",
            "ldrd r0, r2, [sp, #24]",
            "add r11, r0",
            "add r5, r0",
            "add r1, r2",
            "add r3, r2",
            "ldr r0, [sp, #36]",
            "subs r0, #1",
            "str r0, [sp, #36]",
            "bne.w 3b",
            "add sp, #48",
            "pop {{r4-r11, lr}}",
            form = const FORM,
            steps = const STEPS,
            inout("r0") job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
        );
    }
}
