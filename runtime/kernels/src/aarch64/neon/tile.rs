//! Products with SMULL: two products of bytes fit 16 bits, unless both weights are -128, and are
//! added pairwise to 32 bits by SADALP. Three instructions for 16 products, four with `WIDE`.

use crate::aarch64::gemm::{Segments, Tile};
use core::arch::aarch64::*;

/// Tiles of `CHANNELS` channels.
#[derive(Clone, Copy)]
pub(crate) struct Widening<const CHANNELS: usize, const WIDE: bool>;

impl<const CHANNELS: usize, const WIDE: bool> Tile for Widening<CHANNELS, WIDE> {
    const CHANNELS: usize = CHANNELS;

    #[inline(always)]
    unsafe fn products<const PX: usize, const N: usize>(
        x: [*const i8; PX],
        segments: Segments,
        numbers: *const i32,
    ) -> [[int32x4_t; N]; PX] {
        // SAFETY: the caller's: units of weights follow the tile's numbers in the order of use.
        unsafe {
            let mut w = numbers.add(12 * N).cast::<i8>();
            let mut sums = [[[vdupq_n_s32(0); 4]; N]; PX];
            let units = segments.bytes.div_ceil(8);
            for segment in 0..segments.count {
                let mut at = x;
                if segments.count > 1 {
                    let offset = segments.offsets.add(segment).read() as usize;
                    at = x.map(|x| x.add(offset));
                }
                if units & 1 != 0 {
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
                for _ in 0..units / 2 {
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
}
