//! Convolution: 6 pixels, one output channel after the other.
//!
//! A word of the panel is `x1 * 2^23 + x0` of two pixels. A weight times it, added up in 64 bits, is
//! both sums, as long as that of `x0` fits 23 bits: an offset makes it positive.

use super::layout::{self, ENTRY, FIELD, HEAD, LANES, UNROLL};
use super::scale::Scale;
use crate::Part;
use crate::packed::Conv;
use crate::word::conv::{Gemm, Sources, Tile, conv};
use crate::word::layout::up;
use core::arch::asm;

/// Chunks as long as the form says.
struct Armv7m<const FORM: u8>;

/// A part of a packed convolution.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe {
        match call.form {
            0 => conv::<Armv7m<0>>(call, part),
            _ => conv::<Armv7m<1>>(call, part),
        }
    }
}

impl<const FORM: u8> Gemm for Armv7m<FORM> {
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
        unsafe { outputs(tile, layout::chunk(FORM, up(tile.depth, UNROLL))) }
    }
}

/// All output channels.
///
/// # Safety
/// As [`Tile`] says, with chunks of this length.
#[inline(never)]
unsafe fn outputs(tile: &Tile, chunk: usize) {
    let depth = up(tile.depth, UNROLL);
    let mut packed = tile.packed;
    let mut y = tile.y;
    for _ in 0..tile.channels {
        // SAFETY: as the caller says; words are at multiples of 4.
        unsafe {
            let start = *packed.cast::<i32>();
            let scale = *packed.add(4).cast::<Scale>();
            packed = packed.add(HEAD);
            let mut sums = [start; LANES];
            let (mut panel, mut left) = (tile.panel, depth);
            while left > 0 {
                let count = left.min(chunk);
                let offset = *packed.cast::<i32>();
                let more = products(panel, packed.add(4), count, offset);
                sums = core::array::from_fn(|lane| sums[lane].wrapping_add(more[lane]));
                packed = packed.add(4 + count);
                panel = panel.add(count * ENTRY);
                left -= count;
            }
            let mut to = y;
            if tile.lanes == LANES {
                for y in scale.apply(sums, tile.output) {
                    to.write(y as i8);
                    to = to.add(tile.channels);
                }
            } else {
                for y in scale.apply(sums, tile.output).into_iter().take(tile.lanes) {
                    to.write(y as i8);
                    to = to.wrapping_add(tile.channels);
                }
            }
            y = y.wrapping_add(1);
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
    macro_rules! element {
        () => {
            "ldm {x}!, {{r0, r1, r2}}
             ldrsb {w}, [{weights}], #1
             smlal {l0}, {h0}, r0, {w}
             smlal {l1}, {h1}, r1, {w}
             smlal {l2}, {h2}, r2, {w}"
        };
    }
    // SAFETY: reads the entries and weights.
    unsafe {
        asm!(
            "20:",
            element!(),
            element!(),
            element!(),
            element!(),
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
