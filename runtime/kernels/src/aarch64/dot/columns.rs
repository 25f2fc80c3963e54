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
    const WIDE: bool = false;

    unsafe fn run<F: Finish>(task: &Task, finish: F) {
        #[target_feature(enable = "dotprod")]
        unsafe fn run<F: Finish>(task: &Task, finish: F) {
            // SAFETY: the caller's.
            unsafe { columns(task, finish) }
        }
        // SAFETY: the caller's.
        unsafe { run(task, finish) }
    }
}

/// All outputs of a task: two rows together where one follows the other.
#[inline(always)]
unsafe fn columns<F: Finish>(task: &Task, finish: F) {
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
                two(task, &numbers, finish, row, &weights, &below);
                row += 2;
            }
        }
        while row < height {
            one(task, &numbers, finish, row, &weights);
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
        let load = |i: usize| {
            let i = if i < ROWS { i } else { 1 };
            let v = vld1_s8(x.wrapping_add(i * row));
            vcombine_s8(v, v)
        };
        let even = vzip1q_s8(load(0), load(2));
        let odd = vzip1q_s8(load(1), load(3));
        [vzip1q_s8(even, odd), vzip2q_s8(even, odd)]
    }
}

/// Two rows of outputs, stride 1.
#[inline(always)]
unsafe fn two<F: Finish>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    row: usize,
    weights: &[Column; 3],
    below: &[Column; 3],
) {
    let (x, mut y) = task.at(row, 0);
    let line = task.size[1] * task.out;
    let pixel = task.pixel;
    // SAFETY: the caller's: the row's windows are in the band.
    unsafe {
        let (mut a, mut b) =
            (column::<4>(x, task.row), column::<4>(x.wrapping_add(pixel), task.row));
        let mut x = x.wrapping_add(2 * pixel);
        let mut left = task.size[1];
        while left > 0 {
            let c = column::<4>(x, task.row);
            let upper = sums(numbers, [a, b, c], weights);
            let lower = sums(numbers, [a, b, c], below);
            pair(task, numbers, finish, upper, lower, y, y.wrapping_add(line));
            (a, b) = (b, c);
            x = x.wrapping_add(pixel);
            y = y.wrapping_add(task.out);
            left -= 1;
        }
    }
}

/// One row of outputs, any stride.
#[inline(always)]
unsafe fn one<F: Finish>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    row: usize,
    weights: &[Column; 3],
) {
    let (mut x, mut y) = task.at(row, 0);
    let (pixel, step) = (task.pixel, task.stride[1] * task.pixel);
    // SAFETY: the caller's: the row's windows are in the band.
    unsafe {
        for _ in 0..task.size[1] {
            let a = column::<3>(x, task.row);
            let b = column::<3>(x.wrapping_add(pixel), task.row);
            let c = column::<3>(x.wrapping_add(2 * pixel), task.row);
            let sums = sums(numbers, [a, b, c], weights);
            pair(task, numbers, finish, sums, sums, y, y);
            x = x.wrapping_add(step);
            y = y.wrapping_add(task.out);
        }
    }
}
