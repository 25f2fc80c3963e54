//! FULLY_CONNECTED: a row of inputs, widened once, through eight channels at a time.

use super::bank::bank;
use super::clamp::clamp;
use super::layout::conv::NUMBERS;
use super::layout::fully_connected::{self as layout, CHUNK, GROUP};
use super::layout::narrow as layout_s4;
use super::nibbles;
use super::requant::Numbers;
use crate::Part;
use crate::packed::{ALL_FORMS, FullyConnected, has_form};
use core::arch::{asm, naked_asm};

/// A fully connected layer; part 0 is all of it.
pub(crate) fn fully_connected_s8<const FORMS: u32>(call: &FullyConnected<'_>, part: Part) {
    multiply::<FORMS, false>(call, part);
}

/// The same with weights of four bits.
pub(crate) fn fully_connected_s4(call: &FullyConnected<'_>, part: Part) {
    multiply::<ALL_FORMS, true>(call, part);
}

#[inline(always)]
fn multiply<const FORMS: u32, const NARROW: bool>(call: &FullyConnected<'_>, part: Part) {
    let spec = call.spec;
    let Some((words, row)) = layout::row(spec) else { return };
    if part.index > 0 {
        return;
    }
    for at in 0..spec.batch {
        // SAFETY: the call has checked all lengths against the layout: rows of `depth` bytes and
        // `outputs` values, `row` and 16 more bytes of scratch memory.
        unsafe {
            let x = call.x.as_ptr().add(at * spec.depth).cast();
            let y = call.y.as_mut_ptr().add(at * spec.outputs);
            let end = call.scratch.as_mut_ptr().add(row);
            let start = end.sub(4 * words).cast();
            widen(x, spec.depth, start);
            if NARROW {
                narrow(call, (start, end.cast()), words, y);
            } else if has_form(FORMS, layout::GENERAL) && call.form == layout::GENERAL {
                general(call, start, words, y);
            } else if has_form(FORMS, layout::SINGLE) || has_form(FORMS, layout::DOUBLE) {
                superposed(call, (start, end.cast()), words, y);
            }
        }
    }
    clamp(call.y, spec.clamp);
}

/// Writes `len` bytes as words of two doubled int16, counted from -128.
///
/// # Safety
/// `x` is readable, and `to` has 4 bytes for each two of them, at a multiple of 4.
unsafe fn widen(mut x: *const u8, len: usize, mut to: *mut u32) {
    let low = |word: u32| (word << 1) & 0x01FE_01FE;
    // SAFETY: reads four bytes while there are as many, then the rest.
    unsafe {
        for _ in 0..len / 4 {
            let word = x.cast::<u32>().read_unaligned() ^ 0x8080_8080;
            to.write(low(word));
            to.add(1).write(low(word >> 8));
            (x, to) = (x.add(4), to.add(2));
        }
        for left in (1..=len % 4).rev().step_by(2) {
            let second = if left > 1 { u32::from(*x.add(1)) } else { 0 };
            to.write(low((u32::from(*x) | second << 16) ^ 0x80_0080));
            (x, to) = (x.wrapping_add(2), to.add(1));
        }
    }
}

/// All channels, whose weights have four bits; `row` is where the widened row starts and ends.
///
/// # Safety
/// As checked by the call; `y` is a row of the output.
unsafe fn narrow(
    call: &FullyConnected<'_>,
    row: (*const u32, *const u32),
    words: usize,
    y: *mut i8,
) {
    let outputs = call.spec.outputs;
    let first = (words + CHUNK - 1) % CHUNK + 1;
    // SAFETY: behind the row and 16 bytes there is room for the words of a group and its numbers;
    // less than eight outputs go where those 16 bytes are.
    unsafe {
        let memory = row.1.add(4).cast_mut();
        let mut done = 0;
        while done < outputs {
            let group = done / GROUP;
            let from = call.packed.as_ptr().add(group * layout_s4::eight(words)).cast::<u32>();
            memory.copy_from_nonoverlapping(from, 8);
            nibbles::superposed(from.add(8), memory.add(8), 2 * words);
            memory.add(8 + 4 * words).copy_from_nonoverlapping(from.add(8 + 2 * words), 24);
            let detour = row.1.cast_mut().cast::<i8>();
            let to = if outputs < GROUP { detour } else { y.add(done.min(outputs - GROUP)) };
            let sign = if call.form == layout::DOUBLE { -256 } else { 0 };
            let x = row.0.sub(CHUNK - first);
            let y_end = to.wrapping_add(GROUP);
            eight(&Eight { weights: memory, x, end: row.1, first, sign, y: to, y_end });
            if outputs < GROUP {
                y.copy_from_nonoverlapping(detour, outputs);
            }
            done += GROUP;
        }
    }
}

/// All channels in a superposed form; `row` is where the widened row starts and ends.
///
/// # Safety
/// As checked by the call; `y` is a row of the output.
unsafe fn superposed(
    call: &FullyConnected<'_>,
    row: (*const u32, *const u32),
    words: usize,
    y: *mut i8,
) {
    let outputs = call.spec.outputs;
    let whole = outputs / GROUP * GROUP;
    let first = (words + CHUNK - 1) % CHUNK + 1;
    // SAFETY: groups of eight channels with their numbers are in the constant; the row ends with
    // its last chunk, and what stands before it is in the scratch memory. The last group writes the
    // last eight channels, or its outputs go behind the row, where there is room for eight.
    unsafe {
        let x = row.0.sub(CHUNK - first);
        let sign = if call.form == layout::DOUBLE { -256 } else { 0 };
        let weights = call.packed.as_ptr();
        let work = |skip: usize, y: *mut i8, count: usize| Eight {
            weights: weights.add(skip * (NUMBERS + 2 * words)).cast(),
            x,
            end: row.1,
            first,
            sign,
            y,
            y_end: y.wrapping_add(count),
        };
        if whole > 0 {
            eight(&work(0, y, whole));
        }
        if whole == outputs {
            return;
        }
        if whole > 0 {
            eight(&work(whole, y.add(outputs - GROUP), GROUP));
            return;
        }
        let detour = row.1.cast_mut().cast::<i8>();
        eight(&work(0, detour, GROUP));
        y.copy_from_nonoverlapping(detour, outputs);
    }
}

/// Work for [`eight`]; the kernel knows the order.
#[repr(C)]
struct Eight {
    /// Biases, weights and numbers of the first group.
    weights: *const u32,
    /// The first chunk of the row, whose last `first` words are there, and the row's end.
    x: *const u32,
    end: *const u32,
    /// Words of the first chunk, 1 to 16.
    first: usize,
    /// What is added below zero.
    sign: i32,
    /// Output of the first group, and end of the output.
    y: *mut i8,
    y_end: *mut i8,
}

/// Groups of eight channels: two words of weights of each four channels for a word of inputs.
///
/// # Safety
/// All pointers of the work are valid for what its fields say.
//
// Registers: r0-r3 weights, r4 where they come from, r5 input, r6-r12 and lr both sums of two
// channels, then of the next. Stack: 0 next chunk of the row; 4 its end; 8 where the pairs start;
// 12 sign; 16 y; 20 its end; 24 first chunk.
#[unsafe(naked)]
unsafe extern "C" fn eight(work: &Eight) {
    naked_asm!(
        bank!(setup),
        "push {{r4-r11, lr}}",
        bank!(enter 16),
        "sub sp, #28
         ldm r0, {{r4-r10}}
         rsb r7, r7, #16",
        concat!("movs r0, #50 + ", bank!(size)),
        "adr r1, 20f + 1
         mla r7, r7, r0, r1
         add r0, sp, #4
         stm r0!, {{r6-r10}}
         str r5, [r0]
         10: ldr r0, [sp, #24]
         ldr r1, [sp, #4]",
        bank!(load 16 "28"),
        "str r0, [sp]
         ldm r4!, {{r6-r12, lr}}
         cmp r0, r1
         ldr pc, [sp, #8]",
        // A chunk.
        "11: ldrd r0, r1, [sp]",
        bank!(load 16 "28"),
        "str r0, [sp]
         cmp r0, r1
         20:
         .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
        bank!(get "28", "\\n"),
        "ldm r4!, {{r0-r3}}
         smlad r6, r5, r0, r6
         smlad r8, r5, r1, r8
         smlad r10, r5, r2, r10
         smlad r12, r5, r3, r12
         sxtb16 r0, r0
         sxtb16 r1, r1
         sxtb16 r2, r2
         sxtb16 r3, r3
         smlad r7, r5, r0, r7
         smlad r9, r5, r1, r9
         smlad r11, r5, r2, r11
         smlad lr, r5, r3, lr
         .endr
         bne 11b",
        // Requantization, the second channel of two from the difference of their sums.
        "sub r6, r6, r7
         sub r8, r8, r9
         sub r10, r10, r11
         sub r12, r12, lr
         ldr r3, [sp, #12]
         .irp x, r7, r9, r11, lr
         lsl \\x, \\x, #8
         .endr
         .irp x, r7, r6, r9, r8, r11, r10, lr, r12
         ldm r4!, {{r0-r2}}
         and r5, r3, \\x, asr #31
         add r1, r1, r5
         smmla \\x, \\x, r0, r1
         asr \\x, \\x, r2
         ssat \\x, #8, \\x
         .endr
         ldrd r0, r1, [sp, #16]
         strb r7, [r0]
         strb r6, [r0, #1]
         strb r9, [r0, #2]
         strb r8, [r0, #3]
         strb r11, [r0, #4]
         strb r10, [r0, #5]
         strb lr, [r0, #6]
         strb r12, [r0, #7]
         adds r0, #8
         str r0, [sp, #16]
         cmp r0, r1
         bne 10b
         add sp, #28",
        bank!(leave 16),
        "pop {{r4-r11, pc}}"
    )
}

/// All channels in the general form.
///
/// # Safety
/// As checked by the call; `x` is the widened row of `words` words and one more, `y` a row of the
/// output.
unsafe fn general(call: &FullyConnected<'_>, x: *const u32, words: usize, y: *mut i8) {
    let spec = call.spec;
    let twos = words.div_ceil(2);
    // SAFETY: numbers of all channels, then `twos` words of weights for each, are in the constant.
    unsafe {
        let mut weights = call.packed.as_ptr().add(NUMBERS * spec.outputs).cast::<u32>();
        for channel in 0..spec.outputs {
            let numbers = call.packed.as_ptr().cast::<Numbers>().add(channel).read();
            let sum = dot(x, weights, twos);
            y.add(channel).write(numbers.output(sum, spec.output_zero, spec.clamp));
            weights = weights.add(twos);
        }
    }
}

/// The sum of products of a widened row with `twos` words of four weights, at least one.
///
/// # Safety
/// The row has twice as many words as there are words of weights.
unsafe fn dot(x: *const u32, weights: *const u32, twos: usize) -> i32 {
    let mut sum = 0;
    // SAFETY: reads 8 bytes of the row and 4 of the weights in each round.
    unsafe {
        asm!(
            "2: ldr {w}, [{weights}], #4
             ldrd {a}, {b}, [{x}], #8
             sxtb16 {v}, {w}
             sxtb16 {w}, {w}, ror #8
             smlad {sum}, {a}, {v}, {sum}
             smlad {sum}, {b}, {w}, {sum}
             subs {n}, #1
             bne 2b",
            sum = inout(reg) sum, x = inout(reg) x => _, weights = inout(reg) weights => _,
            n = inout(reg) twos => _, w = out(reg) _, v = out(reg) _, a = out(reg) _,
            b = out(reg) _,
            options(nostack, readonly)
        );
    }
    sum
}
