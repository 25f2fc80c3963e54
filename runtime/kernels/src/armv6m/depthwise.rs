//! Depthwise convolution: 4 outputs side by side.

use super::lanes::{
    fewer_lanes, four_ends, four_lanes, four_products, lane, lane_ends, load_record,
};
use super::layout::{TAPS, head};
use super::{POINT, value};
use crate::Part;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;
use crate::word::record::{self, Record};
use core::arch::asm;

struct Armv6m;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Armv6m>(call, part) }
}

impl Planar for Armv6m {
    type Element = i32;
    const TAPS: usize = TAPS;

    fn head(form: u8) -> usize {
        head(form)
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
                asm!(
                    "ldrsb {t}, [{from}, {zero}]",
                    "stm {to}!, {{{t}}}",
                    "adds {from}, {from}, {step}",
                    "ldrsb {t}, [{from}, {zero}]",
                    "stm {to}!, {{{t}}}",
                    "adds {from}, {from}, {step}",
                    "ldrsb {t}, [{from}, {zero}]",
                    "stm {to}!, {{{t}}}",
                    "adds {from}, {from}, {step}",
                    "ldrsb {t}, [{from}, {zero}]",
                    "stm {to}!, {{{t}}}",
                    "adds {from}, {from}, {step}",
                    from = inout(reg) from,
                    to = inout(reg) to,
                    step = in(reg) step,
                    zero = in(reg) 0,
                    t = out(reg) _,
                    options(nostack),
                );
            }
            for _ in 0..count % 4 {
                to.write(i32::from(*from));
                (from, to) = (from.wrapping_add(step), to.add(1));
            }
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: a channel's numbers are at a multiple of 4; the band's are those of the job.
        unsafe {
            let record = band.head.add(4);
            if Record::read(record, band.form).is_plain() {
                return plain(band);
            }
            let taps = band.taps.as_ptr();
            let mut job = Job {
                taps,
                taps_end: taps.add(band.taps.len()),
                y: band.y,
                left: band.count,
                record,
                min: band.output.clamp.min,
                max: band.output.clamp.max,
                behind: record::len(band.form) - record::FIRST,
                skip: 22 * skipped(band.taps.len()),
                start: *band.head.cast(),
                step: band.step,
                plane: band.plane,
                count: band.count,
                rows: band.rows,
                row: band.row,
                row_step: band.row_step,
                line: band.y,
            };
            job.run();
        }
    }
}

/// Taps of the loop's body that its first pass leaves out.
fn skipped(taps: usize) -> usize {
    let mut left = taps;
    while left > UNROLL {
        left -= UNROLL;
    }
    UNROLL - left
}

/// A channel whose record is plain.
///
/// # Safety
/// As [`Band`] says.
#[inline(never)]
unsafe fn plain(band: &Band<'_>) {
    // SAFETY: a channel's numbers are at its head.
    let record = unsafe { Record::read(band.head.add(4), band.form) };
    for row in 0..band.rows {
        for at in 0..band.count {
            // SAFETY: as the caller says; an output's inputs are a word behind those of the one
            // before.
            unsafe {
                let x = band.plane.add(row * band.row + 4 * at);
                let mut sum = *band.head.cast::<i32>();
                for tap in band.taps {
                    let input = *x.add(tap.at).cast::<i32>();
                    sum = sum.wrapping_add(input.wrapping_mul(tap.weight));
                }
                let y = band.y.add(row * band.row_step + at * band.step);
                y.write(record.apply::<POINT>(sum, band.output, value) as i8);
            }
        }
    }
}

/// Taps of the loop's body.
const UNROLL: usize = 9;
const _: () = assert!(SIDE == 4);

/// Arguments of the loop over rows.
#[repr(C)]
struct Job {
    taps: *const Tap,
    taps_end: *const Tap,
    y: *mut i8,
    left: usize,
    record: *const u8,
    min: i32,
    max: i32,
    /// Bytes of the record behind its first words.
    behind: usize,
    /// Bytes of the loop's body to leave out in its first pass.
    skip: usize,
    start: i32,
    step: usize,
    plane: *const u8,
    count: usize,
    rows: usize,
    row: usize,
    row_step: usize,
    line: *mut i8,
}

/// A tap.
macro_rules! tap {
    () => {
        concat!(
            "ldm r6!, {{r4, r5}}\n",
            "add r4, r12\n",
            "ldm r4!, {{r0, r1, r2, r3}}\n",
            four_products!("r5"),
        )
    };
}

impl Job {
    /// All rows.
    ///
    /// # Safety
    /// As [`Band`] says.
    unsafe fn run(&mut self) {
        // SAFETY: reads taps, record and plane, writes outputs and the job. The stack has: 0 taps,
        // 4 their end, 8 output, 12 outputs left in the row, 16 record, 20 min, 24 max, 28 what the
        // record has behind its first words, 32 where the loop begins, 36 start, 40 job. r12 is the
        // place in the plane, lr the step between outputs.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "sub sp, #48",
                "str r0, [sp, #40]",
                "mov r5, sp",
                "ldm r0!, {{r1, r2, r3, r4}}",
                "stm r5!, {{r1, r2, r3, r4}}",
                "ldm r0!, {{r1, r2, r3, r4}}",
                "stm r5!, {{r1, r2, r3, r4}}",
                "ldm r0!, {{r4, r6, r7}}",
                "adr r1, 40f",
                "adds r1, r1, r4",
                "stm r5!, {{r1, r6}}",
                "mov lr, r7",
                "ldr r1, [r0]",
                "mov r12, r1",
                // Four outputs.
                "20:",
                "ldr r0, [sp, #36]",
                "mov r8, r0",
                "mov r9, r0",
                "mov r10, r0",
                "mov r11, r0",
                "ldr r6, [sp, #0]",
                "ldr r7, [sp, #4]",
                "ldr r0, [sp, #32]",
                "mov pc, r0",
                ".p2align 2",
                "40:",
                tap!(), tap!(), tap!(), tap!(), tap!(), tap!(), tap!(), tap!(), tap!(),
                "cmp r6, r7",
                "bne 40b",
                "ldr r6, [sp, #16]",
                load_record!(),
                "ldr r5, [sp, #8]",
                "ldr r7, [sp, #12]",
                "subs r7, #4",
                "bmi 45f",
                "str r7, [sp, #12]",
                four_lanes!(),
                "str r5, [sp, #8]",
                "movs r0, #16",
                "add r12, r0",
                "ldr r7, [sp, #12]",
                "cmp r7, #0",
                "beq 46f",
                "b 20b",
                // Fewer outputs, the row's last.
                "45:",
                "movs r4, #0",
                "str r4, [sp, #12]",
                "adds r7, #2",
                fewer_lanes!(),
                four_ends!(),
                // The next row.
                "46:",
                "ldr r0, [sp, #40]",
                "adds r0, #44",
                "ldm r0!, {{r1, r2, r3, r4, r5, r6}}",
                "subs r3, #1",
                "beq 47f",
                "adds r1, r1, r4",
                "mov r12, r1",
                "adds r6, r6, r5",
                "subs r0, #24",
                "stm r0!, {{r1, r2, r3, r4, r5, r6}}",
                "str r6, [sp, #8]",
                "str r2, [sp, #12]",
                "b 20b",
                "47:",
                "add sp, #48",
                "pop {{r6, r7}}",
                inout("r0") &raw mut *self => _,
                out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
            );
        }
    }
}
