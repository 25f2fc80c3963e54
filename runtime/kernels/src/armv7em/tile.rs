//! Four pixels times two channels: the inner loop of convolutions with superposed weights.
//!
//! ```text
//! S[p] = biases + sum over k of x[p][k] * (256 b[k] + a[k])       the word of weights as it is
//! A[p] = bias a + sum over k of x[p][k] * a[k]                    its low bytes, SXTB16
//! channel a = A[p] / 2, channel b = (S[p] - A[p]) / 512           x are doubled
//! ```
//!
//! Weights stay in floating-point registers while the quads of a block pass by: for a pair of
//! elements, that is 16 products, VMOV, LDM of four words, SXTB16 and eight SMLAD. Where there is no
//! floating-point unit they are on the stack, and LDR takes VMOV's place.

use core::arch::naked_asm;

/// Work for [`superposed`]; the kernel knows the order.
#[repr(C)]
pub(super) struct Tile {
    /// Where the sums of the chunks before are, and where sums are stored: 8 words for each quad.
    pub(super) load: *const u32,
    pub(super) store: *mut u32,
    /// Weights of the chunk, last pair first; at least 7 words of anything readable follow.
    pub(super) weights: *const u32,
    /// Pairs of elements in the chunk, 1 to 32.
    pub(super) pairs: usize,
    /// Bytes from the weights to the numbers of two channels, behind which the next weights are.
    pub(super) header: usize,
    /// Where the chunk starts in the panel of the first quad.
    pub(super) panel: *const u32,
    /// The first channel of the first pixel; unless the mode stores sums, it is written.
    pub(super) out: *mut i8,
    /// How often two channels are computed; if that is not once, the chunk is everything.
    pub(super) twos: usize,
    /// Bytes of the output of all quads.
    pub(super) len: usize,
    /// Bytes from pixel to pixel of the output.
    pub(super) stride: usize,
    /// Any of [`STORE`], [`LOAD`], [`BOTH`]; 0 if the chunk is everything and no result is negative.
    pub(super) mode: usize,
    /// Bytes from the end of a quad's chunk in the panel to the next quad's.
    pub(super) skip: usize,
}

/// Sums are stored, there are more chunks.
pub(super) const STORE: usize = 1;
/// There were chunks before.
pub(super) const LOAD: usize = 2;
/// Requantization with both signs.
pub(super) const BOTH: usize = 4;

/// Where weights are kept: loading them (`r1` points at them, `r3` is how many, `r4` and `r5` are
/// free), and getting one.
#[cfg(target_abi = "eabihf")]
macro_rules! keep {
    (enter) => {
        "vpush {{s16-s31}}"
    };
    (leave) => {
        "vpop {{s16-s31}}"
    };
    (load) => {
        "vldmia r1!, {{s0-s7}}
         cmp r3, #8
         bls 1f
         vldmia r1!, {{s8-s15}}
         cmp r3, #16
         bls 1f
         vldmia r1!, {{s16-s23}}
         cmp r3, #24
         bls 1f
         vldmia r1!, {{s24-s31}}
         1:"
    };
    (get) => {
        "vmov r5, s\\n"
    };
    (bytes) => {
        "42"
    };
}
#[cfg(not(target_abi = "eabihf"))]
macro_rules! keep {
    (enter) => {
        "sub sp, #128"
    };
    (leave) => {
        "add sp, #128"
    };
    (load) => {
        "add r4, sp, #120
         1: ldr r5, [r1], #4
         str r5, [r4], #4
         subs r3, #1
         bne 1b"
    };
    (get) => {
        "ldr r5, [sp, #120 + 4 * \\n]"
    };
    (bytes) => {
        "40"
    };
}

/// Runs the quads of a block through two channels.
///
/// # Safety
/// All pointers of the work are valid for what its fields say, the panel and sums at multiples of
/// 4.
//
// Registers: r0-r3 operands of four pixels, r4 panel, r5 weights, r6-r9 sums S, r10-r12 and lr sums
// A. Stack: 0 mantissa, addend, shift of channel a; 12 stride; 16 out; 20 mantissa, addend, shift of
// channel b; 32 end; 36 S, S, S, S, A, A, A, A before the first chunk; 68 where the pairs start; 72
// mode; 76 skip; 80 load; 84 store; 88 weights; 92 pairs; 96 header; 100 panel; 104 out of two
// channels; 108 twos; 112 len; 116 where a quad starts. The carry says that the mode is not 0.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn superposed(tile: &Tile) {
    naked_asm!(
        ".arch armv7e-m",
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        keep!(enter),
        "sub sp, #120
         ldm r0!, {{r1-r9}}
         add r10, sp, #80
         stm r10!, {{r1-r9}}
         ldm r0, {{r1-r3}}
         str r1, [sp, #12]
         rsb r5, r4, #32",
        concat!("movs r6, #", keep!(bytes)),
        "adr r1, 20f + 1
         mla r1, r5, r6, r1
         add r5, sp, #68
         stm r5!, {{r1-r3}}
         adr r0, 10f + 1
         cbz r2, 7f
         adr r0, 50f + 1
         lsls r2, r2, #30
         bmi 7f
         add r1, sp, #36
         str r1, [r5]
         7: str r0, [sp, #116]",
        // Two channels.
        "8: ldrd r1, r3, [sp, #88]
         ldr r2, [sp, #96]
         add r2, r1",
        keep!(load),
        "ldm r2!, {{r6-r12, lr}}
         str r2, [sp, #88]
         stm sp, {{r8-r10}}
         add r0, sp, #20
         stm r0, {{r11, r12, lr}}
         adds r0, #16
         mov r1, r6
         mov r2, r6
         mov r3, r6
         stm r0!, {{r1, r2, r3, r6}}
         mov r1, r7
         mov r2, r7
         mov r3, r7
         stm r0!, {{r1, r2, r3, r7}}
         ldrd r4, r1, [sp, #100]
         adds r2, r1, #2
         str r2, [sp, #104]
         ldr r2, [sp, #112]
         add r2, r1
         str r1, [sp, #16]
         str r2, [sp, #32]
         cmp r1, r2
         ldr pc, [sp, #116]",
        // A quad.
        "50: ldr r5, [sp, #80]
         ldm r5, {{r6-r12, lr}}
         cmp r5, r5
         ldr pc, [sp, #68]
         .balign 4
         10: add r5, sp, #36
         ldm r5, {{r6-r12, lr}}
         ldr pc, [sp, #68]
         .balign 4
         20:
         .irp n, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0",
        keep!(get),
        "ldm r4!, {{r0-r3}}
         smlad r6, r0, r5, r6
         smlad r7, r1, r5, r7
         smlad r8, r2, r5, r8
         smlad r9, r3, r5, r9
         sxtb16 r5, r5
         smlad r10, r0, r5, r10
         smlad r11, r1, r5, r11
         smlad r12, r2, r5, r12
         smlad lr, r3, r5, lr
         .endr
         bcs 40f",
        // Requantization: high word, shift, saturation, store.
        "30: sub r6, r6, r10
         sub r7, r7, r11
         sub r8, r8, r12
         sub r9, r9, lr
         ldm sp, {{r0, r1, r2, r3, r5}}
         .irp x, r10, r11, r12, lr
         smmlar \\x, \\x, r0, r1
         .endr
         .irp x, r10, r11, r12, lr
         asr \\x, \\x, r2
         .endr
         .irp x, r10, r11, r12, lr
         ssat \\x, #8, \\x
         .endr
         add r0, r5, r3
         strb r11, [r5, r3]
         strb r12, [r5, r3, lsl #1]
         strb lr, [r0, r3, lsl #1]
         strb r10, [r5], #1
         add r10, sp, #20
         ldm r10, {{r0, r1, r2, r11}}
         .irp x, r6, r7, r8, r9
         smmla \\x, \\x, r0, r1
         .endr
         31:
         .irp x, r6, r7, r8, r9
         asr \\x, \\x, r2
         .endr
         .irp x, r6, r7, r8, r9
         ssat \\x, #8, \\x
         .endr
         add r0, r5, r3
         strb r7, [r5, r3]
         strb r8, [r5, r3, lsl #1]
         strb r9, [r0, r3, lsl #1]
         strb r6, [r5], #-1
         add r5, r5, r3, lsl #2
         str r5, [sp, #16]
         32: cmp r5, r11
         it ne
         ldrne pc, [sp, #116]
         ldr r0, [sp, #108]
         subs r0, #1
         str r0, [sp, #108]
         bne 8b
         add sp, #120",
        keep!(leave),
        "pop {{r4-r11, pc}}",
        // Several chunks, or both signs.
        "40: ldrd r1, r2, [sp, #72]
         add r4, r2
         lsls r0, r1, #30
         bpl 41f
         ldr r2, [sp, #80]
         adds r2, #32
         str r2, [sp, #80]
         41: lsls r0, r1, #31
         beq 42f
         ldr r2, [sp, #84]
         stm r2!, {{r6-r12, lr}}
         str r2, [sp, #84]
         ldrd r2, r5, [sp, #12]
         add r5, r5, r2, lsl #2
         str r5, [sp, #16]
         ldr r11, [sp, #32]
         b 32b
         42: lsls r0, r1, #29
         bpl 30b",
        // Both signs: the addend is one less below zero.
        "sub r6, r6, r10
         sub r7, r7, r11
         sub r8, r8, r12
         sub r9, r9, lr
         ldm sp, {{r0, r1, r2}}
         .irp x, r10, r11, r12, lr
         add r3, r1, \\x, asr #31
         smmlar \\x, \\x, r0, r3
         asr \\x, \\x, r2
         ssat \\x, #8, \\x
         .endr
         ldrd r3, r5, [sp, #12]
         add r0, r5, r3
         strb r11, [r5, r3]
         strb r12, [r5, r3, lsl #1]
         strb lr, [r0, r3, lsl #1]
         strb r10, [r5], #1
         add r10, sp, #20
         ldm r10, {{r0, r1, r2, r11}}
         .irp x, r6, r7, r8, r9
         add r10, r1, \\x, asr #31
         asr \\x, \\x, #8
         smmlar \\x, \\x, r0, r10
         .endr
         b 31b"
    )
}
