//! AVX-512 with VNNI: tiles of pixels by blocks.

use super::finish::{Numbers, four, store, store_four};
use super::layout::{BLOCK, DOUBLE, FLOOR, GROUP, NEAR, NUMBERS, PLAIN, SINGLE, WEIGHTS};
use super::matrix::{Blocks, Product};
use core::arch::x86_64::*;
use core::mem::MaybeUninit;

/// Most pixels times blocks of a tile.
const TILE: usize = 24;

/// Sums of a tile: those of a pixel's blocks beside each other.
type Sums = [MaybeUninit<__m512i>; TILE];

/// Computes `B` blocks for all pixels: `P` at a time within a row, `Q` where rows end. Returns `B`.
///
/// # Safety
/// As [`Product::run`], with VNNI; there are `B` blocks, whose channels are written from `y` on in
/// each pixel.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn pixels<const P: usize, const Q: usize, const B: usize>(
    p: &Product,
    first: *const u8,
    count: usize,
    blocks: &Blocks,
    y: *mut i8,
) -> usize {
    const { assert!(P * B <= TILE && Q * B <= TILE && 4 * B <= TILE) };
    let mut sums = [MaybeUninit::uninit(); TILE];
    let mut cursor = p.pixels.start();
    let mut at = 0;
    while at < count {
        let left = count - at;
        // SAFETY: as above; the tile's pixels are inside.
        unsafe {
            let x = first.add(cursor.offset);
            let size = if left >= P && cursor.left(&p.pixels) >= P {
                let step = p.pixels.step[1];
                add::<P, B>(p, x, |i| i * step, blocks, &mut sums);
                cursor.advance(&p.pixels, P);
                P
            } else if left == 1 {
                add::<1, B>(p, x, |_| 0, blocks, &mut sums);
                1
            } else if left <= 4 {
                let offsets: [usize; 4] = cursor.offsets(&p.pixels, left);
                add::<4, B>(p, first, |i| offsets[i], blocks, &mut sums);
                left
            } else {
                let offsets: [usize; Q] = cursor.offsets(&p.pixels, left.min(Q));
                add::<Q, B>(p, first, |i| offsets[i], blocks, &mut sums);
                left.min(Q)
            };
            let y = y.add(at * p.channels);
            match p.finish.form {
                PLAIN => finish::<B, PLAIN>(p, size, blocks, &sums, y),
                FLOOR => finish::<B, FLOOR>(p, size, blocks, &sums, y),
                NEAR => finish::<B, NEAR>(p, size, blocks, &sums, y),
                SINGLE => finish::<B, SINGLE>(p, size, blocks, &sums, y),
                _ => finish::<B, DOUBLE>(p, size, blocks, &sums, y),
            }
            at += size;
        }
    }
    B
}

/// Sums of `P` pixels, of which pixel `i` is at `x + offset(i)`.
///
/// # Safety
/// As [`pixels`].
#[inline(always)]
unsafe fn add<const P: usize, const B: usize>(
    p: &Product,
    x: *const u8,
    offset: impl Fn(usize) -> usize,
    blocks: &Blocks,
    sums: &mut Sums,
) {
    let walk = &p.walk;
    // SAFETY: every run of every pixel can be read to its last group, and every block's weights and
    // numbers.
    unsafe {
        let mut w = blocks.weights;
        // Sums start with the bias, the first row of numbers.
        let bias: [__m512i; B] = core::array::from_fn(|b| {
            _mm512_loadu_si512(blocks.numbers.add(b * BLOCK * NUMBERS).cast())
        });
        let mut accumulators = [bias; P];
        for below in 0..walk.count[0] {
            for beside in 0..walk.count[1] {
                let x = x.add(below * walk.step[0] + beside * walk.step[1]);
                for group in 0..walk.groups {
                    let weights: [__m512i; B] =
                        core::array::from_fn(|b| _mm512_loadu_si512(w.add(b * WEIGHTS).cast()));
                    w = w.add(blocks.step);
                    for (i, accumulators) in accumulators.iter_mut().enumerate() {
                        let four = x.add(group * GROUP + offset(i)).cast::<i32>();
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
    blocks: &Blocks,
    sums: &Sums,
    y: *mut i8,
) {
    // SAFETY: as above; every block has numbers.
    unsafe {
        let load = |b: usize| Numbers::load(blocks.numbers.add(b * BLOCK * NUMBERS), BLOCK);
        let sum = |pixel: usize, b: usize| sums.as_ptr().add(pixel * B + b).read().assume_init();
        if B == 4 && blocks.channels >= 4 * BLOCK {
            // A pixel at a time.
            let all: [Numbers; 4] = core::array::from_fn(load);
            for pixel in 0..valid {
                let sums = core::array::from_fn(|b| sum(pixel, b));
                let bytes = four::<F>(all.each_ref(), sums, &p.finish);
                store_four(bytes, y.add(pixel * p.channels), BLOCK);
            }
            return;
        }
        for b in 0..B {
            let channels = blocks.channels.saturating_sub(b * BLOCK).min(BLOCK);
            let (numbers, y) = (load(b), y.add(b * BLOCK));
            let fours = if channels == BLOCK { valid / 4 * 4 } else { 0 };
            for pixel in (0..fours).step_by(4) {
                let sums = core::array::from_fn(|i| sum(pixel + i, b));
                let bytes = four::<F>([&numbers; 4], sums, &p.finish);
                store_four(bytes, y.add(pixel * p.channels), p.channels);
            }
            for pixel in fours..valid {
                let bytes = numbers.requantize::<F>(sum(pixel, b), &p.finish);
                store(bytes, y.add(pixel * p.channels), channels);
            }
        }
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
