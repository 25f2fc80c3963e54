//! Products of floats: four channels to a vector, 16 sums in registers.

use crate::packed::Real;
use crate::panel::depthwise::{self, Depthwise};
use crate::panel::real::{self, Machine, Reals, bytes, weights};
use crate::panel::walk::{Panel, Tile};
use crate::scalar::depthwise::DepthwiseF32;
use crate::{Clamp, Dst, Part, Src};
use core::arch::aarch64::*;
use core::arch::asm;

/// Vectors of four.
struct Neon;

impl Reals for float32x4_t {
    const LANES: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vdupq_n_f32(0.0) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's.
        unsafe { vld1q_f32(from) }
    }

    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Self {
        // SAFETY: the caller's; the instruction touches registers only.
        unsafe {
            let halves = vld1_u16(from);
            let singles: float32x4_t;
            asm!("fcvtl {s:v}.4s, {h:v}.4h", s = out(vreg) singles, h = in(vreg) halves,
                options(pure, nomem, nostack, preserves_flags));
            singles
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vdupq_n_f32(value) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's.
        unsafe { vst1q_f32(to, self) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vaddq_f32(self, other) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe { vmulq_f32(self, other) }
    }

    #[inline(always)]
    unsafe fn clamp(self, min: Self, max: Self) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            let below = vbslq_f32(vcgtq_f32(self, max), max, self);
            vbslq_f32(vcltq_f32(self, min), min, below)
        }
    }

    #[inline(always)]
    unsafe fn products<const HALF: bool, const N: usize, const P: usize>(
        sums: &mut [[Self; N]; P],
        x: [*const f32; P],
        w: *const u8,
        len: usize,
    ) {
        let (mut x, mut w) = (x, w);
        let step = N * Self::LANES * bytes(HALF);
        for _ in 0..len / 4 {
            // SAFETY: the caller's.
            unsafe {
                let values = x.map(|x| vld1q_f32(x));
                lane::<HALF, N, P, 0>(sums, values, w);
                lane::<HALF, N, P, 1>(sums, values, w.wrapping_add(step));
                lane::<HALF, N, P, 2>(sums, values, w.wrapping_add(2 * step));
                lane::<HALF, N, P, 3>(sums, values, w.wrapping_add(3 * step));
            }
            w = w.wrapping_add(4 * step);
            x = x.map(|x| x.wrapping_add(4));
        }
        for i in 0..len % 4 {
            // SAFETY: the caller's.
            unsafe {
                let values = x.map(|x| vld1q_dup_f32(x.wrapping_add(i)));
                lane::<HALF, N, P, 0>(sums, values, w);
            }
            w = w.wrapping_add(step);
        }
    }
}

/// Adds the products of a lane of each pixel's vector.
#[inline(always)]
unsafe fn lane<const HALF: bool, const N: usize, const P: usize, const LANE: i32>(
    sums: &mut [[float32x4_t; N]; P],
    values: [float32x4_t; P],
    w: *const u8,
) {
    // SAFETY: the caller's.
    unsafe {
        let weights = weights::<float32x4_t, HALF, N>(w);
        for (sums, value) in sums.iter_mut().zip(values) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = vaddq_f32(*sum, vmulq_laneq_f32::<LANE>(weight, value));
            }
        }
    }
}

impl Machine for Neon {
    const PIXELS: usize = 4;

    #[inline(always)]
    unsafe fn tile<const HALF: bool, const P: usize>(
        panel: &Panel,
        tile: &Tile<f32, f32>,
        bounds: Clamp<f32>,
    ) {
        // SAFETY: the caller's.
        unsafe {
            match panel.width {
                16 => real::tile::<float32x4_t, HALF, 4, P>(panel, tile, bounds),
                12 => real::tile::<float32x4_t, HALF, 3, P>(panel, tile, bounds),
                8 => real::tile::<float32x4_t, HALF, 2, P>(panel, tile, bounds),
                _ => real::tile::<float32x4_t, HALF, 1, P>(panel, tile, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            let next = job.channels::<float32x4_t, 4>(0, false);
            job.channels::<float32x4_t, 1>(next, true);
        }
    }
}

/// See [`crate::scalar::depthwise::depthwise_f32`]; `None` if there are few channels.
pub(crate) fn depthwise_f32(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { depthwise::depthwise_f32::<Neon>(p, x, y) }
}

/// A part of a packed layer of floats.
pub(crate) fn real_f32(call: &Real<'_>, part: Part) {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { real::real_f32::<Neon>(call, part) }
}
