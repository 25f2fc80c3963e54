//! AVX-512: from 16 sums at a time to bytes.

use super::layout::{BLOCK, FLOOR, NEAR, PLAIN, SINGLE};
use super::matrix::Finish;
use core::arch::x86_64::*;

/// Stores the first `count` of 16 bytes. Stores with a mask are slow, and cannot be forwarded to loads.
///
/// # Safety
/// `count` is at most 16, and as many bytes can be written.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) unsafe fn store(bytes: __m128i, y: *mut i8, count: usize) {
    // SAFETY: as above.
    unsafe {
        if count == BLOCK {
            _mm_storeu_si128(y.cast(), bytes);
        } else {
            _mm_mask_storeu_epi8(y, ((1u32 << count) - 1) as __mmask16, bytes);
        }
    }
}

/// Numbers of 16 channels: the four rows of [`layout`](super::layout).
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    pub bias: __m512i,
    mantissa: __m512i,
    /// Left shift or offset.
    third: __m512i,
    right: __m512i,
}

impl Numbers {
    /// Loads them from four rows, each `row` words behind the other.
    ///
    /// # Safety
    /// 16 words can be read in each row.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) unsafe fn load(from: *const i32, row: usize) -> Self {
        // SAFETY: as above.
        let [bias, mantissa, third, right] =
            unsafe { [0, 1, 2, 3].map(|i: usize| _mm512_loadu_si512(from.add(i * row).cast())) };
        Self { bias, mantissa, third, right }
    }

    /// From accumulators with bias to bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) fn requantize<const F: u8>(&self, sums: __m512i, finish: &Finish) -> __m128i {
        _mm512_cvtsepi32_epi8(self.scale::<F>(sums, finish))
    }

    /// From accumulators with bias to words that saturate to the output's bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn scale<const F: u8>(&self, sums: __m512i, finish: &Finish) -> __m512i {
        let scaled = match F {
            // Saturation is the clamp.
            PLAIN => return self.plain(sums),
            FLOOR => return self.floor(sums),
            NEAR => return self.near(sums),
            SINGLE => self.single(sums),
            _ => self.double(_mm512_sllv_epi32(sums, self.third)),
        };
        let y = _mm512_add_epi32(scaled, _mm512_set1_epi32(finish.zero));
        let y = _mm512_max_epi32(y, _mm512_set1_epi32(finish.clamp.min));
        _mm512_min_epi32(y, _mm512_set1_epi32(finish.clamp.max))
    }

    /// See [`PLAIN`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn plain(&self, x: __m512i) -> __m512i {
        let high = upper(self.products(x));
        _mm512_srav_epi32(_mm512_add_epi32(high, self.third), self.right)
    }

    /// See [`FLOOR`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn floor(&self, x: __m512i) -> __m512i {
        let nudge = _mm512_set1_epi64(1 << 30);
        let high = _mm512_set1_epi64(!0xFFFF_FFFF);
        let offset = _mm512_or_si512(_mm512_slli_epi64::<32>(self.third), nudge);
        let odd_offset = _mm512_or_si512(_mm512_and_si512(self.third, high), nudge);
        let [even, odd] = self.products(x);
        let sums = [_mm512_add_epi64(even, offset), _mm512_add_epi64(odd, odd_offset)];
        _mm512_srav_epi32(upper(sums), self.right)
    }

    /// See [`NEAR`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn near(&self, x: __m512i) -> __m512i {
        let nudge = _mm512_set1_epi64(1 << 31);
        let doubled = self.products(_mm512_slli_epi32::<1>(x));
        let high = upper(doubled.map(|products| _mm512_add_epi64(products, nudge)));
        // Ties go away from zero.
        let raised = _mm512_add_epi32(high, _mm512_srai_epi32::<31>(high));
        _mm512_srav_epi32(_mm512_add_epi32(raised, self.third), self.right)
    }

    /// The products of even and of odd lanes with the mantissas.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn products(&self, x: __m512i) -> [__m512i; 2] {
        let odd_mantissa = _mm512_srli_epi64::<32>(self.mantissa);
        let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(x), odd_mantissa);
        [_mm512_mul_epi32(x, self.mantissa), odd]
    }

    /// [`doubling_high_mul`](crate::requant::doubling_high_mul) with the mantissas.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn high(&self, x: __m512i) -> __m512i {
        let nudge = _mm512_set1_epi64(1 << 30);
        let [even, odd] = self.products(x).map(|products| _mm512_add_epi64(products, nudge));
        // Bits 31 to 62 of both, beside each other.
        let even = _mm512_srli_epi64::<31>(even);
        _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64::<1>(odd))
    }

    /// [`Multiplier::double`](crate::Multiplier::double) of accumulators that were shifted to the left.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn double(&self, x: __m512i) -> __m512i {
        let high = self.high(x);
        // Ties go away from zero.
        let one = _mm512_set1_epi32(1);
        let dropped = _mm512_sub_epi32(_mm512_sllv_epi32(one, self.right), one);
        let threshold = _mm512_srli_epi32::<1>(dropped);
        let threshold = _mm512_sub_epi32(threshold, _mm512_srai_epi32::<31>(high));
        let rest = _mm512_and_si512(high, dropped);
        let up = _mm512_cmpgt_epi32_mask(rest, threshold);
        let shifted = _mm512_srav_epi32(high, self.right);
        _mm512_mask_add_epi32(shifted, up, shifted, one)
    }

    /// [`Multiplier::single`](crate::Multiplier::single); `right` is the whole shift of the product.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn single(&self, x: __m512i) -> __m512i {
        let one = _mm512_set1_epi64(1);
        let shift = |right: __m512i, product: __m512i| {
            let half = _mm512_srli_epi64::<1>(_mm512_sllv_epi64(one, right));
            let below = _mm512_srai_epi64::<63>(product);
            _mm512_srav_epi64(_mm512_add_epi64(_mm512_add_epi64(product, below), half), right)
        };
        let low = _mm512_and_si512(self.right, _mm512_set1_epi64(0xFFFF_FFFF));
        let [even, odd] = self.products(x);
        let even = shift(low, even);
        let odd = shift(_mm512_srli_epi64::<32>(self.right), odd);
        _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64::<32>(odd))
    }
}

/// Four times 16 accumulators with bias, to 64 bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) fn four<const F: u8>(
    numbers: [&Numbers; 4],
    sums: [__m512i; 4],
    finish: &Finish,
) -> __m512i {
    let [a, b, c, d] = core::array::from_fn(|i| numbers[i].scale::<F>(sums[i], finish));
    let bytes = _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
    // A quarter of each of the four is in each quarter.
    let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    _mm512_permutexvar_epi32(order, bytes)
}

/// Stores the quarters of 64 bytes `step` bytes apart.
///
/// # Safety
/// They can be written.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn store_four(bytes: __m512i, y: *mut i8, step: usize) {
    // SAFETY: as above.
    unsafe {
        if step == BLOCK {
            return _mm512_storeu_si512(y.cast(), bytes);
        }
        let quarters = [
            _mm512_castsi512_si128(bytes),
            _mm512_extracti32x4_epi32::<1>(bytes),
            _mm512_extracti32x4_epi32::<2>(bytes),
            _mm512_extracti32x4_epi32::<3>(bytes),
        ];
        for (i, quarter) in quarters.into_iter().enumerate() {
            _mm_storeu_si128(y.add(i * step).cast(), quarter);
        }
    }
}

/// The upper words of even and of odd lanes, beside each other.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn upper([even, odd]: [__m512i; 2]) -> __m512i {
    // Each lane of the even ones takes its upper neighbour.
    _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even)
}
