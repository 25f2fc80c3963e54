//! Products of 16-bit activations: SMLAL by lane, four channels to a vector.

use crate::packed::{Wide, WideForm};
use crate::panel::walk::{Panel, Tile};
use crate::panel::wide::{self, Depthwise, Machine, Sums};
use crate::scalar::s16::DepthwiseS16;
use crate::{Clamp, Dst, Part, Src};
use core::arch::aarch64::*;

/// Vectors of four.
struct Neon;

/// The weights of `N` vectors of channels, of which there are at most four.
#[inline(always)]
unsafe fn weights<const N: usize>(w: *const i8) -> [int16x8_t; 2] {
    // SAFETY: the caller's: `4 * N` bytes can be read.
    unsafe {
        let four = |at: usize| {
            let word = w.add(at).cast::<u32>().read_unaligned();
            vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(word)))
        };
        match N {
            4 => {
                let bytes = vld1q_s8(w);
                [vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes)]
            }
            3 => [vmovl_s8(vld1_s8(w)), four(8)],
            2 => [vmovl_s8(vld1_s8(w)); 2],
            _ => [four(0); 2],
        }
    }
}

/// Adds the products of lane `LANE` of each pixel's vector.
#[inline(always)]
unsafe fn lane<const N: usize, const P: usize, const LANE: i32>(
    sums: &mut [[int32x4_t; N]; P],
    values: &[int16x8_t; P],
    w: *const i8,
) {
    // SAFETY: the caller's.
    unsafe {
        let weights = weights::<N>(w);
        for (sums, &value) in sums.iter_mut().zip(values) {
            for (n, sum) in sums.iter_mut().enumerate() {
                let pair = weights[(n / 2) & 1];
                *sum = if n % 2 == 0 {
                    vmlal_laneq_s16::<LANE>(*sum, vget_low_s16(pair), value)
                } else {
                    vmlal_high_laneq_s16::<LANE>(*sum, pair, value)
                };
            }
        }
    }
}

impl Sums for int32x4_t {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vdupq_n_s32(0) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut i32) {
        // SAFETY: the caller's.
        unsafe { vst1q_s32(to, self) }
    }

    #[inline(always)]
    unsafe fn products<const N: usize, const P: usize>(
        sums: &mut [[Self; N]; P],
        x: [*const i16; P],
        w: *const i8,
        len: usize,
    ) {
        let (mut x, mut w) = (x, w);
        let step = 4 * N;
        for _ in 0..len / 8 {
            // SAFETY: the caller's.
            unsafe {
                let values = x.map(|x| vld1q_s16(x));
                lane::<N, P, 0>(sums, &values, w);
                lane::<N, P, 1>(sums, &values, w.wrapping_add(step));
                lane::<N, P, 2>(sums, &values, w.wrapping_add(2 * step));
                lane::<N, P, 3>(sums, &values, w.wrapping_add(3 * step));
                lane::<N, P, 4>(sums, &values, w.wrapping_add(4 * step));
                lane::<N, P, 5>(sums, &values, w.wrapping_add(5 * step));
                lane::<N, P, 6>(sums, &values, w.wrapping_add(6 * step));
                lane::<N, P, 7>(sums, &values, w.wrapping_add(7 * step));
            }
            w = w.wrapping_add(8 * step);
            x = x.map(|x| x.wrapping_add(8));
        }
        for i in 0..len % 8 {
            // SAFETY: the caller's.
            unsafe {
                let values = x.map(|x| vld1q_dup_s16(x.wrapping_add(i)));
                lane::<N, P, 0>(sums, &values, w);
            }
            w = w.wrapping_add(step);
        }
    }

    #[inline(always)]
    unsafe fn channels<const N: usize>(sums: &mut [Self; N], x: *const i16, w: *const i8) {
        for (i, two) in sums.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            // SAFETY: the caller's.
            unsafe {
                let x = vld1q_s16(x.wrapping_add(8 * i));
                let w = vmovl_s8(vld1_s8(w.wrapping_add(8 * i)));
                two[0] = vmlal_s16(two[0], vget_low_s16(x), vget_low_s16(w));
                two[1] = vmlal_high_s16(two[1], x, w);
            }
        }
    }
}

impl Machine for Neon {
    const PIXELS: usize = 4;

    #[inline(always)]
    unsafe fn tile<const P: usize>(
        panel: &Panel,
        tile: &Tile<i16, i16>,
        form: WideForm,
        bounds: Clamp<i32>,
    ) {
        // SAFETY: the caller's.
        unsafe {
            match panel.width {
                16 => wide::tile::<int32x4_t, 4, P>(panel, tile, form, bounds),
                12 => wide::tile::<int32x4_t, 3, P>(panel, tile, form, bounds),
                8 => wide::tile::<int32x4_t, 2, P>(panel, tile, form, bounds),
                _ => wide::tile::<int32x4_t, 1, P>(panel, tile, form, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            let next = job.channels::<int32x4_t, 4>(0, false);
            job.channels::<int32x4_t, 2>(next, true);
        }
    }
}

/// See [`crate::scalar::s16::depthwise_s16`]; `None` for what has no vectors.
pub(crate) fn depthwise_s16(p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) -> Option<()> {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { wide::depthwise_s16::<Neon>(p, x, y) }
}

/// A part of a packed layer with 16-bit activations.
pub(crate) fn wide_s16(call: &Wide<'_>, part: Part) {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { wide::wide_s16::<Neon>(call, part) }
}
