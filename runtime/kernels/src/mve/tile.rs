//! The tile of a convolution: two pixels by four output channels, for all tiles of a row of pairs.

use super::layout::{AWAY, BOUNDED, FULL, LEAN, NIBBLES, SINGLE};
use core::arch::asm;

/// What the kernel of a row of pixel pairs gets. Its assembly knows the order of the fields.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Job {
    /// Windows of the pair's pixels, padded to whole vectors.
    pub x: [*const i8; 2],
    /// Iterations of the loop over a window's vectors, nine each; the first enters it late.
    pub loops: usize,
    /// Bytes of the loop that the first iteration skips.
    pub skip: usize,
    /// Where the packed blocks end; for windows of few vectors the number of blocks.
    pub end: usize,
    /// Output zero point.
    pub zero: i32,
    /// From a pair to the next: of windows, and of outputs as the kernel leaves them.
    pub step: [usize; 2],
    /// Packed blocks.
    pub packed: *const u8,
    /// Number of pairs.
    pub pairs: usize,
    /// Bounds of the output.
    pub clamp: [i32; 2],
    /// Outputs of the pair's pixels for the last tile, which comes first. With `SINGLE`: where
    /// accumulators go, eight for each tile.
    pub y: [*mut i8; 2],
}

/// Bytes of code for one vector of a window in the loop.
const STEP_CODE: usize = 56;

/// The same with weights of four bits, for two vectors.
const NIBBLES_CODE: usize = 128;

/// Iterations of the loop over so many vectors, and bytes of code that the first skips. (A window of
/// 3 x 3 with whole vectors of channels is a multiple of nine.)
pub(super) fn loops(form: u8, steps: usize) -> (usize, usize) {
    if form == NIBBLES {
        let loops = steps.div_ceil(4);
        return (loops, (4 * loops - steps) / 2 * NIBBLES_CODE);
    }
    let loops = steps.div_ceil(9);
    (loops, (9 * loops - steps) * STEP_CODE)
}

/// Computes every tile of every pair.
///
/// # Safety
/// Every pointer holds what [`Job`] says. A tile writes four bytes of both pixels; of the last tile
/// some may belong to the pixel behind, which is to be written later.
pub(super) unsafe fn pairs(form: u8, job: &Job) {
    // SAFETY: the caller's promise.
    unsafe {
        match form {
            FULL => pairs_as::<FULL>(job),
            SINGLE => pairs_as::<SINGLE>(job),
            LEAN => pairs_as::<LEAN>(job),
            NIBBLES => pairs_as::<NIBBLES>(job),
            BOUNDED => pairs_as::<BOUNDED>(job),
            _ => pairs_as::<AWAY>(job),
        }
    }
}

/// Two vectors of weights of a channel, of four bits, meet two vectors of both pixels.
macro_rules! nibbles {
    ($sum0:literal, $sum1:literal) => {
        concat!(
            "vldrb.u8 q2, [r9], #16\n",
            "vshl.i8 q3, q2, #4\n",
            "vmladava.s8 ",
            $sum0,
            ", q0, q3\n",
            "vand q2, q2, q6\n",
            "vmladava.s8 ",
            $sum1,
            ", q1, q3\n",
            "vmladava.s8 ",
            $sum0,
            ", q4, q2\n",
            "vmladava.s8 ",
            $sum1,
            ", q5, q2\n",
        )
    };
}

#[inline(never)]
unsafe fn pairs_as<const FORM: u8>(job: &Job) {
    // SAFETY: reads windows and blocks, writes outputs, as `pairs` says; every register is restored
    // or declared.
    unsafe {
        asm!(
            "push {{r4-r11, lr}}",
            "ldm.w r0, {{r1-r12}}",
            "push {{r1-r12}}",
            "ldrd r1, r3, [r0, #48]",
            "ldr r2, [sp, #20]",
            ".set .Lbounded, ({form} == 0) || ({form} == 5) || ({form} == 16)",
            ".if {form} == 0",
            "vdup.32 q7, r2",
            ".else",
            "vdup.16 q7, r2",
            ".endif",
            ".if {form} == 16",
            "vmov.i8 q6, #240",
            ".elseif .Lbounded",
            "ldrd r0, r2, [sp, #40]",
            "vdup.8 q4, r0",
            "vdup.8 q5, r2",
            ".endif",
            "adr.w r2, 4f",
            "add r2, r2, #1",
            "ldr r4, [sp, #12]",
            "add r2, r4",
            "str r2, [sp, #12]",
            // A pair of pixels.
            "3:",
            "ldr r9, [sp, #32]",
            // A tile: sums start as the bias.
            "2:",
            "ldm.w r9!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            "ldr r7, [sp, #8]",
            "ldrd r11, r5, [sp]",
            "ldr.w pc, [sp, #12]",
            ".p2align 2",
            "4:",
            ".if {form} == 16",
            ".rept 2",
            "vldrb.u8 q0, [r11], #16",
            "vldrb.u8 q4, [r11], #16",
            "vldrb.u8 q1, [r5], #16",
            "vldrb.u8 q5, [r5], #16",
            nibbles!("r0", "r8"),
            nibbles!("r2", "r10"),
            nibbles!("r4", "r12"),
            nibbles!("r6", "lr"),
            ".endr",
            ".else",
            ".rept 9",
            "vldrb.u8 q0, [r11], #16",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 r0, q0, q2",
            "vldrb.u8 q1, [r5], #16",
            "vmladava.s8 r8, q1, q2",
            "vldrb.u8 q3, [r9], #16",
            "vmladava.s8 r2, q0, q3",
            "vldrb.u8 q2, [r9], #16",
            "vmladava.s8 r10, q1, q3",
            "vmladava.s8 r4, q0, q2",
            "vldrb.u8 q3, [r9], #16",
            "vmladava.s8 r12, q1, q2",
            "vmladava.s8 r6, q0, q3",
            "vmladava.s8 lr, q1, q3",
            ".endr",
            ".endif",
            "subs r7, #1",
            "bne.w 4b",
            ".if {form} == 1",
            "stm.w r1!, {{r0, r2, r4, r6, r8, r10, r12, lr}}",
            "ldr r0, [sp, #16]",
            "add r9, #32",
            ".else",
            "vmov q0[2], q0[0], r0, r4",
            "vmov q0[3], q0[1], r2, r6",
            "vmov q1[2], q1[0], r8, r12",
            "vmov q1[3], q1[1], r10, lr",
            ".if {form} == 16",
            "vshr.s32 q0, q0, #4",
            "vshr.s32 q1, q1, #4",
            ".endif",
            ".if {form} == 0",
            "vldrw.u32 q2, [r9], #16",
            "vshl.s32 q0, q0, q2",
            "vshl.s32 q1, q1, q2",
            ".endif",
            "vldrw.u32 q2, [r9], #16",
            "vqrdmulh.s32 q0, q0, q2",
            "vqrdmulh.s32 q1, q1, q2",
            ".if {form} == 0",
            "vldrw.u32 q2, [r9], #16",
            "vshr.s32 q3, q0, #31",
            "vand q3, q3, q2",
            "vqadd.s32 q0, q0, q3",
            "vshr.s32 q3, q1, #31",
            "vand q3, q3, q2",
            "vqadd.s32 q1, q1, q3",
            ".elseif {form} > 2",
            "mov r0, #1",
            "vqdmlah.s32 q0, q0, r0",
            "vqdmlah.s32 q1, q1, r0",
            ".endif",
            "vldrw.u32 q2, [r9], #16",
            "vrshl.s32 q0, q0, q2",
            "vrshl.s32 q1, q1, q2",
            ".if {form} == 0",
            "vadd.i32 q0, q0, q7",
            "vadd.i32 q1, q1, q7",
            ".endif",
            "vqmovnb.s32 q0, q0",
            "vqmovnt.s32 q0, q1",
            ".if {form} != 0",
            "vqadd.s16 q0, q0, q7",
            ".endif",
            "vqmovnb.s16 q0, q0",
            ".if .Lbounded",
            ".if {form} == 16",
            "ldrd r0, r2, [sp, #40]",
            "vdup.8 q4, r0",
            "vdup.8 q5, r2",
            ".endif",
            "vmax.s8 q0, q0, q4",
            "vmin.s8 q0, q0, q5",
            ".endif",
            "ldr r0, [sp, #16]",
            "vstrb.32 q0, [r1], #-4",
            "vshr.u32 q0, q0, #16",
            "vstrb.32 q0, [r3], #-4",
            ".endif",
            "cmp r9, r0",
            "bne.w 2b",
            "ldrd r11, r5, [sp]",
            "ldrd r0, r2, [sp, #24]",
            "add r11, r0",
            "add r5, r0",
            "strd r11, r5, [sp]",
            "add r1, r2",
            "add r3, r2",
            "ldr r0, [sp, #36]",
            "subs r0, #1",
            "str r0, [sp, #36]",
            "bne.w 3b",
            "add sp, #48",
            "pop {{r4-r11, lr}}",
            form = const FORM,
            inout("r0") job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
        );
    }
}
