//! Convolution: 6 pixels, one output channel after the other.
//!
//! A word of the panel is `x1 * 2^23 + x0` of two pixels. A weight times it, added up in 64 bits,
//! is both sums, as long as that of `x0` fits 23 bits: an offset makes it positive.

use super::layout::{self, ENTRY, FIELD, HEAD as NUMBERS, LANES, UNROLL};
use super::scale::Scale;
use crate::packed::Conv;
use crate::word::conv::{Gemm, Sources, Tile, conv};
use crate::word::layout::up;
use crate::{Clamp, Part};
use core::arch::asm;

struct Armv7m;

/// A part of a packed convolution.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { conv::<Armv7m>(call, part) }
}

impl Gemm for Armv7m {
    const LANES: usize = LANES;
    const ENTRY: usize = ENTRY;
    const HEAD: usize = 0;

    #[inline(never)]
    unsafe fn interleave(sources: &Sources, count: usize, _head: *mut u8, to: *mut u8) {
        let mut sources = *sources;
        let mut to = to.cast::<[i32; LANES / 2]>();
        for _ in 0..count {
            // SAFETY: as the caller says.
            unsafe {
                let x = |lane: usize| i32::from(*sources[lane]);
                to.write([0, 1, 2].map(|lane| x(lane) + (x(lane + 3) << FIELD)));
                to = to.add(1);
            }
            sources = sources.map(|source| source.wrapping_add(1));
        }
    }

    #[inline(always)]
    unsafe fn outputs(tile: &Tile) {
        // SAFETY: as the tile says.
        unsafe { outputs(tile, layout::chunk(tile.form, up(tile.depth, UNROLL))) }
    }
}

/// All output channels.
///
/// # Safety
/// As [`Tile`] says, with chunks of this length.
#[inline(never)]
unsafe fn outputs(tile: &Tile, chunk: usize) {
    let depth = up(tile.depth, UNROLL);
    let chunks = if chunk < depth { depth.div_ceil(chunk.max(1)) } else { 1 };
    let one = NUMBERS + 4 * chunks + depth;
    let is_short = chunks == 1 && tile.lanes == LANES;
    let mut job = Job {
        packed: tile.packed,
        panel: tile.panel,
        panel_end: tile.panel.wrapping_add(depth * ENTRY),
        end: tile.packed.wrapping_add(tile.channels * one),
        y: tile.y,
        step: tile.channels,
        zero: 2 * tile.output.zero + 1,
    };
    while job.packed != job.end {
        // SAFETY: as the caller says.
        unsafe {
            if is_short {
                job.run();
            }
            if job.packed != job.end {
                // One that is rounded once or plain, or each.
                channel(tile, &job, depth, chunk);
                (job.packed, job.y) = (job.packed.add(one), job.y.add(1));
            }
        }
    }
    let clamp = tile.output.clamp;
    if is_short && clamp != (Clamp { min: -128, max: 127 }) {
        for index in 0..LANES * tile.channels {
            // SAFETY: the outputs of all lanes have been written.
            unsafe {
                let y = tile.y.add(index);
                y.write(clamp.apply(i32::from(*y)) as i8);
            }
        }
    }
}

/// One output channel, in general.
///
/// # Safety
/// As [`Tile`] says, with chunks of this length.
#[inline(never)]
unsafe fn channel(tile: &Tile, job: &Job, depth: usize, chunk: usize) {
    let mut packed = job.packed;
    // SAFETY: as the caller says; words are at multiples of 4.
    unsafe {
        let mut sums = [*packed.cast::<i32>(); LANES];
        packed = packed.add(4);
        let (mut panel, mut left) = (tile.panel, depth);
        while left > 0 {
            let count = left.min(chunk);
            let more = products(panel, packed.add(4), count, *packed.cast::<i32>());
            sums = core::array::from_fn(|lane| sums[lane].wrapping_add(more[lane]));
            packed = packed.add(4 + count);
            panel = panel.add(count * ENTRY);
            left -= count;
        }
        let scale = *packed.cast::<Scale>();
        let mut y = job.y;
        for value in scale.apply(sums, tile.output).into_iter().take(tile.lanes) {
            y.write(value as i8);
            y = y.wrapping_add(tile.channels);
        }
    }
}

/// Arguments of the loop over channels.
#[repr(C)]
struct Job {
    packed: *const u8,
    panel: *const u8,
    panel_end: *const u8,
    end: *const u8,
    y: *mut i8,
    step: usize,
    /// Twice the output's zero point and 1.
    zero: i32,
}

/// One element of the panel and its weight.
macro_rules! element {
    () => {
        "ldm r10!, {{r0, r1, r2}}
         ldrsb r9, [r11], #1
         smlal r3, r4, r0, r9
         smlal r5, r6, r1, r9
         smlal r7, r8, r2, r9
        "
    };
}

/// The sums of two lanes from their long one, `$low` and `$high`: the first lane's in `$high`.
macro_rules! separate {
    ($low:literal, $high:literal) => {
        concat!(
            "ubfx r2, ",
            $low,
            ", #0, #23\n",
            "lsr ",
            $low,
            ", ",
            $low,
            ", #23\n",
            "orr ",
            $low,
            ", ",
            $low,
            ", ",
            $high,
            ", lsl #9\n",
            "add ",
            $high,
            ", r2, lr\n",
        )
    };
}

/// The output for the sum `$x`, in r2: see [`Scale`]. r0 is the mantissa, r1 the shift, r9 what is
/// added.
macro_rules! output {
    ($x:literal, $to:literal) => {
        concat!(
            "add r2, r9, ",
            $x,
            ", asr #31\n",
            "mov r12, #0x80000000\n",
            "lsl ",
            $x,
            ", ",
            $x,
            ", #1\n",
            "smlal r12, r2, ",
            $x,
            ", r0\n",
            "asr r2, r2, r1\n",
            "ssat r2, #8, r2\n",
            "strb r2, [r10",
            $to,
            "]\n",
        )
    };
}

impl Job {
    /// Channels until the last, or one that is rounded once or plain: then `packed` is at its
    /// beginning.
    ///
    /// # Safety
    /// As [`Tile`] says, where all lanes are to be written and channels have one chunk.
    unsafe fn run(&mut self) {
        // SAFETY: reads the packed constant and the panel, writes the outputs and the job.
        unsafe {
            asm!(
                "push {{r0, r6, r7}}",
                "ldr r11, [r0]",
                // A channel: long sums begin with the start for the second lane, and the offset for
                // the first.
                "20:",
                "str r11, [r0]",
                "ldr r10, [r0, #4]",
                "ldr r12, [r0, #8]",
                "ldm r11!, {{r0, r1}}",
                "add r3, r1, r0, lsl #23",
                "asr r4, r0, #9",
                "sub lr, r0, r1",
                "mov r5, r3",
                "mov r6, r4",
                "mov r7, r3",
                "mov r8, r4",
                "30:",
                element!(),
                element!(),
                element!(),
                element!(),
                "cmp r10, r12",
                "bne 30b",
                "ldm r11!, {{r0, r1}}",
                "cmp r1, #255",
                "bhi 50f",
                separate!("r3", "r4"),
                separate!("r5", "r6"),
                separate!("r7", "r8"),
                "ldr r12, [sp]",
                "add r12, r12, #16",
                "ldm r12, {{r10, lr}}",
                "ldr r9, [r12, #8]",
                "lsl r9, r9, r1",
                "asr r9, r9, #1",
                "add r2, r10, #1",
                "str r2, [r12]",
                output!("r4", ""),
                output!("r6", ", lr"),
                output!("r8", ", lr, lsl #1"),
                output!("r5", ", lr, lsl #2"),
                "add r10, r10, lr",
                output!("r3", ", lr, lsl #1"),
                output!("r7", ", lr, lsl #2"),
                "ldr r0, [sp]",
                "ldr r1, [r0, #12]",
                "cmp r11, r1",
                "bne 20b",
                "str r11, [r0]",
                "50:",
                "pop {{r0, r6, r7}}",
                inout("r0") &raw mut *self => _,
                out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("r12") _, out("lr") _,
            );
        }
    }
}

/// The sums of products of each lane.
///
/// # Safety
/// There are `count` entries and weights, a multiple of [`UNROLL`] and not 0.
#[inline(always)]
unsafe fn products(
    panel: *const u8,
    weights: *const u8,
    count: usize,
    offset: i32,
) -> [i32; LANES] {
    let (mut l0, mut h0, mut l1, mut h1, mut l2, mut h2);
    // SAFETY: reads the entries and weights.
    unsafe {
        asm!(
            "20:",
            ".rept 4",
            "ldm {x}!, {{r0, r1, r2}}",
            "ldrsb {w}, [{weights}], #1",
            "smlal {l0}, {h0}, r0, {w}",
            "smlal {l1}, {h1}, r1, {w}",
            "smlal {l2}, {h2}, r2, {w}",
            ".endr",
            "cmp {x}, {end}",
            "bne 20b",
            x = inout(reg) panel => _,
            weights = inout(reg) weights => _,
            end = in(reg) panel.add(count * ENTRY),
            w = out(reg) _,
            l0 = inout(reg) offset => l0,
            h0 = inout(reg) 0 => h0,
            l1 = inout(reg) offset => l1,
            h1 = inout(reg) 0 => h1,
            l2 = inout(reg) offset => l2,
            h2 = inout(reg) 0 => h2,
            out("r0") _,
            out("r1") _,
            out("r2") _,
            options(nostack, readonly),
        );
    }
    let low = |l: u32| (l & ((1 << FIELD) - 1)) as i32 - offset;
    let high = |l: u32, h: u32| ((l >> FIELD) | (h << (32 - FIELD))) as i32;
    [low(l0), low(l1), low(l2), high(l0, h0), high(l1, h1), high(l2, h2)]
}
