//! Depthwise convolution: 4 outputs side by side.

use super::conv::{store, store_four};
use super::layout::{TAPS, head};
use crate::Part;
use crate::packed::Depthwise;
use crate::word::depthwise::{Band, Planar, Tap, depthwise};
use crate::word::plane::SIDE;
use core::arch::asm;
use core::ops::Range;

struct Rv32;

/// A part of a packed depthwise convolution.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    // SAFETY: the call is of this family.
    unsafe { depthwise::<Rv32>(call, part) }
}

impl Planar for Rv32 {
    type Element = i8;
    const TAPS: usize = TAPS;

    fn head(form: u8) -> usize {
        head(form)
    }

    fn element(value: i8) -> i8 {
        value
    }

    #[inline(always)]
    unsafe fn gather(from: *const i8, step: usize, count: usize, to: *mut i8) {
        let (mut from, mut to) = (from, to);
        // SAFETY: as the caller says.
        unsafe {
            for _ in 0..count / 4 {
                for index in 0..4 {
                    to.add(index).write(*from);
                    from = from.wrapping_add(step);
                }
                to = to.add(4);
            }
            for _ in 0..count % 4 {
                to.write(*from);
                (from, to) = (from.wrapping_add(step), to.add(1));
            }
        }
    }

    unsafe fn outputs(band: &Band<'_>) {
        // SAFETY: as the caller says.
        unsafe {
            if band.is_dense && band.kernel == [3, 3] {
                rows(band, Nine::new(band.taps));
            } else {
                rows(band, Taps { taps: band.taps.as_ptr_range() });
            }
        }
    }
}

/// The way to compute four outputs.
trait Kernel {
    /// The sums of the four outputs from this place in the plane on.
    ///
    /// # Safety
    /// As [`Band`] says.
    unsafe fn sums(&self, start: i32, x: *const u8) -> [i32; SIDE];
}

/// All rows.
///
/// # Safety
/// As [`Band`] says.
#[inline(always)]
unsafe fn rows(band: &Band<'_>, kernel: impl Kernel) {
    // SAFETY: a channel's numbers are at a multiple of 4.
    let start = unsafe { *band.head.cast::<i32>() };
    let record = band.head.wrapping_add(4);
    let (mut plane, mut line) = (band.plane, band.y);
    for _ in 0..band.rows {
        let (mut left, mut y, mut x) = (band.count, line, plane);
        // SAFETY: the plane has the inputs of `SIDE` outputs from here, whether they are outputs or
        // not; `left` are.
        unsafe {
            while left >= SIDE {
                let sums = kernel.sums(start, x);
                store_four(band.form, record, sums, y, band.step, band.output);
                left -= SIDE;
                y = y.wrapping_add(SIDE * band.step);
                x = x.wrapping_add(SIDE);
            }
            if left > 0 {
                let sums = kernel.sums(start, x);
                store(band.form, record, &sums, y, band.step, left, band.output);
            }
        }
        plane = plane.wrapping_add(band.row);
        line = line.wrapping_add(band.row_step);
    }
}

/// Any taps.
struct Taps {
    taps: Range<*const Tap>,
}

/// Three taps.
macro_rules! tap {
    ($tap:literal) => {
        concat!(
            "lw {at}, 8*",
            $tap,
            "({tap})\n",
            "lw {w}, 8*",
            $tap,
            "+4({tap})\n",
            "add {at}, {at}, {x}\n",
            tap!("0", "{s0}"),
            tap!("1", "{s1}"),
            tap!("2", "{s2}"),
            tap!("3", "{s3}"),
        )
    };
    ($side:literal, $sum:literal) => {
        concat!(
            "lb {t}, ",
            $side,
            "({at})\n",
            "mul {t}, {t}, {w}\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", {t}\n",
        )
    };
}

impl Kernel for Taps {
    #[inline(always)]
    unsafe fn sums(&self, start: i32, x: *const u8) -> [i32; SIDE] {
        let [mut s0, mut s1, mut s2, mut s3] = [start; SIDE];
        // SAFETY: reads the taps, a multiple of three, and the plane.
        unsafe {
            asm!(
                "20:",
                tap!("0"),
                tap!("1"),
                tap!("2"),
                "addi {tap}, {tap}, 24",
                "bne {tap}, {end}, 20b",
                tap = inout(reg) self.taps.start => _,
                end = in(reg) self.taps.end,
                x = in(reg) x,
                at = out(reg) _,
                w = out(reg) _,
                t = out(reg) _,
                s0 = inout(reg) s0,
                s1 = inout(reg) s1,
                s2 = inout(reg) s2,
                s3 = inout(reg) s3,
                options(nostack, readonly),
            );
        }
        [s0, s1, s2, s3]
    }
}

/// Three rows of three taps that are side by side.
struct Nine {
    weights: [i32; 9],
    /// Where the rows are.
    at: [usize; 3],
}

impl Nine {
    fn new(taps: &[Tap]) -> Self {
        let tap = |index: usize| taps.get(index).copied().unwrap_or_default();
        Self {
            weights: core::array::from_fn(|index| tap(index).weight),
            at: [0, 3, 6].map(|index| tap(index).at),
        }
    }
}

/// A row of [`Nine`].
macro_rules! row {
    ($row:literal, $w0:literal, $w1:literal, $w2:literal) => {
        concat!(
            "lb {x0}, 0(",
            $row,
            ")\n",
            "lb {x1}, 1(",
            $row,
            ")\n",
            "lb {x2}, 2(",
            $row,
            ")\n",
            "lb {x3}, 3(",
            $row,
            ")\n",
            "lb {x4}, 4(",
            $row,
            ")\n",
            "lb {x5}, 5(",
            $row,
            ")\n",
            row!("{s0}", "{x0}", "{x1}", "{x2}", $w0, $w1, $w2),
            row!("{s1}", "{x1}", "{x2}", "{x3}", $w0, $w1, $w2),
            row!("{s2}", "{x2}", "{x3}", "{x4}", $w0, $w1, $w2),
            row!("{s3}", "{x3}", "{x4}", "{x5}", $w0, $w1, $w2),
        )
    };
    ($s:literal, $x0:literal, $x1:literal, $x2:literal, $w0:literal, $w1:literal, $w2:literal) => {
        concat!(
            "mul {t}, ",
            $x0,
            ", ",
            $w0,
            "\n",
            "add ",
            $s,
            ", ",
            $s,
            ", {t}\n",
            "mul {t}, ",
            $x1,
            ", ",
            $w1,
            "\n",
            "add ",
            $s,
            ", ",
            $s,
            ", {t}\n",
            "mul {t}, ",
            $x2,
            ", ",
            $w2,
            "\n",
            "add ",
            $s,
            ", ",
            $s,
            ", {t}\n",
        )
    };
}

impl Kernel for Nine {
    #[inline(always)]
    unsafe fn sums(&self, start: i32, x: *const u8) -> [i32; SIDE] {
        let [mut s0, mut s1, mut s2, mut s3] = [start; SIDE];
        let [w0, w1, w2, w3, w4, w5, w6, w7, w8] = self.weights;
        let [a, b, c] = self.at.map(|at| x.wrapping_add(at));
        // SAFETY: reads the plane: 6 elements of three rows.
        unsafe {
            asm!(
                row!("{a}", "{w0}", "{w1}", "{w2}"),
                row!("{b}", "{w3}", "{w4}", "{w5}"),
                row!("{c}", "{w6}", "{w7}", "{w8}"),
                a = in(reg) a, b = in(reg) b, c = in(reg) c,
                w0 = in(reg) w0, w1 = in(reg) w1, w2 = in(reg) w2,
                w3 = in(reg) w3, w4 = in(reg) w4, w5 = in(reg) w5,
                w6 = in(reg) w6, w7 = in(reg) w7, w8 = in(reg) w8,
                x0 = out(reg) _, x1 = out(reg) _, x2 = out(reg) _,
                x3 = out(reg) _, x4 = out(reg) _, x5 = out(reg) _, t = out(reg) _,
                s0 = inout(reg) s0, s1 = inout(reg) s1, s2 = inout(reg) s2, s3 = inout(reg) s3,
                options(nostack, readonly),
            );
        }
        [s0, s1, s2, s3]
    }
}
