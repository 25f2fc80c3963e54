//! AVX-512 with VNNI: tiles of pixels by blocks, and requantization of 16 channels at a time.

use super::layout::{BLOCK, DOUBLE, FLOOR, GROUP, NEAR, PLAIN, SINGLE};
use super::matrix::{Finish, Product};
use core::arch::x86_64::*;
use core::mem::MaybeUninit;

/// Bytes of the weights of a group in a block.
const WEIGHTS: usize = BLOCK * GROUP;

/// Most pixels times blocks of a tile.
const TILE: usize = 24;

/// Sums of a tile: those of a pixel's blocks beside each other.
type Sums = [MaybeUninit<__m512i>; TILE];

/// Computes `B` blocks for all pixels, `P` at a time. Returns `B`.
///
/// # Safety
/// As [`Product::run`], with VNNI; there are `B` blocks at `packed`, and `channels` outputs from `y`
/// on in each pixel.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn pixels<const P: usize, const B: usize>(
    p: &Product,
    first: *const u8,
    count: usize,
    packed: *const u8,
    y: *mut i8,
    channels: usize,
) -> usize {
    const { assert!(P * B <= TILE && 3 * B <= TILE) };
    let mut sums = [MaybeUninit::uninit(); TILE];
    let mut at = 0;
    while at < count {
        let left = count - at;
        let (size, valid) = match left {
            1 => (1, 1),
            2 | 3 => (3, left),
            _ => (P, left.min(P)),
        };
        // SAFETY: as above; the tile's pixels are inside.
        unsafe {
            match size {
                1 => add::<1, B>(p, first, (at, valid), packed, &mut sums),
                3 => add::<3, B>(p, first, (at, valid), packed, &mut sums),
                _ => add::<P, B>(p, first, (at, valid), packed, &mut sums),
            }
            let y = y.add(at * p.channels);
            match p.finish.form {
                PLAIN => finish::<B, PLAIN>(p, valid, packed, &sums, y, channels),
                FLOOR => finish::<B, FLOOR>(p, valid, packed, &sums, y, channels),
                NEAR => finish::<B, NEAR>(p, valid, packed, &sums, y, channels),
                SINGLE => finish::<B, SINGLE>(p, valid, packed, &sums, y, channels),
                _ => finish::<B, DOUBLE>(p, valid, packed, &sums, y, channels),
            }
        }
        at += size;
    }
    B
}

/// Sums of `P` pixels from pixel `at` on, of which `valid` are distinct: the others repeat the last.
///
/// # Safety
/// As [`pixels`]; `valid` is at least 1.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add<const P: usize, const B: usize>(
    p: &Product,
    first: *const u8,
    (at, valid): (usize, usize),
    packed: *const u8,
    sums: &mut Sums,
) {
    let walk = &p.walk;
    let block = walk.block();
    let offsets: [usize; P] = p.offsets(at, valid);
    // SAFETY: every run of every pixel can be read to its last group, and every block's weights and
    // numbers.
    unsafe {
        let mut w = packed;
        // Sums start with the bias, the first row of numbers.
        let bias = packed.add(walk.weights());
        let bias: [__m512i; B] =
            core::array::from_fn(|b| _mm512_loadu_si512(bias.add(b * block).cast()));
        let mut accumulators = [bias; P];
        for below in 0..walk.count[0] {
            for beside in 0..walk.count[1] {
                let x = first.add(below * walk.step[0] + beside * walk.step[1]);
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
        for (sum, from) in sums.iter_mut().zip(accumulators.as_flattened()) {
            sum.write(*from);
        }
    }
}

/// Requantizes the sums of a tile's pixels.
///
/// # Safety
/// As [`pixels`]; the sums of `valid` pixels have been written.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn finish<const B: usize, const F: u8>(
    p: &Product,
    valid: usize,
    packed: *const u8,
    sums: &Sums,
    y: *mut i8,
    channels: usize,
) {
    // SAFETY: as above; every block has numbers behind its weights.
    unsafe {
        for b in 0..B {
            let channels = channels.saturating_sub(b * BLOCK).min(BLOCK);
            let numbers = packed.add(b * p.walk.block() + p.walk.weights());
            let numbers = Numbers::load(numbers.cast(), BLOCK);
            let (mut from, mut y) = (sums.as_ptr().add(b), y.add(b * BLOCK));
            for _ in 0..valid {
                let bytes = numbers.requantize::<F>((*from).assume_init(), &p.finish);
                store(bytes, y, channels);
                (from, y) = (from.add(B), y.add(p.channels));
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
        let scaled = match F {
            // Saturation is the clamp.
            PLAIN => return _mm512_cvtsepi32_epi8(self.plain(sums)),
            FLOOR => return _mm512_cvtsepi32_epi8(self.floor(sums)),
            NEAR => return _mm512_cvtsepi32_epi8(self.near(sums)),
            SINGLE => self.single(sums),
            _ => self.double(_mm512_sllv_epi32(sums, self.third)),
        };
        let y = _mm512_add_epi32(scaled, _mm512_set1_epi32(finish.zero));
        let y = _mm512_max_epi32(y, _mm512_set1_epi32(finish.clamp.min));
        _mm512_cvtepi32_epi8(_mm512_min_epi32(y, _mm512_set1_epi32(finish.clamp.max)))
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

/// The upper words of even and of odd lanes, beside each other.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn upper([even, odd]: [__m512i; 2]) -> __m512i {
    // Each lane of the even ones takes its upper neighbour.
    _mm512_mask_shuffle_epi32::<0b11_11_01_01>(odd, 0x5555, even)
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
