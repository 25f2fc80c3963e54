//! Fully connected layers of one row: weights stream through once, eight sums at a time, and values
//! are read where they are.

use super::finish::{self, Numbers};
use super::layout::{BLOCK, DOUBLE, FLOOR, GROUP, NEAR, NUMBERS, PLAIN, SINGLE, WEIGHTS};
use super::matrix::{Blocks, Product};
use core::arch::x86_64::*;

/// Computes up to eight of `left` blocks for the single row `x`. Returns how many.
///
/// # Safety
/// As [`Product::run`], with VNNI, but that `x` has only the row itself, of `depth` bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn row(
    p: &Product,
    (x, depth): (*const i8, usize),
    blocks: &Blocks,
    left: usize,
    y: *mut i8,
) -> usize {
    // SAFETY: as above.
    unsafe {
        match p.finish.form {
            PLAIN => some::<PLAIN>(p, (x, depth), blocks, left, y),
            FLOOR => some::<FLOOR>(p, (x, depth), blocks, left, y),
            NEAR => some::<NEAR>(p, (x, depth), blocks, left, y),
            SINGLE => some::<SINGLE>(p, (x, depth), blocks, left, y),
            _ => some::<DOUBLE>(p, (x, depth), blocks, left, y),
        }
    }
}

/// # Safety
/// As [`row`].
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn some<const F: u8>(
    p: &Product,
    (x, depth): (*const i8, usize),
    blocks: &Blocks,
    left: usize,
    y: *mut i8,
) -> usize {
    // SAFETY: as above; there are as many blocks as the functions take.
    unsafe {
        match left {
            8.. => add::<F, 8, 1>(p, (x, depth), blocks, y),
            4.. => add::<F, 4, 2>(p, (x, depth), blocks, y),
            2.. => add::<F, 2, 4>(p, (x, depth), blocks, y),
            _ => add::<F, 1, 8>(p, (x, depth), blocks, y),
        }
    }
}

/// `B` blocks, each in `K` sums over every `K`th group. Returns `B`.
///
/// # Safety
/// As [`row`]; there are so many blocks.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn add<const F: u8, const B: usize, const K: usize>(
    p: &Product,
    (x, depth): (*const i8, usize),
    blocks: &Blocks,
    y: *mut i8,
) -> usize {
    // SAFETY: as above: all groups of values and of each block's weights can be read, and the
    // numbers.
    unsafe {
        let mut sums = [[_mm512_setzero_si512(); B]; K];
        let add = |sums: &mut [__m512i; B], group: usize, four: i32| {
            // One factor of VPDPBUSD is unsigned.
            let four = _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi8(-128));
            let w = blocks.weights.add(group * blocks.step);
            for (b, sum) in sums.iter_mut().enumerate() {
                let weights = _mm512_loadu_si512(w.add(b * WEIGHTS).cast());
                *sum = _mm512_dpbusd_epi32(*sum, four, weights);
            }
        };
        let four = |group: usize| x.add(group * GROUP).cast::<i32>().read_unaligned();
        let groups = depth / GROUP;
        let rounds = groups / K * K;
        for group in (0..rounds).step_by(K) {
            for (k, sums) in sums.iter_mut().enumerate() {
                add(sums, group + k, four(group + k));
            }
        }
        for group in rounds..groups {
            add(&mut sums[0], group, four(group));
        }
        if groups * GROUP < depth {
            let rest = (groups * GROUP..depth).rev();
            let last = rest.fold(0, |last, at| last << 8 | i32::from(x.add(at).read() as u8));
            add(&mut sums[0], groups, last);
        }
        for b in 0..B {
            let numbers = Numbers::load(blocks.numbers.add(b * BLOCK * NUMBERS), BLOCK);
            let all = sums.iter().map(|sums| sums[b]);
            let sum = all.fold(numbers.bias, |all, sum| _mm512_add_epi32(all, sum));
            let bytes = numbers.requantize::<F>(sum, &p.finish);
            let channels = blocks.channels.saturating_sub(b * BLOCK).min(BLOCK);
            finish::store(bytes, y.add(b * BLOCK), channels);
        }
    }
    B
}
