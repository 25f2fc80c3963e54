//! Elementwise kernels, 8 or 16 at a time.

use crate::scalar::elementwise::LinearS8;
use crate::{Dst, Src};
use core::arch::x86_64::*;

/// See [`linear_s8`](crate::scalar::elementwise::linear_s8).
///
/// # Safety
/// The processor has AVX-512 F, BW and VL.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(crate) unsafe fn linear_s8_wide(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let count = a.len().min(b.len()).min(y.len());
    let [first, second] = p.factors.map(|factor| _mm512_set1_epi32(factor));
    let offset = _mm512_set1_epi32(p.offset);
    let shift = _mm_cvtsi32_si128(p.shift as i32);
    let (min, max) = (_mm512_set1_epi32(p.clamp.min), _mm512_set1_epi32(p.clamp.max));
    let (a, b, y) = (a.as_ptr(), b.as_ptr(), y.as_mut_ptr());
    let mut at = 0;
    while at < count {
        let left = count - at;
        let mask = if left < 16 { (1u16 << left) - 1 } else { !0 };
        // SAFETY: all three have `count` elements, and no more are read or written.
        unsafe {
            let load = |from: *const i8| match left {
                16.. => _mm512_cvtepi8_epi32(_mm_loadu_si128(from.add(at).cast())),
                _ => _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, from.add(at))),
            };
            let sums = _mm512_add_epi32(
                _mm512_mullo_epi32(load(a), first),
                _mm512_mullo_epi32(load(b), second),
            );
            let value = _mm512_sra_epi32(_mm512_add_epi32(sums, offset), shift);
            let value = _mm512_min_epi32(_mm512_max_epi32(value, min), max);
            super::finish::store(_mm512_cvtepi32_epi8(value), y.add(at), left.min(16));
        }
        at += 16;
    }
}

/// See [`linear_s8`](crate::scalar::elementwise::linear_s8).
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2,fma")]
pub(crate) unsafe fn linear_s8(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let count = a.len().min(b.len()).min(y.len());
    let [first, second] = p.factors.map(|factor| _mm256_set1_epi32(factor));
    let offset = _mm256_set1_epi32(p.offset);
    let shift = _mm_cvtsi32_si128(p.shift as i32);
    let (min, max) = (_mm256_set1_epi32(p.clamp.min), _mm256_set1_epi32(p.clamp.max));
    let mut at = 0;
    // SAFETY: all three have `count` elements; each is read before it is written over.
    unsafe {
        while at + 8 <= count {
            let load = |from: *const i8| _mm256_cvtepi8_epi32(_mm_loadl_epi64(from.add(at).cast()));
            let a = _mm256_mullo_epi32(load(a.as_ptr()), first);
            let b = _mm256_mullo_epi32(load(b.as_ptr()), second);
            let sum = _mm256_add_epi32(_mm256_add_epi32(a, b), offset);
            let value = _mm256_sra_epi32(sum, shift);
            let value = _mm256_min_epi32(_mm256_max_epi32(value, min), max);
            let words = _mm256_packs_epi32(value, value);
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let words = _mm256_castsi256_si128(words);
            _mm_storel_epi64(y.as_mut_ptr().add(at).cast(), _mm_packs_epi16(words, words));
            at += 8;
        }
    }
    for i in at..count {
        y.set(i, p.apply(a.get(i), b.get(i)));
    }
}
