//! Products with SMMLA: eight elements of two windows times eight of two channels.

use crate::aarch64::conv::{Job, Rows};
use crate::aarch64::finish::Finish;
use crate::aarch64::gemm::{self, Segments, Tile, windows};
use core::arch::aarch64::*;
use core::arch::asm;
use core::ops::Range;

/// Tiles of 16 channels.
#[derive(Clone, Copy)]
pub(crate) struct Matrix;

/// The 2 x 2 `sum` plus two windows times two channels.
#[inline(always)]
unsafe fn matrix(mut sum: int32x4_t, x: int8x16_t, w: int8x16_t) -> int32x4_t {
    // SAFETY: the caller's: the processor has the instruction, which touches registers only.
    unsafe {
        asm!(
            "smmla {sum:v}.4s, {x:v}.16b, {w:v}.16b",
            sum = inout(vreg) sum,
            x = in(vreg) x,
            w = in(vreg) w,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

/// Products with eight elements: `values` has them of pairs of windows.
#[expect(clippy::needless_range_loop, reason = "one index of several nested arrays")]
#[inline(always)]
unsafe fn unit<const PX: usize, const N: usize>(
    sums: &mut [[[int32x4_t; 2]; N]; PX],
    values: [int8x16_t; PX],
    w: *const i8,
) -> *const i8 {
    // SAFETY: the caller's.
    unsafe {
        for n in 0..N {
            for pair in 0..2 {
                let weights = vld1q_s8(w.add(32 * n + 16 * pair));
                for p in (0..PX).step_by(2) {
                    sums[p][n][pair] = matrix(sums[p][n][pair], values[p], weights);
                }
            }
        }
        w.add(32 * N)
    }
}

/// The lower and the upper halves of pairs of windows' vectors, at the first of each pair.
#[inline(always)]
unsafe fn pairs<const PX: usize>(x: [int8x16_t; PX]) -> [[int8x16_t; PX]; 2] {
    let other = |p: usize| if p + 1 < PX { p + 1 } else { p };
    let half = |high: bool| {
        core::array::from_fn(|p| {
            // SAFETY: every AArch64 processor has NEON.
            unsafe {
                let (a, b) = (vreinterpretq_s64_s8(x[p]), vreinterpretq_s64_s8(x[other(p)]));
                vreinterpretq_s8_s64(if high { vzip2q_s64(a, b) } else { vzip1q_s64(a, b) })
            }
        })
    };
    [half(false), half(true)]
}

impl Tile for Matrix {
    const RARE: bool = false;
    const CHANNELS: usize = 16;

    #[inline(always)]
    fn split(bytes: usize) -> (usize, usize) {
        let units = bytes.div_ceil(8);
        (units / 2, units % 2)
    }

    #[inline(always)]
    unsafe fn products<const PX: usize, const N: usize>(
        x: [*const i8; PX],
        segments: Segments,
        numbers: *const i32,
    ) -> [[int32x4_t; N]; PX] {
        // SAFETY: the caller's: units of weights follow the tile's numbers in the order of use.
        unsafe {
            let mut w = numbers.add(12 * N).cast::<i8>();
            let bias = |n: usize, pair: usize| {
                vreinterpretq_s32_s64(vld1q_dup_s64(numbers.add(4 * n + 2 * pair).cast()))
            };
            let biases: [[int32x4_t; 2]; N] = core::array::from_fn(|n| [bias(n, 0), bias(n, 1)]);
            let mut sums = [biases; PX];
            for segment in 0..segments.count {
                let mut at = x;
                if segments.count > 1 {
                    let offset = segments.offsets.add(segment).read() as usize;
                    at = x.map(|x| x.add(offset));
                }
                for _ in 0..segments.whole {
                    let [low, high] = pairs(at.map(|x| vld1q_s8(x)));
                    w = unit::<PX, N>(&mut sums, low, w);
                    w = unit::<PX, N>(&mut sums, high, w);
                    at = at.map(|x| x.add(16));
                }
                if segments.rest != 0 {
                    let [low, _] = pairs(at.map(|x| vld1q_s8(x)));
                    w = unit::<PX, N>(&mut sums, low, w);
                }
            }
            let mut total = [[vdupq_n_s32(0); N]; PX];
            for p in 0..PX {
                for n in 0..N {
                    let [a, b] = sums[p & !1][n].map(|v| vreinterpretq_s64_s32(v));
                    let row = if p & 1 == 0 { vzip1q_s64(a, b) } else { vzip2q_s64(a, b) };
                    total[p][n] = vreinterpretq_s32_s64(row);
                }
            }
            total
        }
    }

    unsafe fn rows<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows) {
        #[target_feature(enable = "dotprod,i8mm")]
        unsafe fn run<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows) {
            // SAFETY: the caller's.
            unsafe { job.rows::<Matrix>(pixels, rows) }
        }
        // SAFETY: the caller's.
        unsafe { run(job, pixels, rows) }
    }

    unsafe fn row<F: Finish>(matrix: &gemm::Matrix, finish: F, x: *const i8, y: *mut i8) {
        #[target_feature(enable = "dotprod,i8mm")]
        unsafe fn run<F: Finish>(m: &gemm::Matrix, finish: F, x: *const i8, y: *mut i8) {
            // SAFETY: the caller's.
            unsafe { windows::<Matrix, F, 1>(m, finish, [x], [y]) }
        }
        // SAFETY: the caller's.
        unsafe { run(matrix, finish, x, y) }
    }
}
