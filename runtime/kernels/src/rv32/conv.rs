//! Convolution: 4 pixels by 4 channels.

use super::layout::{BLOCK, HEAD, LANES};
use super::value;
use crate::Part;
use crate::packed::Conv;
use crate::word::conv::{Gemm, Sources, Tile, conv};
use crate::word::record::{Output, Record};

struct Rv32;

/// A part of a packed convolution.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { conv::<Rv32>(call, part) }
}

impl Gemm for Rv32 {
    const LANES: usize = LANES;
    const ENTRY: usize = LANES;
    const HEAD: usize = 0;

    #[inline(always)]
    unsafe fn interleave(sources: &Sources, count: usize, _head: *mut u8, to: *mut u8) {
        let [mut a, mut b, mut c, mut d, ..] = *sources;
        let mut to = to.cast::<i8>();
        for _ in 0..count {
            // SAFETY: as the caller says.
            unsafe {
                let values = [*a, *b, *c, *d];
                to.cast::<[i8; LANES]>().write(values);
                (a, b, c, d) = (a.add(1), b.add(1), c.add(1), d.add(1));
                to = to.add(LANES);
            }
        }
    }

    #[inline(always)]
    unsafe fn outputs(tile: &Tile) {
        let mut packed = tile.packed;
        let mut y = tile.y;
        let mut left = tile.channels;
        while left > 0 {
            // SAFETY: each block has its numbers and weights, words at multiples of 4; `left`
            // outputs of each lane are to be written.
            unsafe {
                let weights = packed.add(BLOCK * HEAD);
                let sums = sums(packed.cast(), weights.cast(), tile.panel.cast(), tile.depth);
                let mut head = packed;
                for (channel, sums) in sums.iter().enumerate() {
                    if channel >= left {
                        break;
                    }
                    let record = &*head.add(4).cast::<Record>();
                    store(record, sums, y.add(channel), tile.channels, tile.lanes, tile.output);
                    head = head.add(HEAD);
                }
                packed = weights.add(BLOCK * tile.depth);
                y = y.wrapping_add(BLOCK);
            }
            left = left.saturating_sub(BLOCK);
        }
    }
}

/// The sums of a block: `[channel][lane]`.
///
/// # Safety
/// There are `BLOCK` heads, `depth` times `BLOCK` weights and `depth` times `LANES` inputs.
#[inline(always)]
unsafe fn sums(
    heads: *const i32,
    weights: *const i8,
    panel: *const i8,
    depth: usize,
) -> [[i32; LANES]; BLOCK] {
    // SAFETY: as the caller says.
    unsafe {
        let start = |channel: usize| [*heads.add(channel * (HEAD / 4)); LANES];
        let mut sums = [start(0), start(1), start(2), start(3)];
        let (mut x, mut w) = (panel, weights);
        let end = x.add(depth * LANES);
        while x != end {
            let inputs = [*x, *x.add(1), *x.add(2), *x.add(3)].map(i32::from);
            for (channel, sums) in sums.iter_mut().enumerate() {
                let weight = i32::from(*w.add(channel));
                for (sum, input) in sums.iter_mut().zip(inputs) {
                    *sum = sum.wrapping_add(weight.wrapping_mul(input));
                }
            }
            (x, w) = (x.add(LANES), w.add(BLOCK));
        }
        sums
    }
}

/// Writes a channel's outputs.
///
/// # Safety
/// `lanes` outputs, at most 4, that are `step` apart are writable.
#[inline(always)]
pub(crate) unsafe fn store(
    record: &Record,
    sums: &[i32; 4],
    y: *mut i8,
    step: usize,
    lanes: usize,
    output: Output,
) {
    let mut to = y;
    for (lane, &sum) in sums.iter().enumerate() {
        if lane >= lanes {
            break;
        }
        // SAFETY: as the caller says.
        unsafe { to.write(record.apply(sum, output, value) as i8) };
        to = to.wrapping_add(step);
    }
}
