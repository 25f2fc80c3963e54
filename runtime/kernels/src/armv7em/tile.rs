//! Four pixels times two channels: the inner loop of convolutions with superposed weights.
//!
//! ```text
//! S[p] = biases + sum over k of x[p][k] * (256 b[k] + a[k])       the word of weights as it is
//! A[p] = bias a + sum over k of x[p][k] * a[k]                    its low bytes, SXTB16
//! channel a = A[p] / 2, channel b = (S[p] - A[p]) / 512           x are doubled
//! ```
//!
//! Weights stay in the bank while the quads of a block pass by: for a pair of elements, that is 16
//! products, VMOV, LDM of four words, SXTB16 and eight SMLAD.

use super::bank::bank;
use core::arch::naked_asm;

/// Work for [`superposed`]; the kernel knows the order.
#[repr(C)]
pub(super) struct Tile {
    /// Weights and numbers, as they are packed: of each chunk the first pair, then from the last to
    /// the second; at least 7 words of anything readable follow what is
    /// weights.
    pub(super) weights: *const u32,
    /// Pairs of elements.
    pub(super) pairs: usize,
    /// The panel of the first quad.
    pub(super) panel: *const u32,
    /// The first channel of the first pixel.
    pub(super) out: *mut i8,
    /// How often two channels are computed.
    pub(super) twos: usize,
    /// Bytes of the output of all quads.
    pub(super) len: usize,
    /// Bytes from pixel to pixel of the output.
    pub(super) stride: usize,
    /// Room for 8 words for each quad, and its end, unless there is one chunk and one sign.
    pub(super) sums: *mut u8,
    pub(super) sums_end: *mut u8,
    /// 0 if there is one chunk and no result is negative, else 1, and 3 for both signs.
    pub(super) mode: usize,
}

/// Sums are kept in memory, because there are several chunks.
pub(super) const CHUNKS: usize = 1;
/// Requantization with both signs.
pub(super) const BOTH: usize = 3;

/// A pair of elements, whose weights are in `r5`.
macro_rules! pair {
    () => {
        "ldm r4!, {{r0-r3}}
         smlad r6, r0, r5, r6
         smlad r7, r1, r5, r7
         smlad r8, r2, r5, r8
         smlad r9, r3, r5, r9
         sxtb16 r5, r5
         smlad r10, r0, r5, r10
         smlad r11, r1, r5, r11
         smlad r12, r2, r5, r12
         smlad lr, r3, r5, lr"
    };
}

/// Stores where the pairs start, the last `r3` of the unrolled ones.
macro_rules! entry {
    () => {
        concat!(
            "rsb r5, r3, #32
             movs r6, #38 + ",
            bank!(size),
            "
             adr r0, 20f + 1
             mla r0, r5, r6, r0
             str r0, [sp, #44]"
        )
    };
}

/// Runs the quads of a block through two channels.
///
/// # Safety
/// All pointers of the work are valid for what its fields say, the panel and sums at multiples of
/// 4.
//
// Registers: r0-r3 operands of four pixels, r4 panel, r5 weights, r6-r9 sums S, r10-r12 and lr sums
// A. Stack: 0 mantissa, addend, shift of channel a; 12 stride; 16 out; 20 mantissa, addend, shift
// of channel b; 32 end; 36 biases of S and A; 44 where the pairs but the first start; 48 what
// happens after them: requantization (0), requantization with both signs (3), next chunk (1); 52
// bytes from a quad's chunk in the panel to the next quad's; 56 sums; 60 their end; 64 weights of
// the chunk; 68 pairs; 72 weights of the next two channels; 76 panel of the chunk; 80 out of two
// channels; 84 twos; 88 len; 92 where a quad starts; 96 pairs left; 100 sums; 104 panel; 108 mode.
// The carry says that what happens is not requantization.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn superposed(tile: &Tile) {
    naked_asm!(
        bank!(setup),
        "push {{r4-r11, lr}}",
        bank!(enter),
        "sub sp, #112
         ldm r0, {{r1-r10}}
         str r7, [sp, #12]
         str r9, [sp, #60]
         strd r2, r1, [sp, #68]
         str r4, [sp, #80]
         strd r5, r6, [sp, #84]
         strd r8, r3, [sp, #100]
         str r10, [sp, #108]
         adr r0, 10f + 1
         cmp r10, #0
         beq 7f
         adr r0, 50f + 1
         7: str r0, [sp, #92]
         movs r3, r2",
        entry!(),
        // Two channels: numbers, and what sums start from.
        "8: ldrd r3, r1, [sp, #68]
         add r2, r1, r3, lsl #2
         ldm r2!, {{r6-r12, lr}}
         str r2, [sp, #72]
         stm sp, {{r8-r10}}
         add r0, sp, #20
         stm r0, {{r11, r12, lr}}
         strd r6, r7, [sp, #36]
         ldr r0, [sp, #80]
         adds r2, r0, #2
         str r2, [sp, #80]
         ldr r2, [sp, #88]
         add r2, r0
         str r0, [sp, #16]
         str r2, [sp, #32]
         ldrd r4, r0, [sp, #104]
         cmp r0, #0
         bne 5f",
        bank!(load "112"),
        "ldr r4, [sp, #104]
         cmn r4, #0
         b 10f",
        // Sums in memory.
        "5: str r1, [sp, #64]
         str r3, [sp, #96]
         str r4, [sp, #76]
         ldr r4, [sp, #100]
         ldr r5, [sp, #60]
         mov r10, r7
         mov r11, r7
         mov r12, r7
         mov lr, r7
         mov r7, r6
         mov r8, r6
         mov r9, r6
         1: stm r4!, {{r6-r12, lr}}
         cmp r4, r5
         bne 1b",
        // A chunk: its weights, and the start of the pairs.
        "9: ldr r1, [sp, #64]
         ldr r2, [sp, #96]
         movs r3, r2
         cmp r3, #32
         it hi
         movhi r3, #32
         subs r2, r3
         str r2, [sp, #96]
         ldr r0, [sp, #108]
         it ne
         movne r0, #1
         bne 1f
         cmp r0, #1
         it eq
         moveq r0, #0
         1: str r0, [sp, #48]
         ldr r0, [sp, #68]
         subs r0, r3
         lsls r2, r0, #4
         str r2, [sp, #52]
         add r0, r1, r3, lsl #2
         str r0, [sp, #64]",
        entry!(),
        bank!(load "112"),
        "ldr r4, [sp, #76]
         add r0, r4, #512
         str r0, [sp, #76]
         subs r4, r2
         ldr r0, [sp, #100]
         str r0, [sp, #56]
         ldr pc, [sp, #92]",
        // A quad whose sums are in memory; the first pair.
        ".balign 4
         50: ldrd r0, r5, [sp, #52]
         add r4, r0
         ldm r5!, {{r6-r12, lr}}
         str r5, [sp, #56]
         ldr r0, [sp, #48]
         lsrs r0, #1
",
        bank!(get "112", "0"),
        pair!(),
        "ldr pc, [sp, #44]",
        // A quad; the first pair.
        ".balign 4
         10:",
        bank!(get "112", "0"),
        "ldm r4!, {{r0-r3}}
         ldrd r9, lr, [sp, #36]
         smlad r6, r0, r5, r9
         smlad r7, r1, r5, r9
         smlad r8, r2, r5, r9
         smlad r9, r3, r5, r9
         sxtb16 r5, r5
         smlad r10, r0, r5, lr
         smlad r11, r1, r5, lr
         smlad r12, r2, r5, lr
         smlad lr, r3, r5, lr
         ldr pc, [sp, #44]
         .balign 4
         20:
         .irp n, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, \
                15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1",
        bank!(get "112", "\\n"),
        pair!(),
        ".endr
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
         cmp r5, r11
         it ne
         ldrne pc, [sp, #92]
         ldr r0, [sp, #84]
         subs r0, #1
         str r0, [sp, #84]
         bne 8b
         add sp, #112",
        bank!(leave),
        "pop {{r4-r11, pc}}",
        // More chunks, or both signs.
        "40: bne 45f
         ldr r5, [sp, #56]
         stmdb r5, {{r6-r12, lr}}
         ldr r0, [sp, #60]
         cmp r5, r0
         bne 50b
         b 9b",
        // Both signs: the addend is one less below zero.
        "45: sub r6, r6, r10
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
