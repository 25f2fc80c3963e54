//! Products of floats: a panel is one vector on AVX-512, two on AVX2, and vectors of four where it is
//! narrower.

use crate::packed::Real;
use crate::panel::depthwise::{self, Depthwise};
use crate::panel::real::{self, Machine, Reals};
use crate::panel::walk::{Panel, Tile};
use crate::scalar::depthwise::DepthwiseF32;
use crate::{Clamp, Cpu, Dst, Part, Src};
use core::arch::x86_64::*;

/// AVX2 and F16C.
struct Avx2;

/// The same with AVX-512.
struct Avx512;

macro_rules! reals {
    ($vector:ty, $lanes:literal, $zero:ident, $load:ident, $half:expr, $splat:ident, $store:ident,
        $add:ident, $mul:ident, $clamp:expr) => {
        impl Reals for $vector {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the caller's.
                unsafe { $zero() }
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: the caller's.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn load_half(from: *const u16) -> Self {
                // SAFETY: the caller's.
                unsafe { $half(from) }
            }

            #[inline(always)]
            unsafe fn splat(value: f32) -> Self {
                // SAFETY: the caller's.
                unsafe { $splat(value) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: the caller's.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            unsafe fn mul(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { $mul(self, other) }
            }

            #[inline(always)]
            unsafe fn clamp(self, min: Self, max: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { $clamp(self, min, max) }
            }
        }
    };
}

reals!(
    __m128,
    4,
    _mm_setzero_ps,
    _mm_loadu_ps,
    |from: *const u16| _mm_cvtph_ps(_mm_loadl_epi64(from.cast())),
    _mm_set1_ps,
    _mm_storeu_ps,
    _mm_add_ps,
    _mm_mul_ps,
    |v, min, max| {
        let below = _mm_blendv_ps(v, max, _mm_cmp_ps::<_CMP_GT_OQ>(v, max));
        _mm_blendv_ps(below, min, _mm_cmp_ps::<_CMP_LT_OQ>(v, min))
    }
);

reals!(
    __m256,
    8,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    |from: *const u16| _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
    _mm256_set1_ps,
    _mm256_storeu_ps,
    _mm256_add_ps,
    _mm256_mul_ps,
    |v, min, max| {
        let below = _mm256_blendv_ps(v, max, _mm256_cmp_ps::<_CMP_GT_OQ>(v, max));
        _mm256_blendv_ps(below, min, _mm256_cmp_ps::<_CMP_LT_OQ>(v, min))
    }
);

reals!(
    __m512,
    16,
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    |from: *const u16| _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())),
    _mm512_set1_ps,
    _mm512_storeu_ps,
    _mm512_add_ps,
    _mm512_mul_ps,
    |v, min, max| {
        let below = _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask::<_CMP_GT_OQ>(v, max), max);
        _mm512_mask_mov_ps(below, _mm512_cmp_ps_mask::<_CMP_LT_OQ>(v, min), min)
    }
);

/// A tile of a panel that is narrower than 16.
#[inline(always)]
unsafe fn narrow<const HALF: bool, const P: usize>(
    panel: &Panel,
    tile: &Tile<f32, f32>,
    bounds: Clamp<f32>,
) {
    // SAFETY: the caller's.
    unsafe {
        match panel.width {
            12 => real::tile::<__m128, HALF, 3, P>(panel, tile, bounds),
            8 => real::tile::<__m128, HALF, 2, P>(panel, tile, bounds),
            _ => real::tile::<__m128, HALF, 1, P>(panel, tile, bounds),
        }
    }
}

impl Machine for Avx2 {
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
                16 => real::tile::<__m256, HALF, 2, P>(panel, tile, bounds),
                _ => narrow::<HALF, P>(panel, tile, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            let next = job.channels::<__m256, 2>(0, false);
            job.channels::<__m128, 1>(next, true);
        }
    }
}

impl Machine for Avx512 {
    const PIXELS: usize = 8;

    #[inline(always)]
    unsafe fn tile<const HALF: bool, const P: usize>(
        panel: &Panel,
        tile: &Tile<f32, f32>,
        bounds: Clamp<f32>,
    ) {
        // SAFETY: the caller's.
        unsafe {
            match panel.width {
                16 => real::tile::<__m512, HALF, 1, P>(panel, tile, bounds),
                _ => narrow::<HALF, P>(panel, tile, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            let next = job.channels::<__m512, 1>(0, false);
            job.channels::<__m128, 1>(next, true);
        }
    }
}

/// See [`crate::scalar::depthwise::depthwise_f32`]; `None` if there are few channels, or no AVX2.
pub(crate) fn depthwise_f32(
    cpu: Cpu,
    p: &DepthwiseF32<'_>,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
) -> Option<()> {
    #[target_feature(enable = "avx2")]
    unsafe fn narrow(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
        // SAFETY: the caller's.
        unsafe { depthwise::depthwise_f32::<Avx2>(p, x, y) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    unsafe fn wide(p: &DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) -> Option<()> {
        // SAFETY: the caller's.
        unsafe { depthwise::depthwise_f32::<Avx512>(p, x, y) }
    }

    // SAFETY: the processor was asked for the instructions.
    unsafe {
        match (cpu.base(), cpu.wide()) {
            (_, true) => wide(p, x, y),
            (true, _) => narrow(p, x, y),
            _ => None,
        }
    }
}

/// A part of a packed layer of floats.
pub(crate) fn real_f32(call: &Real<'_>, part: Part) {
    #[target_feature(enable = "avx2,f16c")]
    unsafe fn narrow(call: &Real<'_>, part: Part) {
        // SAFETY: the caller's.
        unsafe { real::real_f32::<Avx2>(call, part) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,f16c")]
    unsafe fn wide(call: &Real<'_>, part: Part) {
        // SAFETY: the caller's.
        unsafe { real::real_f32::<Avx512>(call, part) }
    }

    // SAFETY: a call exists only on processors of the family, which have AVX2 and F16C.
    unsafe { if call.cpu.wide() { wide(call, part) } else { narrow(call, part) } }
}
