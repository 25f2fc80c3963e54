//! A few windows times all output channels: the loop over tiles of channels around the families'
//! inner loops, and the way of a tile's accumulators to memory.

use super::conv::{Job, Rows};
use super::finish::{Factors, Finish};
use core::arch::aarch64::*;
use core::ops::Range;

/// The runs of memory that a window is made of.
#[derive(Clone, Copy)]
pub(super) struct Segments {
    /// Their offsets from a window's first element, `count` of them; unused for one.
    pub offsets: *const u32,
    /// How many, at least 1.
    pub count: usize,
    /// Whole vectors of each, in the family's unit.
    pub whole: usize,
    /// What is behind them, in the family's unit.
    pub rest: usize,
}

/// Packed weights.
#[derive(Clone, Copy)]
pub(super) struct Matrix {
    /// The windows' segments.
    pub segments: Segments,
    /// The first tile.
    pub tiles: *const u8,
    /// Bytes of a channel in a tile.
    pub channel: usize,
    /// Output channels.
    pub channels: usize,
}

/// A family's inner loop.
pub(super) trait Tile: Copy + Sized {
    /// Whether few layers need it, so that one function for every way to finish is enough.
    const RARE: bool;
    /// Channels of a tile that is not the last.
    const CHANNELS: usize;

    /// `whole` and `rest` of segments of `bytes` elements.
    fn split(bytes: usize) -> (usize, usize);

    /// Biases plus products of `PX` windows with `4 * N` channels.
    ///
    /// # Safety
    /// Every segment of every window can be read as far as the family reaches, `numbers` are the
    /// tile's, in a matrix that was packed for this tile. The processor is of the family.
    unsafe fn products<const PX: usize, const N: usize>(
        x: [*const i8; PX],
        segments: Segments,
        numbers: *const i32,
    ) -> [[int32x4_t; N]; PX];

    /// [`Job::rows`], compiled for the family.
    ///
    /// # Safety
    /// As there.
    unsafe fn rows<F: Finish>(job: &Job<'_, F>, pixels: Range<usize>, rows: Rows);

    /// [`windows`] of one window, compiled for the family.
    ///
    /// # Safety
    /// As there.
    unsafe fn row<F: Finish>(matrix: &Matrix, finish: F, x: *const i8, y: *mut i8);
}

/// All output channels of `PX` windows.
///
/// # Safety
/// As [`Tile::products`] for every tile; `channels` bytes can be written at each `y`.
#[inline(always)]
pub(super) unsafe fn windows<T: Tile, F: Finish, const PX: usize>(
    matrix: &Matrix,
    finish: F,
    x: [*const i8; PX],
    y: [*mut i8; PX],
) {
    // SAFETY: the caller's; tiles follow each other, the last is filled up to four channels.
    unsafe {
        let mut at = matrix.tiles;
        let mut y = y;
        let mut left = matrix.channels;
        while left >= T::CHANNELS {
            if T::CHANNELS == 16 {
                tile::<T, F, PX, 4>(matrix, finish, x, at, y, 16);
            } else {
                tile::<T, F, PX, 1>(matrix, finish, x, at, y, 4);
            }
            at = at.add(T::CHANNELS * matrix.channel);
            y = y.map(|y| y.add(T::CHANNELS));
            left -= T::CHANNELS;
        }
        match left.div_ceil(4) {
            0 => {}
            1 => tile::<T, F, PX, 1>(matrix, finish, x, at, y, left),
            2 => tile::<T, F, PX, 2>(matrix, finish, x, at, y, left),
            3 => tile::<T, F, PX, 3>(matrix, finish, x, at, y, left),
            _ => tile::<T, F, PX, 4>(matrix, finish, x, at, y, left),
        }
    }
}

/// `4 * N` channels of `PX` windows, of which `channels` are written.
///
/// # Safety
/// As [`windows`], for the tile at `at`.
#[inline(always)]
unsafe fn tile<T: Tile, F: Finish, const PX: usize, const N: usize>(
    matrix: &Matrix,
    finish: F,
    x: [*const i8; PX],
    at: *const u8,
    y: [*mut i8; PX],
    channels: usize,
) {
    // SAFETY: the caller's; a tile begins with `N` vectors each of biases, mantissas, shifts.
    unsafe {
        let numbers = at.cast::<i32>();
        let sums = T::products::<PX, N>(x, matrix.segments, numbers);
        let factors: [Factors; N] = core::array::from_fn(|n| Factors {
            mantissa: vld1q_s32(numbers.add(4 * (N + n))),
            shift: vld1q_s32(numbers.add(4 * (2 * N + n))),
        });
        if N == 1 && PX == 4 {
            let bytes = finish.bytes([0, 1, 2, 3].map(|p| sums[p % PX][0]), [factors[0]; 4]);
            let words = vreinterpretq_s32_s8(bytes);
            if channels == 4 {
                vst1q_lane_s32::<0>(y[0].cast(), words);
                vst1q_lane_s32::<1>(y[1 % PX].cast(), words);
                vst1q_lane_s32::<2>(y[2 % PX].cast(), words);
                vst1q_lane_s32::<3>(y[3 % PX].cast(), words);
            } else {
                store(y[0], bytes, channels);
                store(y[1 % PX], vextq_s8::<4>(bytes, bytes), channels);
                store(y[2 % PX], vextq_s8::<8>(bytes, bytes), channels);
                store(y[3 % PX], vextq_s8::<12>(bytes, bytes), channels);
            }
            return;
        }
        if N == 2 && PX == 4 {
            for p in [0, 2] {
                let (low, high) = (sums[p % PX], sums[(p + 1) % PX]);
                let factors = [0, 1, 0, 1].map(|n| factors[n % N]);
                let bytes = finish.bytes([low[0], low[1 % N], high[0], high[1 % N]], factors);
                let (low, high) = (y[p % PX], y[(p + 1) % PX]);
                if channels == 8 {
                    vst1_s8(low, vget_low_s8(bytes));
                    vst1q_lane_s64::<1>(high.cast(), vreinterpretq_s64_s8(bytes));
                } else {
                    store(low, bytes, channels);
                    store(high, vextq_s8::<8>(bytes, bytes), channels);
                }
            }
            return;
        }
        for p in 0..PX {
            let index = |n: usize| if n < N { n } else { N - 1 };
            let accumulators = [0, 1, 2, 3].map(|n| sums[p][index(n)]);
            let bytes = finish.bytes(accumulators, [0, 1, 2, 3].map(|n| factors[index(n)]));
            match (N, channels) {
                (4, 16) => vst1q_s8(y[p], bytes),
                (3, 12) => {
                    vst1_s8(y[p], vget_low_s8(bytes));
                    vst1q_lane_s32::<2>(y[p].add(8).cast(), vreinterpretq_s32_s8(bytes));
                }
                (2, 8) => vst1_s8(y[p], vget_low_s8(bytes)),
                (1, 4) => vst1q_lane_s32::<0>(y[p].cast(), vreinterpretq_s32_s8(bytes)),
                _ => store(y[p], bytes, channels),
            }
        }
    }
}

/// Writes the first `count` bytes, at most 16.
///
/// # Safety
/// `count` bytes can be written at `y`.
#[inline(always)]
pub(super) unsafe fn store(mut y: *mut i8, mut bytes: int8x16_t, count: usize) {
    // SAFETY: as many bytes as the bits of the count say are written, in order.
    unsafe {
        if count & 16 != 0 {
            vst1q_s8(y, bytes);
            return;
        }
        if count & 8 != 0 {
            vst1_s8(y, vget_low_s8(bytes));
            bytes = vextq_s8::<8>(bytes, bytes);
            y = y.add(8);
        }
        if count & 4 != 0 {
            vst1q_lane_s32::<0>(y.cast(), vreinterpretq_s32_s8(bytes));
            bytes = vextq_s8::<4>(bytes, bytes);
            y = y.add(4);
        }
        if count & 2 != 0 {
            vst1q_lane_s16::<0>(y.cast(), vreinterpretq_s16_s8(bytes));
            bytes = vextq_s8::<2>(bytes, bytes);
            y = y.add(2);
        }
        if count & 1 != 0 {
            vst1q_lane_s8::<0>(y, bytes);
        }
    }
}
