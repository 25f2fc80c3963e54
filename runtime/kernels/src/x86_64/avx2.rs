//! AVX2: one pixel at a time, its bytes widened to 16 bits; requantization of 8 channels at a time.

use super::layout::{BLOCK, FLOOR, GROUP, NEAR, PLAIN, SINGLE};
use super::matrix::{Blocks, Finish, Product};
use crate::Multiplier;
use core::arch::x86_64::*;

/// Computes one block for all pixels. Returns 1.
///
/// # Safety
/// As [`Product::run`]; there is a block, whose channels are written from `y` on in each pixel.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn pixels(
    p: &Product,
    first: *const u8,
    count: usize,
    blocks: &Blocks,
    y: *mut i8,
) -> usize {
    let Product { walk, finish, pixels, .. } = p;
    let mut cursor = pixels.start();
    for at in 0..count {
        // SAFETY: as above: runs can be read to their last group, the block has weights and numbers.
        unsafe {
            let mut sums = [_mm256_setzero_si256(); 4];
            let mut w = blocks.weights;
            for below in 0..walk.count[0] {
                for beside in 0..walk.count[1] {
                    let start = below * walk.step[0] + beside * walk.step[1];
                    let x = first.add(cursor.offset + start);
                    for group in 0..walk.groups {
                        let four = x.add(group * GROUP).cast::<i32>().read_unaligned();
                        let four = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
                        for (i, sum) in sums.iter_mut().enumerate() {
                            let weights = _mm_loadu_si128(w.add(i * 16).cast());
                            let weights = _mm256_cvtepi8_epi16(weights);
                            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(four, weights));
                        }
                        w = w.add(blocks.step);
                    }
                }
            }
            // Each channel is two neighbours.
            let halves = [(sums[0], sums[1]), (sums[2], sums[3])]
                .map(|(a, b)| _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(a, b)));
            let numbers = Numbers { from: blocks.numbers, row: BLOCK };
            let bytes = numbers.requantize(halves, finish);
            store(bytes, y.add(at * p.channels), blocks.channels.min(BLOCK));
        }
        cursor.advance(pixels, 1);
    }
    1
}

/// Stores the first `count` of 16 bytes.
///
/// # Safety
/// `count` is at most 16, and as many bytes can be written.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn store(bytes: __m128i, y: *mut i8, count: usize) {
    let mut all = [0i8; 16];
    // SAFETY: 16 bytes are stored to 16; of which `count` are copied.
    unsafe {
        if count == 16 {
            return _mm_storeu_si128(y.cast(), bytes);
        }
        _mm_storeu_si128(all.as_mut_ptr().cast(), bytes);
        y.copy_from_nonoverlapping(all.as_ptr(), count);
    }
}

/// Numbers of 16 channels: four rows, each `row` words behind the other, of which 16 can be read.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    pub from: *const i32,
    pub row: usize,
}

impl Numbers {
    /// # Safety
    /// The rows can be read.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn eight(&self, number: usize, half: usize) -> __m256i {
        // SAFETY: as above.
        unsafe { _mm256_loadu_si256(self.from.add(number * self.row + half * 8).cast()) }
    }

    /// From accumulators without bias to bytes.
    ///
    /// # Safety
    /// The rows can be read.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn requantize(&self, sums: [__m256i; 2], finish: &Finish) -> __m128i {
        let mut scaled = sums;
        for (half, x) in scaled.iter_mut().enumerate() {
            // SAFETY: as above.
            let [bias, mantissa, third, right] =
                unsafe { [0, 1, 2, 3].map(|number| self.eight(number, half)) };
            let sums = _mm256_add_epi32(*x, bias);
            *x = match finish.form {
                SINGLE => single(sums, mantissa, right),
                PLAIN | FLOOR | NEAR => {
                    *x = short(finish.form, sums, mantissa, third, right);
                    continue;
                }
                _ => double(sums, mantissa, third, right),
            };
            let y = _mm256_add_epi32(*x, _mm256_set1_epi32(finish.zero));
            let y = _mm256_max_epi32(y, _mm256_set1_epi32(finish.clamp.min));
            *x = _mm256_min_epi32(y, _mm256_set1_epi32(finish.clamp.max));
        }
        let words = _mm256_packs_epi32(scaled[0], scaled[1]);
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
        _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words))
    }
}

/// [`Multiplier::double`] of eight accumulators.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn double(sums: __m256i, mantissa: __m256i, left: __m256i, right: __m256i) -> __m256i {
    let x = _mm256_sllv_epi32(sums, left);
    let nudge = _mm256_set1_epi64x(1 << 30);
    let even = _mm256_add_epi64(_mm256_mul_epi32(x, mantissa), nudge);
    let (odd_x, odd_mantissa) = (_mm256_srli_epi64::<32>(x), _mm256_srli_epi64::<32>(mantissa));
    let odd = _mm256_add_epi64(_mm256_mul_epi32(odd_x, odd_mantissa), nudge);
    let (even, odd) = (_mm256_srli_epi64::<31>(even), _mm256_slli_epi64::<1>(odd));
    let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
    let one = _mm256_set1_epi32(1);
    let dropped = _mm256_sub_epi32(_mm256_sllv_epi32(one, right), one);
    // Ties go away from zero.
    let threshold =
        _mm256_sub_epi32(_mm256_srli_epi32::<1>(dropped), _mm256_srai_epi32::<31>(high));
    let up = _mm256_cmpgt_epi32(_mm256_and_si256(high, dropped), threshold);
    _mm256_sub_epi32(_mm256_srav_epi32(high, right), up)
}

/// The forms that saturate, of eight accumulators.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn short(form: u8, x: __m256i, mantissa: __m256i, offset: __m256i, right: __m256i) -> __m256i {
    let (x, nudge) = match form {
        PLAIN => (x, 0),
        FLOOR => (x, 1 << 30),
        _ => (_mm256_slli_epi32::<1>(x), 1 << 31),
    };
    let nudge = _mm256_set1_epi64x(nudge);
    let even = _mm256_add_epi64(_mm256_mul_epi32(x, mantissa), nudge);
    let (odd_x, odd_mantissa) = (_mm256_srli_epi64::<32>(x), _mm256_srli_epi64::<32>(mantissa));
    let odd = _mm256_add_epi64(_mm256_mul_epi32(odd_x, odd_mantissa), nudge);
    let mut high = _mm256_blend_epi32::<0b1010_1010>(_mm256_srli_epi64::<32>(even), odd);
    if form == NEAR {
        high = _mm256_add_epi32(high, _mm256_srai_epi32::<31>(high));
    }
    _mm256_srav_epi32(_mm256_add_epi32(high, offset), right)
}

/// [`Multiplier::single`] of eight accumulators, one by one: AVX2 has no signed shift of 64 bits.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn single(sums: __m256i, mantissa: __m256i, right: __m256i) -> __m256i {
    let lanes = |vector: __m256i| {
        let mut lanes = [0i32; 8];
        // SAFETY: 32 bytes are stored to 32.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), vector) };
        lanes
    };
    let (sums, mantissa, right) = (lanes(sums), lanes(mantissa), lanes(right));
    let scaled: [i32; 8] = core::array::from_fn(|i| {
        Multiplier { mantissa: mantissa[i], shift: 31 - right[i] }.single(sums[i])
    });
    // SAFETY: 32 bytes are read of 32.
    unsafe { _mm256_loadu_si256(scaled.as_ptr().cast()) }
}

/// 16 products of a byte with a word each, added to sums.
///
/// # Safety
/// 16 bytes can be read at `x`, 16 words at `w`.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn add_products(sums: [__m256i; 2], x: *const u8, w: *const i32) -> [__m256i; 2] {
    let mut sums = sums;
    for (half, sum) in sums.iter_mut().enumerate() {
        // SAFETY: as above.
        let (x, w) = unsafe {
            let x = _mm_loadl_epi64(x.add(half * 8).cast());
            (_mm256_cvtepu8_epi32(x), _mm256_loadu_si256(w.add(half * 8).cast()))
        };
        // Upper halves of x are zero.
        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(x, w));
    }
    sums
}
