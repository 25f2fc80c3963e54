//! Winograd's inner loops: products over input channels, and outputs from products.

use crate::armv7em::bank::bank;
use core::arch::naked_asm;

/// Work for [`products`]; the kernel knows the order.
#[repr(C)]
pub(super) struct Products {
    /// Transformed weights of two channels: for each place two words for each pair of input
    /// channels, first the first, then from the last to the second. At least 4 words of anything
    /// readable follow.
    pub(super) weights: *const u32,
    /// Pairs of input channels, 1 to 16.
    pub(super) pairs: usize,
    /// For each quad and place four products of each channel.
    pub(super) products: *mut u32,
    /// Bytes of all products.
    pub(super) len: usize,
    /// Transformed inputs: for each place and quad four words for each pair of input channels.
    pub(super) operands: *const u32,
    /// Whether the products are there already, to be added to.
    pub(super) more: usize,
}

/// Computes the products of all quads at all 16 places.
///
/// # Safety
/// All pointers of the work are valid for what its fields say, at multiples of 4.
//
// Registers: r0-r3 inputs of four tiles, r4 where they come from, r5 a weight, r6-r9 products of
// one channel, r10-r12 and lr of the other. Stack: 0 products; 4 their end; 8 where the pairs but
// the first start; 12 weights; 16 pairs; 20 products of the place; 24 bytes of products; 28 where a
// quad starts; 32 places left.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn products(work: &Products) {
    naked_asm!(
        bank!(setup),
        ".macro smidge_pair, a, b",
        bank!(get "36", "\\a"),
        "ldm r4!, {{r0-r3}}
         smlad r6, r0, r5, r6
         smlad r7, r1, r5, r7
         smlad r8, r2, r5, r8
         smlad r9, r3, r5, r9
",
        bank!(get "36", "\\b"),
        "smlad r10, r0, r5, r10
         smlad r11, r1, r5, r11
         smlad r12, r2, r5, r12
         smlad lr, r3, r5, lr
         .endm
         push {{r4-r11, lr}}",
        bank!(enter),
        "sub sp, #36
         ldm r0, {{r1, r2, r6, r7, r8, r9}}
         mov r4, r8
         rsb r0, r2, #16",
        concat!("movs r3, #34 + 2 * ", bank!(size)),
        "adr r5, 20f + 1
         mla r0, r0, r3, r5
         adr r8, 10f + 1
         cmp r9, #0
         beq 7f
         adr r8, 50f + 1
         7: movs r9, #16
         add r3, sp, #8
         stm r3, {{r0, r1, r2, r6, r7, r8, r9}}",
        // A place: its weights and products.
        "8: ldrd r0, r3, [sp, #12]
         add r1, r0, r3, lsl #3
         str r1, [sp, #12]",
        bank!(load twice "36"),
        "ldrd r0, r1, [sp, #20]
         add r1, r0
         strd r0, r1, [sp]
         adds r0, #32
         str r0, [sp, #20]
         ldr pc, [sp, #28]",
        // A quad, to be added to.
        ".balign 4
         50: ldr r5, [sp]
         ldm r5, {{r6-r12, lr}}
         smidge_pair 0, 1
         ldr pc, [sp, #8]",
        // A quad.
        ".balign 4
         10:",
        bank!(get "36", "0"),
        "ldm r4!, {{r0-r3}}
         smuad r6, r0, r5
         smuad r7, r1, r5
         smuad r8, r2, r5
         smuad r9, r3, r5
",
        bank!(get "36", "1"),
        "smuad r10, r0, r5
         smuad r11, r1, r5
         smuad r12, r2, r5
         smuad lr, r3, r5
         ldr pc, [sp, #8]
         .balign 4
         20:
         smidge_pair 30, 31
         smidge_pair 28, 29
         smidge_pair 26, 27
         smidge_pair 24, 25
         smidge_pair 22, 23
         smidge_pair 20, 21
         smidge_pair 18, 19
         smidge_pair 16, 17
         smidge_pair 14, 15
         smidge_pair 12, 13
         smidge_pair 10, 11
         smidge_pair 8, 9
         smidge_pair 6, 7
         smidge_pair 4, 5
         smidge_pair 2, 3
         ldrd r0, r1, [sp]
         stm r0, {{r6-r12, lr}}
         add r0, #512
         str r0, [sp]
         cmp r0, r1
         it ne
         ldrne pc, [sp, #28]
         ldr r0, [sp, #32]
         subs r0, #1
         str r0, [sp, #32]
         bne 8b
         add sp, #36",
        bank!(leave),
        "pop {{r4-r11, pc}}
         .purgem smidge_pair"
    )
}

/// Work for [`output`]; the kernel knows the order.
#[repr(C)]
pub(super) struct Output {
    /// Mantissa, addend, shift, four times the bias.
    pub(super) numbers: [u32; 4],
    /// Bytes from pixel to pixel, and from row to row.
    pub(super) channels: usize,
    pub(super) row: usize,
    /// The first output behind the upper row.
    pub(super) end: *mut i8,
    /// Products of the first tile at the first place, at a multiple of 16.
    pub(super) products: *const u32,
    /// The upper left output of the first tile.
    pub(super) y: *mut i8,
}

/// Computes the outputs of one channel in a row of tiles, at least one.
///
/// # Safety
/// All pointers of the work are valid for what its fields say.
//
// Registers: r0-r3 as needed, r4-r11 upper and lower sum of each column, r12 products, lr outputs.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn output(work: &Output) {
    naked_asm!(
        ".arch armv7e-m",
        ".macro smidge_column, upper, lower, place
         ldr \\upper, [r12, #\\place]
         ldr r0, [r12, #\\place + 128]
         ldr r1, [r12, #\\place + 256]
         .if \\place == 32
         ldr r2, [sp, #12]
         add r0, r2
         .endif
         ldr \\lower, [r12, #\\place + 384]
         add r2, r0, r1
         sub r3, r0, r1
         add \\upper, r2, \\upper, lsl #1
         sub \\lower, r3, \\lower, lsl #1
         .endm
         push {{r4-r11, lr}}
         sub sp, #28
         ldm r0, {{r4-r10, r12, lr}}
         stm sp, {{r4-r10}}
         10:
         smidge_column r4, r5, 0
         smidge_column r6, r7, 32
         smidge_column r8, r9, 64
         smidge_column r10, r11, 96
         add r0, r6, r8
         sub r1, r6, r8
         add r4, r0, r4, lsl #1
         sub r6, r1, r10, lsl #1
         add r0, r7, r9
         sub r1, r7, r9
         add r5, r0, r5, lsl #1
         sub r7, r1, r11, lsl #1
         ldm sp, {{r0-r3, r8}}
         .irp x, r4, r5, r6, r7
         asr r3, \\x, #31
         add r3, r1, r3, lsl #1
         smmla \\x, \\x, r0, r3
         asr \\x, \\x, r2
         ssat \\x, #8, \\x
         .endr
         ldrd r1, r2, [sp, #20]
         add r3, lr, r1
         strb r6, [lr, r8]
         strb r4, [lr]
         add lr, lr, r8, lsl #1
         strb r7, [r3, r8]
         strb r5, [r3]
         adds r12, #4
         tst r12, #12
         it eq
         addeq r12, #496
         cmp lr, r2
         bne 10b
         add sp, #28
         pop {{r4-r11, pc}}
         .purgem smidge_column"
    )
}
