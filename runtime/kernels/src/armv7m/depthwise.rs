//! Depthwise convolution: 4 outputs side by side.

use super::layout::{HEAD, TAPS};
use super::scale::Scale;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;
use crate::{Clamp, Part};
use core::arch::asm;
use core::ops::Range;

struct Armv7m;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Armv7m>(call, part) }
}

impl Planar for Armv7m {
    type Element = i32;
    const TAPS: usize = TAPS;

    fn head(_form: u8) -> usize {
        HEAD
    }

    fn element(value: i8) -> i32 {
        i32::from(value)
    }

    #[inline(always)]
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut i32) {
        let (mut from, mut to) = (from, to);
        // SAFETY: as the caller says.
        unsafe {
            for _ in 0..count / 4 {
                for index in 0..4 {
                    to.add(index).write(i32::from(*from));
                    from = from.wrapping_add(step);
                }
                to = to.add(4);
            }
            for _ in 0..count % 4 {
                to.write(i32::from(*from));
                (from, to) = (from.wrapping_add(step), to.add(1));
            }
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: a channel's numbers are at a multiple of 4.
        let (start, scale) =
            unsafe { (*band.head.cast::<i32>(), *band.head.add(4).cast::<Scale>()) };
        let clamp = band.output.clamp;
        if clamp == (Clamp { min: -128, max: 127 })
            && band.count >= SIDE
            && let Some((mantissa, right, add)) = scale.short(band.output.zero)
        {
            let Range { start: taps, end: taps_end } = band.taps.as_ptr_range();
            let (step, count, rows) = (band.step, band.count, band.rows);
            let (plane, line, row, row_step) = (band.plane, band.y, band.row, band.row_step);
            let mut job = Job {
                taps,
                taps_end,
                start,
                mantissa,
                right,
                add,
                step,
                left: count,
                plane,
                line,
                count,
                rows,
                row,
                row_step,
            };
            // SAFETY: as the caller says.
            return unsafe { job.run() };
        }
        let mut plane = band.plane;
        let mut line = band.y;
        for _ in 0..band.rows {
            let (mut left, mut y, mut x) = (band.count, line, plane);
            while left > 0 {
                // SAFETY: the plane has the inputs of `SIDE` outputs from here, whether they are
                // outputs or not; `left` are.
                unsafe {
                    let values = scale.apply(sums(band.taps, start, x), band.output);
                    for value in values.into_iter().take(left) {
                        y.write(value as i8);
                        y = y.wrapping_add(band.step);
                    }
                }
                left = left.saturating_sub(SIDE);
                x = x.wrapping_add(4 * SIDE);
            }
            plane = plane.wrapping_add(band.row);
            line = line.wrapping_add(band.row_step);
        }
    }
}

/// Arguments of the loop over rows.
#[repr(C)]
struct Job {
    taps: *const Tap,
    taps_end: *const Tap,
    start: i32,
    mantissa: i32,
    right: u32,
    add: i32,
    step: usize,
    left: usize,
    plane: *const u8,
    line: *mut i8,
    count: usize,
    rows: usize,
    row: usize,
    row_step: usize,
}

/// The output for the sum `$x`; see [`Scale`]. r0 is the mantissa, r1 the shift, r2 what is added.
macro_rules! output {
    ($x:literal, $to:literal) => {
        concat!(
            "add r4, r2, ",
            $x,
            ", asr #31\n",
            "mov r5, #0x80000000\n",
            "lsl ",
            $x,
            ", ",
            $x,
            ", #1\n",
            "smlal r5, r4, ",
            $x,
            ", r0\n",
            "asr r4, r4, r1\n",
            "ssat r4, #8, r4\n",
            "strb r4, [lr",
            $to,
            "]\n",
        )
    };
}

impl Job {
    /// All rows. The last four outputs of a row are the last four, even if that takes some twice.
    ///
    /// # Safety
    /// As [`Band`] says, with four outputs in a row at least.
    unsafe fn run(&mut self) {
        // SAFETY: reads taps and plane, writes outputs and the job. r12 is the place in the plane,
        // lr the output.
        unsafe {
            asm!(
                "push {{r0, r6, r7}}",
                // A row.
                "20:",
                "ldr r1, [r0, #40]",
                "str r1, [r0, #28]",
                "ldr r12, [r0, #32]",
                "ldr lr, [r0, #36]",
                // Four outputs.
                "30:",
                "ldm r0, {{r10, r11}}",
                "ldr r6, [r0, #8]",
                "mov r7, r6",
                "mov r8, r6",
                "mov r9, r6",
                "40:",
                ".rept 3",
                "ldrd r4, r5, [r10], #8",
                "add r4, r4, r12",
                "ldm r4, {{r0, r1, r2, r3}}",
                "mla r6, r0, r5, r6",
                "mla r7, r1, r5, r7",
                "mla r8, r2, r5, r8",
                "mla r9, r3, r5, r9",
                ".endr",
                "cmp r10, r11",
                "bne 40b",
                "ldr r11, [sp]",
                "ldrd r0, r1, [r11, #12]",
                "ldrd r2, r3, [r11, #20]",
                output!("r6", ""),
                output!("r7", ", r3"),
                output!("r8", ", r3, lsl #1"),
                "add lr, lr, r3",
                output!("r9", ", r3, lsl #1"),
                "mov r0, r11",
                "ldr r1, [r0, #28]",
                "subs r1, r1, #4",
                "beq 50f",
                // As many further as there are left, at most four.
                "mov r2, r1",
                "cmp r1, #4",
                "it lo",
                "movlo r1, #4",
                "it hi",
                "movhi r2, #4",
                "str r1, [r0, #28]",
                "add r12, r12, r2, lsl #2",
                "sub r2, r2, #1",
                "mla lr, r2, r3, lr",
                "b 30b",
                // The next row.
                "50:",
                "add r1, r0, #32",
                "ldm r1, {{r2, r3, r4, r5, r6, r7}}",
                "add r2, r2, r6",
                "add r3, r3, r7",
                "subs r5, r5, #1",
                "stm r1, {{r2, r3, r4, r5}}",
                "bne 20b",
                "pop {{r0, r6, r7}}",
                inout("r0") &raw mut *self => _,
                out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
            );
        }
    }
}

/// A tap.
macro_rules! tap {
    () => {
        "ldrd {at}, {w}, [{tap}], #8
         add {at}, {at}, {x}
         ldm {at}, {{r0, r1, r2, r3}}
         mla {s0}, r0, {w}, {s0}
         mla {s1}, r1, {w}, {s1}
         mla {s2}, r2, {w}, {s2}
         mla {s3}, r3, {w}, {s3}"
    };
}

/// The sums of four outputs.
///
/// # Safety
/// As [`Band`] says.
#[inline(always)]
unsafe fn sums(taps: &[Tap], start: i32, x: *const u8) -> [i32; SIDE] {
    let [mut s0, mut s1, mut s2, mut s3] = [start; SIDE];
    let taps = taps.as_ptr_range();
    // SAFETY: reads the taps, a multiple of three, and the plane.
    unsafe {
        asm!(
            "20:",
            tap!(),
            tap!(),
            tap!(),
            "cmp {tap}, {end}",
            "bne 20b",
            tap = inout(reg) taps.start => _,
            end = in(reg) taps.end,
            x = in(reg) x,
            at = out(reg) _,
            w = out(reg) _,
            s0 = inout(reg) s0,
            s1 = inout(reg) s1,
            s2 = inout(reg) s2,
            s3 = inout(reg) s3,
            out("r0") _,
            out("r1") _,
            out("r2") _,
            out("r3") _,
            options(nostack, readonly),
        );
    }
    [s0, s1, s2, s3]
}
