//! Products of 16-bit activations: VPMADDWD of pairs of elements, VPDPWSSD where that is.

use crate::packed::{Wide, WideForm};
use crate::panel::walk::{Panel, Tile};
use crate::panel::wide::{self, Depthwise, Machine, Sums};
use crate::scalar::s16::DepthwiseS16;
use crate::{Clamp, Cpu, Dst, Part, Src};
use core::arch::x86_64::*;

/// AVX2.
struct Avx2;

/// AVX-512 with VNNI.
struct Avx512;

/// Two values, or one and zero, as a word.
#[inline(always)]
unsafe fn values(x: *const i16, is_pair: bool) -> i32 {
    // SAFETY: the caller's: one value or two can be read.
    unsafe {
        if is_pair { x.cast::<i32>().read_unaligned() } else { i32::from(x.read().cast_unsigned()) }
    }
}

/// The weights of two elements side by side, of channels 0 to 7 and 8 to 15.
#[inline(always)]
unsafe fn sixteen(w: *const i8, next: *const i8) -> [__m128i; 2] {
    // SAFETY: the caller's: 16 bytes can be read at each.
    unsafe {
        let (a, b) = (_mm_loadu_si128(w.cast()), _mm_loadu_si128(next.cast()));
        [_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)]
    }
}

/// The same of four channels, as 16-bit numbers.
#[inline(always)]
unsafe fn four(w: *const i8, next: *const i8) -> __m128i {
    // SAFETY: the caller's: four bytes can be read at each.
    unsafe {
        let [a, b] = [w, next].map(|w| _mm_cvtsi32_si128(w.cast::<i32>().read_unaligned()));
        _mm_cvtepi8_epi16(_mm_unpacklo_epi8(a, b))
    }
}

/// Sums of a type of vectors: how the weights of `N` of them are read, and products are added.
macro_rules! sums {
    ($vector:ty, $lanes:literal, $zero:ident, $store:ident, $splat:ident, $weights:expr, $add:expr,
        $x:expr, $w:expr) => {
        impl Sums for $vector {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the caller's.
                unsafe { $zero() }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut i32) {
                // SAFETY: the caller's.
                unsafe { $store(to.cast(), self) }
            }

            #[inline(always)]
            unsafe fn products<const N: usize, const P: usize>(
                sums: &mut [[Self; N]; P],
                x: [*const i16; P],
                w: *const i8,
                len: usize,
            ) {
                let mut at = 0;
                while at < len {
                    let is_pair = at + 1 < len;
                    // SAFETY: the caller's; without a pair the second element is zero times any
                    // weight.
                    unsafe {
                        let w = w.add(at * N * $lanes);
                        let next = w.add(if is_pair { N * $lanes } else { 0 });
                        let weights: [Self; N] = $weights(w, next);
                        for (sums, x) in sums.iter_mut().zip(x) {
                            let pair = $splat(values(x.add(at), is_pair));
                            for (sum, weights) in sums.iter_mut().zip(weights) {
                                *sum = $add(*sum, pair, weights);
                            }
                        }
                    }
                    at += 2;
                }
            }

            #[inline(always)]
            unsafe fn channels<const N: usize>(sums: &mut [Self; N], x: *const i16, w: *const i8) {
                for (i, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: the caller's. The upper halves of the values are zero.
                    unsafe {
                        let (x, w) = ($x(x.add($lanes * i)), $w(w.add($lanes * i)));
                        *sum = $add(*sum, x, w);
                    }
                }
            }
        }
    };
}

sums!(
    __m128i,
    4,
    _mm_setzero_si128,
    _mm_storeu_si128,
    _mm_set1_epi32,
    |w: *const i8, next: *const i8| core::array::from_fn(|n| four(w.add(4 * n), next.add(4 * n))),
    |sum, x, w| _mm_add_epi32(sum, _mm_madd_epi16(x, w)),
    |x: *const i16| _mm_cvtepu16_epi32(_mm_loadl_epi64(x.cast())),
    |w: *const i8| _mm_cvtepi8_epi32(_mm_cvtsi32_si128(w.cast::<i32>().read_unaligned()))
);

sums!(
    __m256i,
    8,
    _mm256_setzero_si256,
    _mm256_storeu_si256,
    _mm256_set1_epi32,
    |w: *const i8, next: *const i8| {
        let halves = sixteen(w, next);
        core::array::from_fn(|n| _mm256_cvtepi8_epi16(halves[n & 1]))
    },
    |sum, x, w| _mm256_add_epi32(sum, _mm256_madd_epi16(x, w)),
    |x: *const i16| _mm256_cvtepu16_epi32(_mm_loadu_si128(x.cast())),
    |w: *const i8| _mm256_cvtepi8_epi32(_mm_loadl_epi64(w.cast()))
);

sums!(
    __m512i,
    16,
    _mm512_setzero_si512,
    _mm512_storeu_si512,
    _mm512_set1_epi32,
    |w: *const i8, next: *const i8| {
        let [low, high] = sixteen(w, next);
        core::array::from_fn(|_| _mm512_cvtepi8_epi16(_mm256_set_m128i(high, low)))
    },
    |sum, x, w| _mm512_dpwssd_epi32(sum, x, w),
    |x: *const i16| _mm512_cvtepu16_epi32(_mm256_loadu_si256(x.cast())),
    |w: *const i8| _mm512_cvtepi8_epi32(_mm_loadu_si128(w.cast()))
);

/// A tile of a panel that is narrower than 16.
#[inline(always)]
unsafe fn narrow<const P: usize>(
    panel: &Panel,
    tile: &Tile<i16, i16>,
    form: WideForm,
    bounds: Clamp<i32>,
) {
    // SAFETY: the caller's.
    unsafe {
        match panel.width {
            12 => wide::tile::<__m128i, 3, P>(panel, tile, form, bounds),
            8 => wide::tile::<__m128i, 2, P>(panel, tile, form, bounds),
            _ => wide::tile::<__m128i, 1, P>(panel, tile, form, bounds),
        }
    }
}

impl Machine for Avx2 {
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
                16 => wide::tile::<__m256i, 2, P>(panel, tile, form, bounds),
                _ => narrow::<P>(panel, tile, form, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            job.channels::<__m256i, 1>(0, true);
        }
    }
}

impl Machine for Avx512 {
    const PIXELS: usize = 8;

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
                16 => wide::tile::<__m512i, 1, P>(panel, tile, form, bounds),
                _ => narrow::<P>(panel, tile, form, bounds),
            }
        }
    }

    #[inline(always)]
    unsafe fn depthwise(job: &Depthwise<'_>) {
        // SAFETY: the caller's.
        unsafe {
            let next = job.channels::<__m512i, 1>(0, false);
            job.channels::<__m256i, 1>(next, true);
        }
    }
}

/// See [`crate::scalar::s16::depthwise_s16`]; `None` for what has no vectors, and without AVX2.
pub(crate) fn depthwise_s16(
    cpu: Cpu,
    p: &DepthwiseS16<'_>,
    x: Src<'_, i16>,
    y: Dst<'_, i16>,
) -> Option<()> {
    #[target_feature(enable = "avx2")]
    unsafe fn narrow(p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) -> Option<()> {
        // SAFETY: the caller's.
        unsafe { wide::depthwise_s16::<Avx2>(p, x, y) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn wide(p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) -> Option<()> {
        // SAFETY: the caller's.
        unsafe { wide::depthwise_s16::<Avx512>(p, x, y) }
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

/// A part of a packed layer with 16-bit activations.
pub(crate) fn wide_s16(call: &Wide<'_>, part: Part) {
    #[target_feature(enable = "avx2")]
    unsafe fn narrow(call: &Wide<'_>, part: Part) {
        // SAFETY: the caller's.
        unsafe { wide::wide_s16::<Avx2>(call, part) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn wide(call: &Wide<'_>, part: Part) {
        // SAFETY: the caller's.
        unsafe { wide::wide_s16::<Avx512>(call, part) }
    }

    // SAFETY: a call exists only on processors of the family, which have AVX2.
    unsafe { if call.cpu.wide() { wide(call, part) } else { narrow(call, part) } }
}
