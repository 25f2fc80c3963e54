//! Products with SDOT: four elements of one window, a lane of its vector, times four of each of four
//! channels.

use super::block;
use crate::aarch64::conv::{Job, Rows};
use crate::aarch64::finish::Finish;
use crate::aarch64::gemm::{self, Segments, Tile, windows};
use core::arch::aarch64::*;
use core::arch::asm;
use core::ops::Range;

/// Tiles of 16 channels.
#[derive(Clone, Copy)]
pub(crate) struct Dot;

/// `sum + w * x[LANE]`.
#[inline(always)]
unsafe fn dot<const LANE: i32>(mut sum: int32x4_t, w: int8x16_t, x: int8x16_t) -> int32x4_t {
    // SAFETY: the caller's: the processor has the instruction, which touches registers only.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {w:v}.16b, {x:v}.4b[{lane}]",
            sum = inout(vreg) sum,
            w = in(vreg) w,
            x = in(vreg) x,
            lane = const LANE,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

/// Products with lane `LANE` of the windows' vectors; gives the weights behind those used.
#[expect(clippy::needless_range_loop, reason = "one index of several nested arrays")]
#[inline(always)]
unsafe fn lane<const LANE: i32, const PX: usize, const N: usize>(
    sums: &mut [[int32x4_t; N]; PX],
    values: [int8x16_t; PX],
    w: *const i8,
) -> *const i8 {
    // SAFETY: the caller's.
    unsafe {
        for n in 0..N {
            let weights = vld1q_s8(w.add(16 * n));
            for p in 0..PX {
                sums[p][n] = dot::<LANE>(sums[p][n], weights, values[p]);
            }
        }
        w.add(16 * N)
    }
}

impl Tile for Dot {
    const RARE: bool = false;
    const CHANNELS: usize = 16;

    #[inline(always)]
    fn split(bytes: usize) -> (usize, usize) {
        let units = bytes.div_ceil(4);
        (units / 4, units % 4)
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
            let Segments { offsets, count, whole, rest } = segments;
            if PX == 4 && N == 4 {
                let at = |offset: usize| [0, 1, 2, 3].map(|p| x[p % PX].add(offset));
                let mut first = 0;
                if count > 1 {
                    first = offsets.read() as usize;
                }
                let (mut sums, mut w) = block::first(numbers, at(first), w, whole, rest);
                for segment in 1..count {
                    let offset = offsets.add(segment).read() as usize;
                    w = block::next(&mut sums, at(offset), w, whole, rest);
                }
                return core::array::from_fn(|p| core::array::from_fn(|n| sums[p & 3][n & 3]));
            }
            if PX == 1 && N == 4 && count == 1 {
                let sums = block::single(numbers, x[0], w, whole, rest);
                return [core::array::from_fn(|n| sums[n & 3]); PX];
            }
            let bias: [int32x4_t; N] = core::array::from_fn(|n| vld1q_s32(numbers.add(4 * n)));
            let mut sums = [bias; PX];
            for segment in 0..count {
                let mut at = x;
                if count > 1 {
                    let offset = offsets.add(segment).read() as usize;
                    at = x.map(|x| x.add(offset));
                }
                for _ in 0..whole {
                    let values = at.map(|x| vld1q_s8(x));
                    w = lane::<0, PX, N>(&mut sums, values, w);
                    w = lane::<1, PX, N>(&mut sums, values, w);
                    w = lane::<2, PX, N>(&mut sums, values, w);
                    w = lane::<3, PX, N>(&mut sums, values, w);
                    at = at.map(|x| x.add(16));
                }
                if rest == 0 {
                    continue;
                }
                let values = at.map(|x| vld1q_s8(x));
                w = lane::<0, PX, N>(&mut sums, values, w);
                if rest > 1 {
                    w = lane::<1, PX, N>(&mut sums, values, w);
                }
                if rest > 2 {
                    w = lane::<2, PX, N>(&mut sums, values, w);
                }
            }
            sums
        }
    }

    unsafe fn rows<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows) {
        #[target_feature(enable = "dotprod")]
        unsafe fn run<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows) {
            // SAFETY: the caller's.
            unsafe { job.rows::<Dot>(pixels, rows) }
        }
        // SAFETY: the caller's.
        unsafe { run(job, pixels, rows) }
    }

    unsafe fn row<F: Finish>(matrix: &gemm::Matrix, finish: F, x: *const i8, y: *mut i8) {
        #[target_feature(enable = "dotprod")]
        unsafe fn run<F: Finish>(m: &gemm::Matrix, finish: F, x: *const i8, y: *mut i8) {
            // SAFETY: the caller's.
            unsafe { windows::<Dot, F, 1>(m, finish, [x], [y]) }
        }
        // SAFETY: the caller's.
        unsafe { run(matrix, finish, x, y) }
    }
}
