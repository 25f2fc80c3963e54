//! Kernels of 3x3: what tiles read. Weights of a group of channels are widened once, inputs go into
//! a strip two columns at a time.

use super::tiles::Numbers;
use core::arch::naked_asm;

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
