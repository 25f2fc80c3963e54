//! Convolution: 4 pixels by 4 channels.

use super::layout::{BLOCK, LANES, head};
use super::{POINT, value};
use crate::Part;
use crate::packed::Conv;
use crate::word::conv::{Gemm, Sources, Tile, conv};
use crate::word::record::{self, Output, Record};
use core::arch::asm;

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
        let mut to = to.cast::<[i8; LANES]>();
        let mut left = count;
        while left >= 4 {
            for k in 0..4 {
                // SAFETY: as the caller says.
                unsafe { to.add(k).write([*a.add(k), *b.add(k), *c.add(k), *d.add(k)]) };
            }
            to = to.wrapping_add(4);
            [a, b, c, d] = [a, b, c, d].map(|source| source.wrapping_add(4));
            left -= 4;
        }
        for k in 0..left {
            // SAFETY: as the caller says.
            unsafe { to.add(k).write([*a.add(k), *b.add(k), *c.add(k), *d.add(k)]) };
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
                let weights = packed.add(BLOCK * head(tile.form));
                let [a, b, c, d] =
                    sums(packed.cast(), weights.cast(), tile.panel.cast(), tile.depth);
                let (form, len) = (tile.form, record::len(tile.form));
                let mut record = packed.add(4 * BLOCK);
                if left >= BLOCK && tile.lanes == LANES {
                    let mut channel = |sums, y| {
                        store_four(form, record, sums, y, tile.channels, tile.output);
                        record = record.add(len);
                    };
                    channel(a, y);
                    channel(b, y.add(1));
                    channel(c, y.add(2));
                    channel(d, y.add(3));
                } else {
                    for (channel, sums) in [a, b, c, d].iter().enumerate().take(left) {
                        let y = y.add(channel);
                        store(form, record, sums, y, tile.channels, tile.lanes, tile.output);
                        record = record.add(len);
                    }
                }
                packed = weights.add(BLOCK * tile.depth);
                y = y.wrapping_add(BLOCK);
            }
            left = left.saturating_sub(BLOCK);
        }
    }
}

/// The instructions for one element of the depth, number `$k` from the two pointers: 4 inputs, then
/// for each channel a weight and 4 products.
#[rustfmt::skip]
macro_rules! element {
    ($k:literal) => {
        concat!(
            "lb {x0}, 4*", $k, "({x})\n",
            "lb {x1}, 4*", $k, "+1({x})\n",
            "lb {x2}, 4*", $k, "+2({x})\n",
            "lb {x3}, 4*", $k, "+3({x})\n",
            element!($k, "0", "{a0}", "{a1}", "{a2}", "{a3}"),
            element!($k, "1", "{b0}", "{b1}", "{b2}", "{b3}"),
            element!($k, "2", "{c0}", "{c1}", "{c2}", "{c3}"),
            element!($k, "3", "{d0}", "{d1}", "{d2}", "{d3}"),
        )
    };
    ($k:literal, $channel:literal, $s0:literal, $s1:literal, $s2:literal, $s3:literal) => {
        concat!(
            "lb {w}, 4*", $k, "+", $channel, "({weights})\n",
            "mul {t}, {w}, {x0}\n",
            "add ", $s0, ", ", $s0, ", {t}\n",
            "mul {t}, {w}, {x1}\n",
            "add ", $s1, ", ", $s1, ", {t}\n",
            "mul {t}, {w}, {x2}\n",
            "add ", $s2, ", ", $s2, ", {t}\n",
            "mul {t}, {w}, {x3}\n",
            "add ", $s3, ", ", $s3, ", {t}\n",
        )
    };
}

/// The sums of a block: `[channel][lane]`.
///
/// # Safety There are `BLOCK` starts, `depth` times `BLOCK` weights and `depth` times `LANES`
/// inputs; the depth is not 0.
#[inline(always)]
unsafe fn sums(
    starts: *const i32,
    weights: *const i8,
    panel: *const i8,
    depth: usize,
) -> [[i32; LANES]; BLOCK] {
    // The loop takes 4 elements; its first pass begins inside, so that the last is whole.
    let skip = depth.wrapping_neg() & 3;
    let start = |channel: usize| {
        // SAFETY: as the caller says.
        unsafe { *starts.add(channel) }
    };
    let [[mut a0, mut a1, mut a2, mut a3], [mut b0, mut b1, mut b2, mut b3]] =
        [[start(0); LANES], [start(1); LANES]];
    let [[mut c0, mut c1, mut c2, mut c3], [mut d0, mut d1, mut d2, mut d3]] =
        [[start(2); LANES], [start(3); LANES]];
    // SAFETY: reads `depth` times 4 bytes behind each pointer, which are moved back by what the
    // first pass leaves out. No stack, no writes.
    unsafe {
        asm!(
            "beqz {w}, 20f",
            "addi {t}, {w}, -2",
            "bltz {t}, 21f",
            "beqz {t}, 22f",
            "j 23f",
            "20:",
            element!("0"),
            "21:",
            element!("1"),
            "22:",
            element!("2"),
            "23:",
            element!("3"),
            "addi {x}, {x}, 16",
            "addi {weights}, {weights}, 16",
            "bne {x}, {end}, 20b",
            x = inout(reg) panel.wrapping_sub(LANES * skip) => _,
            weights = inout(reg) weights.wrapping_sub(BLOCK * skip) => _,
            end = in(reg) panel.wrapping_add(LANES * depth),
            w = inout(reg) skip => _,
            t = out(reg) _, x0 = out(reg) _, x1 = out(reg) _, x2 = out(reg) _, x3 = out(reg) _,
            a0 = inout(reg) a0, a1 = inout(reg) a1, a2 = inout(reg) a2, a3 = inout(reg) a3,
            b0 = inout(reg) b0, b1 = inout(reg) b1, b2 = inout(reg) b2, b3 = inout(reg) b3,
            c0 = inout(reg) c0, c1 = inout(reg) c1, c2 = inout(reg) c2, c3 = inout(reg) c3,
            d0 = inout(reg) d0, d1 = inout(reg) d1, d2 = inout(reg) d2, d3 = inout(reg) d3,
            options(nostack, readonly),
        );
    }
    [[a0, a1, a2, a3], [b0, b1, b2, b3], [c0, c1, c2, c3], [d0, d1, d2, d3]]
}

/// One output of [`store_four`]; the numbers are labels of its own.
#[rustfmt::skip]
macro_rules! output {
    ($x:literal, $negative:literal, $scaled:literal, $done:literal) => {
        concat!(
            "bltz ", $x, ", ", $negative, "f\n",
            "bge ", $x, ", {high}, ", $negative, "1f\n",
            "sll ", $x, ", ", $x, ", {high}\n",
            "mulh ", $x, ", ", $x, ", {a}\n",
            "add ", $x, ", ", $x, ", {above}\n",
            $scaled, ":\n",
            "srai ", $x, ", ", $x, ", 20\n",
            $done, ":\n",
            "sb ", $x, ", 0({y})\n",
            "add {y}, {y}, {step}\n",
        )
    };
}

/// What [`output`] jumps to.
#[rustfmt::skip]
macro_rules! output_ends {
    ($x:literal, $negative:literal, $scaled:literal, $done:literal) => {
        concat!(
            $negative, ":\n",
            "bnez {short}, ", $negative, "2f\n",
            "lw {t}, 12({record})\n",
            "bge {t}, ", $x, ", ", $negative, "2f\n",
            "lw {t}, 16({record})\n",
            "sll ", $x, ", ", $x, ", {high}\n",
            "mulh ", $x, ", ", $x, ", {a}\n",
            "add ", $x, ", ", $x, ", {t}\n",
            "j ", $scaled, "b\n",
            $negative, "1:\n",
            "mv ", $x, ", {max}\n",
            "j ", $done, "b\n",
            $negative, "2:\n",
            "mv ", $x, ", {min}\n",
            "j ", $done, "b\n",
        )
    };
}

/// Writes a channel's outputs of all lanes.
///
/// # Safety
/// A record of the form, and four outputs that are `step` apart.
#[inline(always)]
pub(crate) unsafe fn store_four(
    form: u8,
    record: *const u8,
    sums: [i32; 4],
    y: *mut i8,
    step: usize,
    output: Output,
) {
    // SAFETY: as the caller says.
    let [high, a, above] = unsafe { *record.cast::<[i32; 3]>() };
    if high < 0 {
        // SAFETY: as the caller says.
        return unsafe { store(form, record, &sums, y, step, 4, output) };
    }
    let [s0, s1, s2, s3] = sums;
    // SAFETY: reads the record, writes the outputs.
    unsafe {
        asm!(
            output!("{s0}", "30", "20", "21"),
            output!("{s1}", "31", "22", "23"),
            output!("{s2}", "32", "24", "25"),
            output!("{s3}", "33", "26", "27"),
            "j 40f",
            output_ends!("{s0}", "30", "20", "21"),
            output_ends!("{s1}", "31", "22", "23"),
            output_ends!("{s2}", "32", "24", "25"),
            output_ends!("{s3}", "33", "26", "27"),
            "40:",
            s0 = inout(reg) s0 => _,
            s1 = inout(reg) s1 => _,
            s2 = inout(reg) s2 => _,
            s3 = inout(reg) s3 => _,
            y = inout(reg) y => _,
            t = out(reg) _,
            step = in(reg) step,
            record = in(reg) record,
            short = in(reg) i32::from(record::is_short(form)),
            high = in(reg) high,
            a = in(reg) a,
            above = in(reg) above,
            min = in(reg) output.clamp.min,
            max = in(reg) output.clamp.max,
            options(nostack),
        );
    }
}

/// Writes a channel's outputs.
///
/// # Safety
/// A record of the form; `lanes` outputs, at most 4, that are `step` apart.
#[inline(never)]
pub(crate) unsafe fn store(
    form: u8,
    record: *const u8,
    sums: &[i32; 4],
    y: *mut i8,
    step: usize,
    lanes: usize,
    output: Output,
) {
    let mut to = y;
    for &sum in sums.iter().take(lanes) {
        // SAFETY: as the caller says.
        unsafe { to.write(Record::read(record, form).apply::<POINT>(sum, output, value) as i8) };
        to = to.wrapping_add(step);
    }
}
