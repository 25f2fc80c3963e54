//! Convolution: 4 pixels, one output channel after the other.

use super::lanes::{
    fewer_lanes, four_ends, four_lanes, four_products, lane, lane_ends, load_record,
};
use super::layout::{LANES, SUMS, UNROLL, head};
use super::{POINT, value};
use crate::Part;
use crate::packed::Conv;
use crate::word::conv::{Gemm, Sources, Tile, conv};
use crate::word::layout::up;
use crate::word::record::{self, Record};
use core::arch::asm;

struct Armv6m;

/// A part of a packed convolution.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { conv::<Armv6m>(call, part) }
}

/// Arguments of the loop that interleaves.
#[repr(C)]
struct Run {
    /// The ends of the lanes' elements.
    ends: [*const i8; LANES],
    /// Minus their number.
    from: isize,
    to: *mut u8,
    sums: *mut u8,
}

impl Gemm for Armv6m {
    const LANES: usize = LANES;
    const ENTRY: usize = 4 * LANES;
    const HEAD: usize = SUMS;

    #[inline(always)]
    unsafe fn interleave(sources: &Sources, count: usize, head: *mut u8, to: *mut u8) {
        let [a, b, c, d, ..] = *sources;
        let ends = [a, b, c, d].map(|source| source.wrapping_add(count));
        let run = Run { ends, from: -(count as isize), to, sums: head };
        // SAFETY: reads `count` elements of each lane, writes as many entries, adds them to the
        // sums.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "ldr r7, [r0, #24]",
                "mov lr, r7",
                "ldm r7!, {{r1, r2, r3, r4}}",
                "mov r8, r1",
                "mov r9, r2",
                "mov r10, r3",
                "mov r11, r4",
                "ldm r0!, {{r1, r2, r3, r4, r5, r6}}",
                "20:",
                "ldrsb r0, [r1, r5]",
                "ldrsb r7, [r2, r5]",
                "stm r6!, {{r0, r7}}",
                "add r8, r0",
                "add r9, r7",
                "ldrsb r0, [r3, r5]",
                "ldrsb r7, [r4, r5]",
                "stm r6!, {{r0, r7}}",
                "add r10, r0",
                "add r11, r7",
                "adds r5, #1",
                "bne 20b",
                "mov r7, lr",
                "mov r0, r8",
                "mov r1, r9",
                "mov r2, r10",
                "mov r3, r11",
                "stm r7!, {{r0, r1, r2, r3}}",
                "pop {{r6, r7}}",
                inout("r0") &raw const run => _,
                out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("lr") _,
            );
        }
    }

    #[inline(always)]
    unsafe fn outputs(tile: &Tile) {
        // SAFETY: as the tile says.
        unsafe { outputs(tile) }
    }
}

/// Arguments of the loop over channels.
#[repr(C)]
struct Job {
    packed: *const u8,
    panel: *const u8,
    panel_end: *const u8,
    y: *mut i8,
    lanes: usize,
    end: *const u8,
    min: i32,
    max: i32,
    /// Bytes of a record behind its first words.
    behind: usize,
    step: usize,
    /// Bytes of the loop's body to leave out in its first pass.
    skip: usize,
    /// The sums of a channel whose record is plain.
    sums: [i32; LANES],
    /// Whether there is such a channel; otherwise all are done.
    is_plain: usize,
}

/// All output channels.
///
/// # Safety
/// As [`Tile`] says.
#[inline(never)]
unsafe fn outputs(tile: &Tile) {
    let depth = tile.depth;
    let one = head(tile.form) + up(depth, UNROLL);
    let mut job = Job {
        packed: tile.packed,
        panel: tile.panel,
        panel_end: tile.panel.wrapping_add(SUMS + Armv6m::ENTRY * depth),
        y: tile.y,
        lanes: tile.lanes,
        end: tile.packed.wrapping_add(tile.channels * one),
        min: tile.output.clamp.min,
        max: tile.output.clamp.max,
        behind: record::len(tile.form) - record::FIRST,
        step: tile.channels,
        skip: 20 * (depth.wrapping_neg() & (UNROLL - 1)),
        sums: [0; LANES],
        is_plain: 0,
    };
    // SAFETY: as the caller says; words are at multiples of 4.
    unsafe {
        // Weights are 128 too large.
        let sums = &mut *tile.panel.cast_mut().cast::<[i32; LANES]>();
        *sums = sums.map(|sum| -(sum << 7));
        loop {
            channels(&mut job);
            if job.is_plain == 0 {
                return;
            }
            job.is_plain = 0;
            // The loop stopped behind the first words of a plain record.
            let record = Record::read(job.packed.sub(record::FIRST), tile.form);
            let mut y = job.y;
            for &sum in job.sums.iter().take(tile.lanes) {
                y.write(record.apply::<POINT>(sum, tile.output, value) as i8);
                y = y.wrapping_add(tile.channels);
            }
            job.packed = job.packed.add(job.behind);
            job.y = job.y.add(1);
            if job.packed == job.end {
                return;
            }
        }
    }
}

/// One element of the panel, number `$k` of the weights.
macro_rules! element {
    ($k:literal) => {
        concat!("ldm r5!, {{r0, r1, r2, r3}}\nldrb r4, [r6, #", $k, "]\n", four_products!("r4"))
    };
}

/// Channels until the last or one with a plain record.
///
/// # Safety
/// As [`Tile`] says.
unsafe fn channels(job: &mut Job) {
    // SAFETY: reads the packed constant and the panel, writes the outputs and the job. The stack
    // has: 0 panel, 4 its end, 8 output, 12 lanes, 16 end of the constant, 20 min, 24 max, 28 what
    // records have behind their first words, 32 job. r12 is where the loop begins, lr the step
    // between lanes.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "sub sp, #40",
            "str r0, [sp, #32]",
            "mov r5, sp",
            "ldm r0!, {{r6}}",
            "ldm r0!, {{r1, r2, r3, r4}}",
            "stm r5!, {{r1, r2, r3, r4}}",
            "ldm r0!, {{r1, r2, r3, r4}}",
            "stm r5!, {{r1, r2, r3, r4}}",
            "ldm r0!, {{r4, r7}}",
            "mov lr, r4",
            "adr r1, 40f",
            "adds r1, r1, r7",
            "mov r12, r1",
            // A channel: the sums begin with its start and those of the panel.
            "20:",
            "ldr r5, [sp, #0]",
            "ldr r7, [sp, #4]",
            "ldm r5!, {{r0, r1, r2, r3}}",
            "ldm r6!, {{r4}}",
            "adds r0, r0, r4",
            "adds r1, r1, r4",
            "adds r2, r2, r4",
            "adds r3, r3, r4",
            "mov r8, r0",
            "mov r9, r1",
            "mov r10, r2",
            "mov r11, r3",
            "mov pc, r12",
            ".p2align 2",
            "40:",
            element!("0"),
            element!("1"),
            element!("2"),
            element!("3"),
            element!("4"),
            element!("5"),
            element!("6"),
            element!("7"),
            "adds r6, #8",
            "cmp r5, r7",
            "bne 40b",
            load_record!(),
            "ldr r5, [sp, #8]",
            "cmp r0, #0",
            "blt 44f",
            "ldr r7, [sp, #12]",
            "cmp r7, #4",
            "beq 50f",
            "subs r7, #2",
            "b 45f",
            // Plain: the caller does it.
            "44:",
            "ldr r0, [sp, #32]",
            "adds r0, #44",
            "mov r1, r8",
            "mov r2, r9",
            "mov r3, r10",
            "mov r4, r11",
            "stm r0!, {{r1, r2, r3, r4}}",
            "str r0, [r0]",
            "b 46f",
            four_lanes!(),
            "ldr r5, [sp, #8]",
            "adds r5, #1",
            "str r5, [sp, #8]",
            "ldr r0, [sp, #28]",
            "adds r6, r6, r0",
            "ldr r0, [sp, #16]",
            "cmp r6, r0",
            "beq 46f",
            "b 20b",
            four_ends!(),
            "45:",
            fewer_lanes!(),
            "46:",
            "ldr r0, [sp, #32]",
            "str r6, [r0]",
            "str r5, [r0, #12]",
            "add sp, #40",
            "pop {{r6, r7}}",
            inout("r0") &raw mut *job => _,
            out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
        );
    }
}
