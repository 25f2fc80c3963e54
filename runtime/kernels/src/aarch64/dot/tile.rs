//! Products with SDOT: four elements of one window, a lane of its vector, times four of each of four
//! channels.

use crate::aarch64::gemm::{Segments, Tile};
use core::arch::aarch64::*;
use core::arch::asm;

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
    const CHANNELS: usize = 16;

    #[inline(always)]
    unsafe fn products<const PX: usize, const N: usize>(
        x: [*const i8; PX],
        segments: Segments,
        numbers: *const i32,
    ) -> [[int32x4_t; N]; PX] {
        // SAFETY: the caller's: units of weights follow the tile's numbers in the order of use.
        unsafe {
            let mut w = numbers.add(12 * N).cast::<i8>();
            let bias: [int32x4_t; N] = core::array::from_fn(|n| vld1q_s32(numbers.add(4 * n)));
            let mut sums = [bias; PX];
            let units = segments.bytes.div_ceil(4);
            for segment in 0..segments.count {
                let mut at = x;
                if segments.count > 1 {
                    let offset = segments.offsets.add(segment).read() as usize;
                    at = x.map(|x| x.add(offset));
                }
                for _ in 0..units / 4 {
                    let values = at.map(|x| vld1q_s8(x));
                    w = lane::<0, PX, N>(&mut sums, values, w);
                    w = lane::<1, PX, N>(&mut sums, values, w);
                    w = lane::<2, PX, N>(&mut sums, values, w);
                    w = lane::<3, PX, N>(&mut sums, values, w);
                    at = at.map(|x| x.add(16));
                }
                if units & 3 != 0 {
                    let values = at.map(|x| vld1q_s8(x));
                    w = lane::<0, PX, N>(&mut sums, values, w);
                    if units & 3 > 1 {
                        w = lane::<1, PX, N>(&mut sums, values, w);
                    }
                    if units & 3 > 2 {
                        w = lane::<2, PX, N>(&mut sums, values, w);
                    }
                }
            }
            sums
        }
    }
}
