//! Products with SMULL: two products of bytes fit 16 bits, unless both weights are -128, and are
//! added pairwise to 32 bits by SADALP. Three instructions for 16 products, four with `WIDE`.

use super::block;
use crate::aarch64::conv::{Job, Rows};
use crate::aarch64::finish::Finish;
use crate::aarch64::gemm::{self, Segments, Tile, windows};
use core::arch::aarch64::*;
use core::ops::Range;

/// Tiles of `CHANNELS` channels.
#[derive(Clone, Copy)]
pub(crate) struct Widening<const CHANNELS: usize, const WIDE: bool>;

impl<const CHANNELS: usize, const WIDE: bool> Tile for Widening<CHANNELS, WIDE> {
    const RARE: bool = WIDE;
    const CHANNELS: usize = CHANNELS;

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
            let Segments { offsets, count, whole, rest } = segments;
            let w = numbers.add(12 * N).cast::<i8>();
            let sums = if WIDE || whole + rest == 0 {
                each::<WIDE, PX, N>(x, segments, w)
            } else if PX == 4 && N == 1 {
                let at = |offset: usize| [0, 1, 2, 3].map(|p| x[p % PX].add(offset));
                let first = if count > 1 { offsets.read() as usize } else { 0 };
                let (mut sums, mut w) = block::four_first(at(first), w, whole, rest);
                for segment in 1..count {
                    let offset = offsets.add(segment).read() as usize;
                    w = block::four_next(&mut sums, at(offset), w, whole, rest);
                }
                core::array::from_fn(|p| [sums[p & 3]; N])
            } else if PX == 1 && N == 4 && count == 1 {
                let (sums, _) = block::one(x[0], w, whole, rest);
                [core::array::from_fn(|n| sums[n & 3]); PX]
            } else {
                each::<WIDE, PX, N>(x, segments, w)
            };
            let mut total = [[vdupq_n_s32(0); N]; PX];
            for p in 0..PX {
                for n in 0..N {
                    let [a, b, c, d] = sums[p][n];
                    let sum = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
                    total[p][n] = vaddq_s32(sum, vld1q_s32(numbers.add(4 * n)));
                }
            }
            total
        }
    }

    #[inline(never)]
    unsafe fn rows<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows) {
        // SAFETY: the caller's.
        unsafe { job.rows::<Self>(pixels, rows) }
    }

    #[inline(never)]
    unsafe fn row<F: Finish>(matrix: &gemm::Matrix, finish: F, x: *const i8, y: *mut i8) {
        // SAFETY: the caller's.
        unsafe { windows::<Self, F, 1>(matrix, finish, [x], [y]) }
    }
}

/// Products one by one, for any number of windows and channels.
#[expect(clippy::needless_range_loop, reason = "one index of several nested arrays")]
#[inline(always)]
unsafe fn each<const WIDE: bool, const PX: usize, const N: usize>(
    x: [*const i8; PX],
    segments: Segments,
    w: *const i8,
) -> [[[int32x4_t; 4]; N]; PX] {
    // SAFETY: the caller's.
    unsafe {
        let mut w = w;
        let mut sums = [[[vdupq_n_s32(0); 4]; N]; PX];
        for segment in 0..segments.count {
            let mut at = x;
            if segments.count > 1 {
                let offset = segments.offsets.add(segment).read() as usize;
                at = x.map(|x| x.add(offset));
            }
            if segments.rest != 0 {
                let values = at.map(|x| vld1_s8(x));
                for n in 0..N {
                    for o in 0..4 {
                        let weights = vld1_s8(w);
                        w = w.add(8);
                        for p in 0..PX {
                            let product = vmull_s8(weights, values[p]);
                            sums[p][n][o] = vpadalq_s16(sums[p][n][o], product);
                        }
                    }
                }
                at = at.map(|x| x.add(8));
            }
            for _ in 0..segments.whole {
                let values = at.map(|x| vld1q_s8(x));
                for n in 0..N {
                    for o in 0..4 {
                        let weights = vld1q_s8(w);
                        w = w.add(16);
                        for p in 0..PX {
                            let sum = &mut sums[p][n][o];
                            let low = vmull_s8(vget_low_s8(weights), vget_low_s8(values[p]));
                            if WIDE {
                                *sum = vpadalq_s16(*sum, low);
                                let high = vmull_high_s8(weights, values[p]);
                                *sum = vpadalq_s16(*sum, high);
                            } else {
                                let both = vmlal_high_s8(low, weights, values[p]);
                                *sum = vpadalq_s16(*sum, both);
                            }
                        }
                    }
                }
                at = at.map(|x| x.add(16));
            }
        }
        sums
    }
}
