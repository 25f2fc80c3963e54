//! AVX-512 with VNNI: tiles of pixels by blocks, and requantization of 16 channels at a time.

use super::layout::{BLOCK, DOUBLE, GROUP, RELU, SINGLE};
use super::matrix::{Finish, Product};
use core::arch::x86_64::*;

/// Bytes of the weights of a group in a block.
const WEIGHTS: usize = BLOCK * GROUP;

/// [`pixels`] for the form of the product.
///
/// # Safety
/// As [`pixels`].
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn pixels_of<const P: usize, const B: usize>(
    p: &Product,
    first: *const u8,
    count: usize,
    packed: *const u8,
    y: *mut i8,
    channels: usize,
) -> usize {
    // SAFETY: as above.
    unsafe {
        match p.finish.form {
            RELU => pixels::<P, B, RELU>(p, first, count, packed, y, channels),
            SINGLE => pixels::<P, B, SINGLE>(p, first, count, packed, y, channels),
            _ => pixels::<P, B, DOUBLE>(p, first, count, packed, y, channels),
        }
    }
}

/// Computes `B` blocks for all pixels, `P` at a time. Returns `B`.
///
/// # Safety
/// As [`Product::run`], with VNNI; there are `B` blocks at `packed`, and `channels` outputs from `y`
/// on in each pixel.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn pixels<const P: usize, const B: usize, const F: u8>(
    p: &Product,
    first: *const u8,
    count: usize,
    packed: *const u8,
    y: *mut i8,
    channels: usize,
) -> usize {
    let mut at = 0;
    while at < count {
        // SAFETY: as above; the tile's pixels are inside.
        unsafe {
            let tile = Tile { p, first, packed, channels };
            let y = y.add(at * p.channels);
            match count - at {
                1 => tile.run::<1, B, F>(at, 1, y),
                2 | 3 => tile.run::<3, B, F>(at, (count - at).min(3), y),
                left => tile.run::<P, B, F>(at, left.min(P), y),
            }
        }
        at += match count - at {
            1 => 1,
            2 | 3 => 3,
            _ => P,
        };
    }
    B
}

struct Tile<'a> {
    p: &'a Product,
    first: *const u8,
    packed: *const u8,
    channels: usize,
}

impl Tile<'_> {
    /// `valid` of `P` pixels from pixel `at` on; the others repeat the last one.
    ///
    /// # Safety
    /// As [`pixels`]; `valid` is at least 1.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn run<const P: usize, const B: usize, const F: u8>(
        &self,
        at: usize,
        valid: usize,
        y: *mut i8,
    ) {
        let Product { walk, finish, .. } = self.p;
        let block = walk.block();
        let mut accumulators = [[_mm512_setzero_si512(); B]; P];
        let pixel = |i: usize| self.p.offset(at + i.min(valid - 1));
        let offsets: [usize; P] = core::array::from_fn(pixel);
        // SAFETY: every run of every pixel can be read to its last group, and every block's weights
        // and numbers.
        unsafe {
            let mut w = self.packed;
            for below in 0..walk.count[0] {
                for beside in 0..walk.count[1] {
                    let start = below * walk.step[0] + beside * walk.step[1];
                    let x = self.first.add(start);
                    for group in 0..walk.groups {
                        let weights: [__m512i; B] =
                            core::array::from_fn(|b| _mm512_loadu_si512(w.add(b * block).cast()));
                        w = w.add(WEIGHTS);
                        for (accumulators, offset) in accumulators.iter_mut().zip(offsets) {
                            let four = x.add(offset + group * GROUP).cast::<i32>();
                            let four = _mm512_set1_epi32(four.read_unaligned());
                            for (sum, weights) in accumulators.iter_mut().zip(weights) {
                                *sum = _mm512_dpbusd_epi32(*sum, four, weights);
                            }
                        }
                    }
                }
            }
            let numbers = self.packed.add(walk.weights());
            for b in 0..B {
                let channels = self.channels.saturating_sub(b * BLOCK).min(BLOCK);
                let numbers = Numbers::load(numbers.add(b * block).cast(), BLOCK);
                for (i, accumulators) in accumulators.iter().enumerate().take(valid) {
                    let bytes = numbers.requantize::<F>(accumulators[b], finish);
                    store(bytes, y.add(i * self.p.channels + b * BLOCK), channels);
                }
            }
        }
    }
}

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

/// Numbers of 16 channels.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    bias: __m512i,
    mantissa: __m512i,
    odd_mantissa: __m512i,
    left: __m512i,
    right: __m512i,
    /// The bits that the right shift drops, and the largest of them that is rounded down.
    dropped: __m512i,
    threshold: __m512i,
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
        let [bias, mantissa, left, right] =
            unsafe { [0, 1, 2, 3].map(|i: usize| _mm512_loadu_si512(from.add(i * row).cast())) };
        let one = _mm512_set1_epi32(1);
        let dropped = _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one);
        let threshold = _mm512_srli_epi32::<1>(dropped);
        let odd_mantissa = _mm512_srli_epi64::<32>(mantissa);
        Self { bias, mantissa, odd_mantissa, left, right, dropped, threshold }
    }

    /// From accumulators without bias to bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    pub(super) fn requantize<const F: u8>(&self, sums: __m512i, finish: &Finish) -> __m128i {
        let sums = _mm512_add_epi32(sums, self.bias);
        let scaled = match F {
            RELU => {
                let half = _mm512_sub_epi32(self.dropped, self.threshold);
                let high = self.high(sums);
                let scaled = _mm512_srav_epi32(_mm512_add_epi32(high, half), self.right);
                // Saturation is the lower bound.
                let y = _mm512_add_epi32(scaled, _mm512_set1_epi32(finish.zero));
                return _mm512_cvtsepi32_epi8(y);
            }
            SINGLE => self.single(sums),
            _ => self.double(_mm512_sllv_epi32(sums, self.left)),
        };
        let y = _mm512_add_epi32(scaled, _mm512_set1_epi32(finish.zero));
        let y = _mm512_max_epi32(y, _mm512_set1_epi32(finish.clamp.min));
        _mm512_cvtepi32_epi8(_mm512_min_epi32(y, _mm512_set1_epi32(finish.clamp.max)))
    }

    /// [`doubling_high_mul`](crate::requant::doubling_high_mul) with the mantissas.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    fn high(&self, x: __m512i) -> __m512i {
        let nudge = _mm512_set1_epi64(1 << 30);
        let even = _mm512_add_epi64(_mm512_mul_epi32(x, self.mantissa), nudge);
        let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(x), self.odd_mantissa);
        let odd = _mm512_add_epi64(odd, nudge);
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
        let threshold = _mm512_sub_epi32(self.threshold, _mm512_srai_epi32::<31>(high));
        let rest = _mm512_and_si512(high, self.dropped);
        let up = _mm512_cmpgt_epi32_mask(rest, threshold);
        let shifted = _mm512_srav_epi32(high, self.right);
        _mm512_mask_add_epi32(shifted, up, shifted, _mm512_set1_epi32(1))
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
        let even = shift(low, _mm512_mul_epi32(x, self.mantissa));
        let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(x), self.odd_mantissa);
        let odd = shift(_mm512_srli_epi64::<32>(self.right), odd);
        _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64::<32>(odd))
    }
}

/// 16 products of a byte with a word each, added to sums.
///
/// # Safety
/// 16 bytes can be read at `x`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn add_products(sums: __m512i, x: *const u8, w: __m512i) -> __m512i {
    // SAFETY: as above.
    let x = unsafe { _mm512_cvtepu8_epi32(_mm_loadu_si128(x.cast())) };
    // Upper halves of x are zero.
    _mm512_dpwssd_epi32(sums, x, w)
}
