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
}

/// Stride 1, short requantization.
pub(super) const ONE: usize = 0;
/// The same, a single column of outputs.
pub(super) const SINGLE: usize = 1;
/// Stride 2, short requantization.
pub(super) const TWO: usize = 2;
/// Stride 1, two roundings.
pub(super) const ONE_TWICE: usize = 3;
/// Stride 2, two roundings.
pub(super) const TWO_TWICE: usize = 4;

/// Widens and scales the weights of `count` channels.
///
/// # Safety
/// There are as many records and numbers.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn expand(
    record: *const u8,
    numbers: *mut Numbers,
    stride: usize,
    count: usize,
) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r2, r4-r11, lr}}",
        "2:",
        "ldrsb r4, [r0, #12]",
        "ldrsb r5, [r0, #13]",
        "ldrsb r6, [r0, #14]",
        "ldrsb r7, [r0, #15]",
        "ldrsb r8, [r0, #16]",
        "ldrsb r9, [r0, #17]",
        "ldrsb r10, [r0, #18]",
        "ldrsb r11, [r0, #19]",
        "ldrsb r12, [r0, #20]",
        "ldrb lr, [r0, #21]",
        "ldr r2, [sp]",
        "lsl r4, lr",
        "lsl r5, lr",
        "lsl r6, lr",
        "lsl r7, lr",
        "lsl r8, lr",
        "lsl r9, lr",
        "lsl r10, lr",
        "lsl r11, lr",
        "lsl r12, lr",
        // w1 w2 of each row.
        "pkhbt r6, r5, r6, lsl #16",
        "pkhbt r9, r8, r9, lsl #16",
        "pkhbt r12, r11, r12, lsl #16",
        "cmp r2, #1",
        "bne 3f",
        "pkhbt r5, r4, r5, lsl #16",
        "pkhbt r8, r7, r8, lsl #16",
        "pkhbt r11, r10, r11, lsl #16",
        "stm r1!, {{r5, r6, r8, r9, r11, r12}}",
        "b 4f",
        "3:",
        "pkhbt r4, r4, r7, lsl #16",
        "str r6, [r1], #24",
        "str r9, [r1, #-20]",
        "str r12, [r1, #-16]",
        "str r4, [r1, #-12]",
        "str r10, [r1, #-8]",
        "4:",
        "ldm r0, {{r4, r5, r6}}",
        "ldrb r7, [r0, #22]",
        "stm r1!, {{r4-r7}}",
        "add r0, #{record}",
        "subs r3, #1",
        "bne 2b",
        "pop {{r2, r4-r11, pc}}",
        record = const crate::armv7em::layout::Three::RECORD,
    )
}

/// Columns of inputs of four channels, from the one that is next on.
#[repr(C)]
pub(super) struct Columns {
    /// The column's first value that is inside the image.
    pub(super) at: *const i8,
    /// Its number; those left of the image wrap.
    pub(super) column: usize,
    /// Columns of the image.
    pub(super) width: usize,
    /// From one column to the next, and from one row to the next.
    pub(super) pixel: usize,
    pub(super) row: usize,
    /// Four zero points.
    pub(super) zeros: *const i8,
    /// Rows inside the image.
    pub(super) rows: usize,
    /// The strip's row that belongs to the first of them.
    pub(super) to: *mut u32,
}

/// Reads a pixel of both columns and puts the values of each channel into a word: r8, r10, r7, r11.
macro_rules! pair_pixels {
    () => {
        "ldr r4, [r0]
        ldr r5, [r2]
        add r0, r1
        add r2, r3
        and r6, r9, r4, lsl #8
        and r4, r9
        and r7, r9, r5, lsl #8
        and r5, r9
        pkhbt r8, r6, r7, lsl #16
        pkhtb r7, r7, r6, asr #16
        pkhbt r10, r4, r5, lsl #16
        pkhtb r11, r5, r4, asr #16
        "
    };
}

/// Moves the third word of a row to the first, and writes the second.
macro_rules! second_word {
    () => {
        "ldr r6, [lr, #20]
        str r10, [lr, #16]
        str r6, [lr, #12]
        ldr r6, [lr, #32]
        str r7, [lr, #28]
        str r6, [lr, #24]
        ldr r6, [lr, #44]
        str r11, [lr, #40]
        str r6, [lr, #36]
        ldr r6, [lr, #8]
        str r8, [lr, #4]
        str r6, [lr], #48
        "
    };
}

/// Writes the third word of a row, at which `lr` points.
macro_rules! third_word {
    () => {
        "str r10, [lr, #12]
        str r7, [lr, #24]
        str r11, [lr, #36]
        str r8, [lr], #48
        "
    };
}

/// Writes the next two columns into a strip, row by row: as the third word of each row, or, if not
/// `is_third`, as the second, after the third has moved to the first.
///
/// # Safety
/// `columns` describes readable inputs and a strip's rows.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn write_columns(columns: *mut Columns, is_third: bool) {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}",
        "mov r12, r0",
        "ldm r0, {{r0, r2-r8}}",
        // r9 and r10 are the left column and its step, r11 and r5 the right one's.
        "mov r9, r0",
        "mov r10, r5",
        "cmp r2, r3",
        "itt hs",
        "movhs r9, r6",
        "movhs r10, #0",
        "add r2, #1",
        "add r0, r4",
        "mov r11, r0",
        "cmp r2, r3",
        "itt hs",
        "movhs r11, r6",
        "movhs r5, #0",
        "add r2, #1",
        "add r0, r4",
        "strd r0, r2, [r12]",
        "cmp r7, #0",
        "beq 4f",
        "mov r0, r9",
        "mov r2, r11",
        "mov r3, r5",
        "mov r12, r7",
        "mov lr, r8",
        "cmp r1, #0",
        "mov r1, r10",
        "mov r9, #0xFF00FF00",
        "itt ne",
        "addne lr, #8",
        "bne 3f",
        // Two rows a turn; an odd number starts in the middle.
        "add r12, #1",
        "lsrs r12, r12, #1",
        "bcc 5f",
        "2:",
        pair_pixels!(),
        second_word!(),
        "5:",
        pair_pixels!(),
        second_word!(),
        "subs r12, #1",
        "bne 2b",
        "4:",
        "pop {{r4-r11, pc}}",
        "3:",
        "add r12, #1",
        "lsrs r12, r12, #1",
        "bcc 7f",
        "6:",
        pair_pixels!(),
        third_word!(),
        "7:",
        pair_pixels!(),
        third_word!(),
        "subs r12, #1",
        "bne 6b",
        "pop {{r4-r11, pc}}",
    )
}

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

/// The sums of one column of a tile in stride 1: r6 above, r7 below; r9 is the bias.
macro_rules! sums_single {
    () => {
        "ldrd r12, lr, [r10], #-96
        smlad r6, r12, r0, r9
        smlabt r6, lr, r1, r6
        ldrd r12, lr, [r10, #144]
        smlad r7, r12, r0, r9
        smlad r6, r12, r2, r6
        smlabt r7, lr, r1, r7
        smlabt r6, lr, r3, r6
        ldrd r12, lr, [r10, #192]
        smlad r7, r12, r2, r7
        smlad r6, r12, r4, r6
        smlabt r7, lr, r3, r7
        smlabt r6, lr, r5, r6
        ldrd r12, lr, [r10, #240]
        smlad r7, r12, r4, r7
        smlabt r7, lr, r5, r7
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
        strd r10, r11, [sp, #52]
        ldr r10, [sp, #48]
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
        ldrd r10, r11, [sp, #52]
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
/// bias, mantissa, addend, right, below, lowest row, output, numbers, channels, kind, step, shift,
/// and room for r10 and r11.
///
/// # Safety
/// `outputs` describes a strip that is built, and outputs that may be written.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn tiles(outputs: *const Outputs) {
    naked_asm!(
        "push {{r4-r11, lr}}",
        "sub sp, #60",
        "ldm r0, {{r1-r9}}",
        "str r1, [sp]",
        "strd r2, r3, [sp, #16]",
        "add r10, sp, #24",
        "stm r10, {{r4-r9}}",
        // A channel.
        "2:",
        "ldr r11, [sp, #32]",
        "ldm r11!, {{r0-r5}}",
        "ldm r11!, {{r6, r7, r8, r12}}",
        "mov r9, r6",
        "str r6, [sp, #4]",
        "str r7, [sp, #8]",
        "str r8, [sp, #12]",
        "str r12, [sp, #48]",
        "str r11, [sp, #32]",
        "ldr r10, [sp, #24]",
        "ldr r11, [sp, #28]",
        "3:",
        "ldr r12, [sp, #40]",
        "cmp r12, #{single}",
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
        // SINGLE.
        "5:",
        sums_single!(),
        "cmp r10, r8",
        "bhs 5b",
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
        "ittt eq",
        "addeq r10, r12",
        "addeq r11, lr",
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
        "add sp, #60",
        "pop {{r4-r11, pc}}",
        single = const SINGLE,
        two = const TWO,
        one_twice = const ONE_TWICE,
    )
}
