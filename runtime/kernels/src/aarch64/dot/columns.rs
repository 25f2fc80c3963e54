//! 3 x 3 depthwise convolution with SDOT: the bytes of four rows are interleaved, so that a word has
//! a channel's column; three columns times their weights are an output, and with the weights moved
//! down by one row the output below it.

use crate::aarch64::depthwise::{Numbers, Small, Task, pair};
use crate::aarch64::finish::Finish;
use core::arch::aarch64::*;
use core::arch::asm;

/// A column of eight channels.
type Column = [int8x16_t; 2];

/// The kernel.
#[derive(Clone, Copy)]
pub(crate) struct Columns;

impl Small for Columns {
    unsafe fn run<F: Finish, const FULL: bool>(task: &Task, finish: F) {
        #[target_feature(enable = "dotprod")]
        unsafe fn run<F: Finish, const FULL: bool>(task: &Task, finish: F) {
            // SAFETY: the caller's.
            unsafe { columns::<F, FULL>(task, finish) }
        }
        // SAFETY: the caller's.
        unsafe { run::<F, FULL>(task, finish) }
    }
}

/// All outputs of a task: two rows together where one follows the other.
#[inline(always)]
unsafe fn columns<F: Finish, const FULL: bool>(task: &Task, finish: F) {
    // SAFETY: the caller's.
    unsafe {
        let numbers = task.load();
        let weights: [Column; 3] = core::array::from_fn(|c| {
            let half = |half: usize| vld1q_s8(numbers.weights.add(32 * c + 16 * half));
            [half(0), half(1)]
        });
        let [height, _] = task.size;
        let mut row = 0;
        if task.stride == [1, 1] {
            let below = weights.map(|column| [down(column[0]), down(column[1])]);
            while row + 2 <= height {
                two::<F, FULL>(task, &numbers, finish, row, &weights, &below);
                row += 2;
            }
        }
        while row < height {
            one::<F, FULL>(task, &numbers, finish, row, &weights);
            row += 1;
        }
    }
}

/// The four taps of each word moved by one.
#[inline(always)]
fn down(weights: int8x16_t) -> int8x16_t {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { vreinterpretq_s8_s32(vshlq_n_s32::<8>(vreinterpretq_s32_s8(weights))) }
}

/// `sum + x * w` of words.
#[inline(always)]
unsafe fn dot(mut sum: int32x4_t, x: int8x16_t, w: int8x16_t) -> int32x4_t {
    // SAFETY: the caller's: the processor has the instruction, which touches registers only.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {x:v}.16b, {w:v}.16b",
            sum = inout(vreg) sum,
            x = in(vreg) x,
            w = in(vreg) w,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}

/// Three columns times weights.
#[inline(always)]
unsafe fn sums(numbers: &Numbers, x: [Column; 3], weights: &[Column; 3]) -> [int32x4_t; 2] {
    let mut sums = numbers.bias;
    for (x, w) in x.iter().zip(weights) {
        // SAFETY: the caller's.
        unsafe { sums = [dot(sums[0], x[0], w[0]), dot(sums[1], x[1], w[1])] };
    }
    sums
}

/// The column at `x`: four rows, or three where there is no fourth.
#[inline(always)]
unsafe fn column<const ROWS: usize>(x: *const i8, row: usize) -> Column {
    // SAFETY: the caller's; interleaving takes the lower halves.
    unsafe {
        let last = if ROWS == 4 { 3 } else { 1 };
        let v = [0, 1, 2, last].map(|i| {
            let v = vld1_s8(x.wrapping_add(i * row));
            vcombine_s8(v, v)
        });
        let (even, odd) = (vzip1q_s8(v[0], v[2]), vzip1q_s8(v[1], v[3]));
        [vzip1q_s8(even, odd), vzip2q_s8(even, odd)]
    }
}

/// An output of two rows.
#[inline(always)]
unsafe fn both<F: Finish, const FULL: bool>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    columns: [Column; 3],
    weights: [&[Column; 3]; 2],
    y: *mut i8,
    line: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        let upper = sums(numbers, columns, weights[0]);
        let lower = sums(numbers, columns, weights[1]);
        pair::<F, FULL>(task, numbers, finish, upper, lower, y, y.wrapping_add(line));
    }
}

/// Two rows of outputs, stride 1.
#[inline(always)]
unsafe fn two<F: Finish, const FULL: bool>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    row: usize,
    weights: &[Column; 3],
    below: &[Column; 3],
) {
    let (x, mut y) = task.at(row, 0);
    let line = task.size[1] * task.out;
    let (pixel, row, out) = (task.pixel, task.row, task.out);
    let weights = [weights, below];
    // SAFETY: the caller's: the row's windows are in the band.
    unsafe {
        let (mut a, mut b) = (column::<4>(x, row), column::<4>(x.wrapping_add(pixel), row));
        let mut x = x.wrapping_add(2 * pixel);
        let mut left = task.size[1];
        while left >= 3 {
            let c = column::<4>(x, row);
            both::<F, FULL>(task, numbers, finish, [a, b, c], weights, y, line);
            x = x.wrapping_add(pixel);
            y = y.wrapping_add(out);
            a = column::<4>(x, row);
            both::<F, FULL>(task, numbers, finish, [b, c, a], weights, y, line);
            x = x.wrapping_add(pixel);
            y = y.wrapping_add(out);
            b = column::<4>(x, row);
            both::<F, FULL>(task, numbers, finish, [c, a, b], weights, y, line);
            x = x.wrapping_add(pixel);
            y = y.wrapping_add(out);
            left -= 3;
        }
        while left > 0 {
            let c = column::<4>(x, row);
            both::<F, FULL>(task, numbers, finish, [a, b, c], weights, y, line);
            (a, b) = (b, c);
            x = x.wrapping_add(pixel);
            y = y.wrapping_add(out);
            left -= 1;
        }
    }
}

/// One row of outputs, any stride.
#[inline(always)]
unsafe fn one<F: Finish, const FULL: bool>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    row: usize,
    weights: &[Column; 3],
) {
    let (mut x, mut y) = task.at(row, 0);
    let (pixel, row, out) = (task.pixel, task.row, task.out);
    let step = task.stride[1] * pixel;
    // SAFETY: the caller's: the row's windows are in the band.
    unsafe {
        let mut left = task.size[1];
        if task.stride[1] == 2 {
            let mut a = column::<3>(x, row);
            while left >= 2 {
                let b = column::<3>(x.wrapping_add(pixel), row);
                let c = column::<3>(x.wrapping_add(2 * pixel), row);
                let low = sums(numbers, [a, b, c], weights);
                let b = column::<3>(x.wrapping_add(3 * pixel), row);
                a = column::<3>(x.wrapping_add(4 * pixel), row);
                let high = sums(numbers, [c, b, a], weights);
                pair::<F, FULL>(task, numbers, finish, low, high, y, y.wrapping_add(out));
                x = x.wrapping_add(4 * pixel);
                y = y.wrapping_add(2 * out);
                left -= 2;
            }
        }
        for _ in 0..left {
            let a = column::<3>(x, row);
            let b = column::<3>(x.wrapping_add(pixel), row);
            let c = column::<3>(x.wrapping_add(2 * pixel), row);
            let sums = sums(numbers, [a, b, c], weights);
            pair::<F, FULL>(task, numbers, finish, sums, sums, y, y);
            x = x.wrapping_add(step);
            y = y.wrapping_add(out);
        }
    }
}
