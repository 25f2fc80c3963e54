//! Kernels of 3x3: the loops over a strip two outputs wide.
//!
//! A strip holds four channels side by side, three words of a row each, inputs in the upper bytes of
//! 16 bits. In stride 1, two outputs side by side read two words (inputs 0 and 1, 2 and 3): the
//! first two or the last two. In stride 2 they read all (input 0 in the upper half of the first,
//! then 1 and 2, 3 and 4). A tile is two rows of outputs. Tiles go from the bottom to the top.

use core::arch::naked_asm;

// The shift of SSAT is a part of its code.
const _: () = assert!(crate::armv7em::layout::SHORT_SHIFT == 14);

/// A channel's numbers as the tiles read them.
#[repr(C)]
pub(super) struct Numbers {
    /// Stride 1: for each row `w0 w1` and `w1 w2`. Stride 2: for each row `w1 w2`, then `w0` of two
    /// rows, then of the third.
    pub(super) weights: [u32; 6],
    pub(super) bias: i32,
    pub(super) mantissa: i32,
    pub(super) addend: i32,
    pub(super) shift: i32,
}

/// A strip's outputs.
#[repr(C)]
pub(super) struct Outputs {
    /// The strip's first row, of the first channel.
    pub(super) first: *const u32,
    /// To the output on the right; 0 if there is none: it is then written over.
    pub(super) right: usize,
    /// To the output below; 0 if there is none: it is then written over.
    pub(super) below: usize,
    /// The row of the strip where the lowest tile starts.
    pub(super) lowest: *const u32,
    /// The lowest row's first output.
    pub(super) y: *mut i8,
    /// Numbers of the channels.
    pub(super) numbers: *const Numbers,
    /// How many there are, at least 1.
    pub(super) channels: usize,
    /// What the tiles are: [`ONE`] and so on.
    pub(super) kind: usize,
    /// Bytes of the strip from an output to the one below.
    pub(super) step: usize,
    /// The input's zero point as the strip has it, in the lower half.
    pub(super) zero: i32,
}

/// Stride 1, short requantization.
pub(super) const ONE: usize = 0;
/// The same, a single column of outputs, whose inputs on the right are outside the image: only the
/// first of two words is read.
pub(super) const EDGE: usize = 1;
/// Stride 2, short requantization.
pub(super) const TWO: usize = 2;
/// Stride 1, two roundings.
pub(super) const ONE_TWICE: usize = 3;
/// Stride 2, two roundings.
pub(super) const TWO_TWICE: usize = 4;

/// The sums of a tile in stride 1: r6 and r7 above, r8 and r9 below, which is the bias at first.
macro_rules! sums_1 {
    () => {
        "ldrd r12, lr, [r10], #-96
        smlad r6, r12, r0, r9
        smlatb r7, r12, r0, r9
        smlabt r6, lr, r1, r6
        smlad r7, lr, r1, r7
        ldrd r12, lr, [r10, #144]
        smlad r8, r12, r0, r9
        smlatb r9, r12, r0, r9
        smlabt r8, lr, r1, r8
        smlad r9, lr, r1, r9
        smlad r6, r12, r2, r6
        smlatb r7, r12, r2, r7
        smlabt r6, lr, r3, r6
        smlad r7, lr, r3, r7
        ldrd r12, lr, [r10, #192]
        smlad r8, r12, r2, r8
        smlatb r9, r12, r2, r9
        smlabt r8, lr, r3, r8
        smlad r9, lr, r3, r9
        smlad r6, r12, r4, r6
        smlatb r7, r12, r4, r7
        smlabt r6, lr, r5, r6
        smlad r7, lr, r5, r7
        ldrd r12, lr, [r10, #240]
        smlad r8, r12, r4, r8
        smlatb r9, r12, r4, r9
        smlabt r8, lr, r5, r8
        smlad r9, lr, r5, r9
        "
    };
}

/// A single column of a tile in stride 1 whose last inputs are outside the image, from sums to bytes;
/// r9 is the bias.
macro_rules! edge {
    () => {
        "ldr lr, [r10, #48]
        ldr r8, [r10, #96]
        ldr r7, [r10, #144]
        ldr r12, [r10], #-96
        smlad r6, r12, r0, r9
        smlad r12, lr, r0, r9
        smlad r6, lr, r2, r6
        smlad r12, r8, r2, r12
        smlad r6, r8, r4, r6
        smlad r7, r7, r4, r12
        ldrd r12, lr, [sp, #8]
        smmla r6, r6, r12, lr
        smmla r7, r7, r12, lr
        ssat r6, #8, r6, asr #14
        ssat r7, #8, r7, asr #14
        ldr lr, [sp, #20]
        strb r7, [r11]
        sub r11, lr
        strb r6, [r11]
        ldr r8, [sp]
        sub r11, lr
        "
    };
}

/// The sums of a tile in stride 2.
macro_rules! sums_2 {
    () => {
        "ldr r5, [r10, #8]
        ldr lr, [r10, #4]
        ldr r12, [r10], #-192
        smlatb r6, r12, r3, r9
        smlatb r7, lr, r3, r9
        smlad r6, lr, r0, r6
        smlad r7, r5, r0, r7
        ldr r5, [r10, #248]
        ldr lr, [r10, #244]
        ldr r12, [r10, #240]
        smlatt r6, r12, r3, r6
        smlatt r7, lr, r3, r7
        smlad r6, lr, r1, r6
        smlad r7, r5, r1, r7
        ldr r5, [r10, #296]
        ldr lr, [r10, #292]
        ldr r12, [r10, #288]
        smlatb r8, r12, r3, r9
        smlatb r9, lr, r3, r9
        smlad r8, lr, r0, r8
        smlad r9, r5, r0, r9
        smlatb r6, r12, r4, r6
        smlatb r7, lr, r4, r7
        smlad r6, lr, r2, r6
        smlad r7, r5, r2, r7
        ldr r5, [r10, #344]
        ldr lr, [r10, #340]
        ldr r12, [r10, #336]
        smlatt r8, r12, r3, r8
        smlatt r9, lr, r3, r9
        smlad r8, lr, r1, r8
        smlad r9, r5, r1, r9
        ldr r5, [r10, #392]
        ldr lr, [r10, #388]
        ldr r12, [r10, #384]
        smlatb r8, r12, r4, r8
        smlatb r9, lr, r4, r9
        smlad r8, lr, r2, r8
        smlad r9, r5, r2, r9
        "
    };
}

/// From sums to bytes by one multiplication and a fixed shift.
macro_rules! short {
    () => {
        "ldrd r12, lr, [sp, #8]
        smmla r6, r6, r12, lr
        smmla r7, r7, r12, lr
        smmla r8, r8, r12, lr
        smmla r9, r9, r12, lr
        ssat r6, #8, r6, asr #14
        ssat r7, #8, r7, asr #14
        ssat r8, #8, r8, asr #14
        ssat r9, #8, r9, asr #14
        "
    };
}

/// From sums to bytes in two roundings, by which negative ties go down.
macro_rules! twice {
    () => {
        "ldrd r12, lr, [sp, #8]
        strd r10, r11, [sp, #56]
        ldr r10, [sp, #52]
        asr r11, r6, #31
        add r11, lr, r11, lsl #7
        smmla r6, r6, r12, r11
        asr r6, r10
        ssat r6, #8, r6
        asr r11, r7, #31
        add r11, lr, r11, lsl #7
        smmla r7, r7, r12, r11
        asr r7, r10
        ssat r7, #8, r7
        asr r11, r8, #31
        add r11, lr, r11, lsl #7
        smmla r8, r8, r12, r11
        asr r8, r10
        ssat r8, #8, r8
        asr r11, r9, #31
        add r11, lr, r11, lsl #7
        smmla r9, r9, r12, r11
        asr r9, r10
        ssat r9, #8, r9
        ldrd r10, r11, [sp, #56]
        "
    };
}

/// Stores a tile, the right and the lower outputs first, and reads the next one's bias and the end.
macro_rules! store {
    () => {
        "ldrd r12, lr, [sp, #16]
        strb r9, [r11, r12]
        strb r8, [r11]
        sub r11, lr
        strb r7, [r11, r12]
        strb r6, [r11]
        ldr r8, [sp]
        ldr r9, [sp, #4]
        sub r11, lr
        "
    };
}

/// Computes all tiles of a strip.
///
/// Registers: r0 to r5 weights, r6 to r9 sums, r10 the strip, r11 the output. Stack: first row,
/// bias, mantissa, addend, right, below, lowest row, output, numbers, channels, kind, step, zero,
/// shift, and room for r10 and r11.
///
/// # Safety
/// `outputs` describes a strip that is built, and outputs that may be written.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn tiles(outputs: *const Outputs) {
    naked_asm!(
        "push {{r4-r11, lr}}",
        "sub sp, #64",
        "ldm r0, {{r1-r10}}",
        "str r1, [sp]",
        "strd r2, r3, [sp, #16]",
        "add r11, sp, #24",
        "stm r11, {{r4-r10}}",
        // A channel.
        "2:",
        "ldr r11, [sp, #32]",
        "ldm r11!, {{r0-r5}}",
        "ldm r11!, {{r6, r7, r8, r12}}",
        "mov r9, r6",
        "str r6, [sp, #4]",
        "str r7, [sp, #8]",
        "str r8, [sp, #12]",
        "str r12, [sp, #52]",
        "str r11, [sp, #32]",
        "ldr r10, [sp, #24]",
        "ldr r11, [sp, #28]",
        "3:",
        "ldr r12, [sp, #40]",
        "cmp r12, #{edge}",
        "blo 4f",
        "beq 5f",
        "cmp r12, #{two}",
        "beq 6f",
        "b 7f",
        // ONE.
        "4:",
        sums_1!(),
        short!(),
        store!(),
        "cmp r10, r8",
        "bhs 4b",
        "b 9f",
        // EDGE: what is outside is a part of the bias.
        "5:",
        "ldr r12, [sp, #48]",
        "smlabt r9, r12, r1, r9",
        "smlabt r9, r12, r3, r9",
        "smlabt r9, r12, r5, r9",
        "11:",
        edge!(),
        "cmp r10, r8",
        "bhs 11b",
        "b 9f",
        // TWO.
        "6:",
        sums_2!(),
        short!(),
        store!(),
        "cmp r10, r8",
        "bhs 6b",
        "b 9f",
        // ONE_TWICE and TWO_TWICE.
        "7:",
        "ldr r12, [sp, #40]",
        "cmp r12, #{one_twice}",
        "beq 8f",
        sums_2!(),
        "b 10f",
        "8:",
        sums_1!(),
        "10:",
        twice!(),
        store!(),
        "cmp r10, r8",
        "bhs 7b",
        // If one row is left over, a tile does the row below again.
        "9:",
        "ldr r12, [sp, #44]",
        "sub r8, r10",
        "cmp r8, r12",
        "itttt eq",
        "addeq r10, r12",
        "addeq r11, lr",
        "ldreq r9, [sp, #4]",
        "beq 3b",
        "ldr r0, [sp]",
        "ldr r1, [sp, #24]",
        "ldr r2, [sp, #28]",
        "ldr r3, [sp, #36]",
        "add r0, #12",
        "add r1, #12",
        "add r2, #1",
        "subs r3, #1",
        "str r0, [sp]",
        "str r1, [sp, #24]",
        "str r2, [sp, #28]",
        "str r3, [sp, #36]",
        "bne 2b",
        "add sp, #64",
        "pop {{r4-r11, pc}}",
        edge = const EDGE,
        two = const TWO,
        one_twice = const ONE_TWICE,
    )
}
