//! DEPTHWISE_CONV_2D: bands are staged, then each group of eight channels goes over all of a band's
//! pixels with its weights in registers.

use super::conv::with_form;
use super::depthwise_plan::{DepthwisePlan, GROUP, as_conv};
use super::finish::{Any, Bounds, Factors, Finish, Linear, Relu};
use super::form::{Access, Form, Scale};
use super::gemm::{Tile, store};
use super::geometry::{Band, Mac, offsets_are_inside};
use super::memory::{copy, fill};
use crate::packed::{Conv, Depthwise};
use crate::{Part, Window};
use core::arch::aarch64::*;

/// Eight channels of a band: where to read and write.
#[derive(Clone, Copy)]
pub(super) struct Task {
    /// The first window's first element.
    pub x: *const i8,
    /// Bytes from a row of the band to the next.
    pub row: usize,
    /// Bytes from a pixel of the band to the next.
    pub pixel: usize,
    /// Distance of windows, in rows and pixels.
    pub stride: [usize; 2],
    /// The first output.
    pub y: *mut i8,
    /// Bytes from an output pixel to the next.
    pub out: usize,
    /// Output rows and columns.
    pub size: [usize; 2],
    /// Channels that are written, at most eight.
    pub channels: usize,
    /// The group's numbers; weights follow.
    pub numbers: *const i32,
    /// Offsets of the taps.
    pub offsets: *const u32,
    /// How many, even.
    pub taps: usize,
}

/// Biases and factors of a group.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    pub bias: [int32x4_t; 2],
    pub factors: [Factors; 2],
    /// What is behind them.
    pub weights: *const i8,
}

impl Task {
    /// The group's numbers.
    ///
    /// # Safety
    /// There is a packed group.
    #[inline(always)]
    pub unsafe fn load(&self) -> Numbers {
        // SAFETY: a group begins with 24 numbers.
        unsafe {
            let at = |i: usize| vld1q_s32(self.numbers.add(4 * i));
            let factors = [(2, 4), (3, 5)]
                .map(|(mantissa, shift)| Factors { mantissa: at(mantissa), shift: at(shift) });
            let weights = self.numbers.add(3 * GROUP).cast();
            Numbers { bias: [at(0), at(1)], factors, weights }
        }
    }

    /// The first element of the window at an output, and the output.
    #[inline(always)]
    pub fn at(&self, row: usize, column: usize) -> (*const i8, *mut i8) {
        let x = row * self.stride[0] * self.row + column * self.stride[1] * self.pixel;
        let y = (row * self.size[1] + column) * self.out;
        (self.x.wrapping_add(x), self.y.wrapping_add(y))
    }

    /// Writes two outputs.
    ///
    /// # Safety
    /// `channels` bytes can be written at both, eight with `FULL`.
    #[inline(always)]
    pub unsafe fn write<const FULL: bool>(&self, bytes: int8x16_t, low: *mut i8, high: *mut i8) {
        // SAFETY: the caller's.
        unsafe {
            if FULL {
                vst1_s8(low, vget_low_s8(bytes));
                vst1q_lane_s64::<1>(high.cast(), vreinterpretq_s64_s8(bytes));
            } else {
                store(low, bytes, self.channels);
                store(high, vextq_s8::<8>(bytes, bytes), self.channels);
            }
        }
    }
}

/// A family's kernel for 3 x 3 neighbouring elements.
pub(super) trait Small: Copy {
    /// All outputs of a task.
    ///
    /// # Safety
    /// Everything that the task says can be read and written; the processor is of the family;
    /// `FULL` if the task has eight channels.
    unsafe fn run<F: Finish, const FULL: bool>(task: &Task, finish: F);
}

/// A part of a depthwise convolution: some output rows.
///
/// # Safety
/// The processor is of the tile's family, the constant is packed for it.
pub(super) unsafe fn depthwise<T: Tile, S: Small>(mac: Mac, call: &Depthwise<'_>, part: Part) {
    let Some(form) = Form::of(call.form) else { return };
    // SAFETY: the caller's.
    unsafe {
        if let Some((form, spec)) = as_conv(form, call.spec) {
            let Depthwise { cpu, family, packed, x, y, scratch, .. } = *call;
            let call = Conv { cpu, family, form: call.form, spec: &spec, packed, x, y, scratch };
            return with_form::<T>(mac, form, &call, part);
        }
        let Some(plan) = DepthwisePlan::new(mac, form, call.spec) else { return };
        if !offsets_are_inside(call.packed, plan.taps, plan.last_offset(&call.spec.window)) {
            return;
        }
        let bounds = Bounds::new(call.spec.output_zero, call.spec.clamp);
        match form.scale {
            Scale::Up if form.narrow => rows::<S, _>(form, &plan, call, part, Relu::<false>),
            Scale::Away => rows::<S, _>(form, &plan, call, part, Linear(bounds)),
            scale => rows::<S, _>(form, &plan, call, part, Any::new(scale, bounds)),
        }
    }
}

/// All groups of some output rows, band by band.
unsafe fn rows<S: Small, F: Finish>(
    form: Form,
    plan: &DepthwisePlan,
    call: &Depthwise<'_>,
    part: Part,
    finish: F,
) {
    let window = &call.spec.window;
    let [height, width] = window.output;
    let packed = call.packed.as_ptr();
    let memory = call.scratch.as_mut_ptr().cast::<i8>();
    let rows = part.of(window.batch * height);
    let mut at = rows.start;
    while at < rows.end && width > 0 {
        let n = at.checked_div(height).unwrap_or(0);
        let top = at - n * height;
        let most = plan.band.map_or(1, |band| band.rows);
        let count = most.min(height - top).min(rows.end - at);
        // SAFETY: the band has these rows; packed constant, scratch memory and output are as long as
        // the plan says.
        unsafe {
            let y = call.y.as_mut_ptr().add(at * width * plan.channels);
            let mut task = Task {
                x: memory,
                row: 0,
                pixel: plan.pixel,
                stride: window.stride,
                y,
                out: plan.channels,
                size: [count, width],
                channels: plan.channels.min(GROUP),
                numbers: core::ptr::null(),
                offsets: packed.cast(),
                taps: plan.taps,
            };
            if let Some(band) = &plan.band {
                stage(call, n, top, count, band);
                task.row = band.row();
                groups::<S, F>(form, plan, packed, task, finish);
            } else {
                for column in 0..width {
                    gather(call, plan, n, top, column);
                    task.size = [1, 1];
                    task.y = y.add(column * plan.channels);
                    groups::<S, F>(form, plan, packed, task, finish);
                }
            }
        }
        at += count;
    }
}

#[inline(always)]
unsafe fn groups<S: Small, F: Finish>(
    form: Form,
    plan: &DepthwisePlan,
    packed: *const u8,
    mut task: Task,
    finish: F,
) {
    let (x, y) = (task.x, task.y);
    for group in 0..plan.groups {
        let first = plan.first(group);
        // SAFETY: groups follow the table of offsets; channels are inside a pixel.
        unsafe {
            task.numbers = packed.add(plan.table + group * plan.group).cast();
            (task.x, task.y) = (x.add(first), y.add(first));
            if form.access == Access::Copy && task.channels == GROUP {
                S::run::<F, true>(&task, finish);
            } else if form.access == Access::Copy {
                S::run::<F, false>(&task, finish);
            } else if form.wide {
                any::<F, true>(&task, finish);
            } else {
                any::<F, false>(&task, finish);
            }
        }
    }
}

/// Any number of taps.
#[inline(never)]
unsafe fn any<F: Finish, const WIDE: bool>(task: &Task, finish: F) {
    // SAFETY: the caller's.
    unsafe {
        let numbers = task.load();
        for row in 0..task.size[0] {
            let (mut x, mut y) = task.at(row, 0);
            let step = task.stride[1] * task.pixel;
            let mut left = task.size[1];
            while left >= 4 {
                let from = core::array::from_fn(|p| x.wrapping_add(p * step));
                let to = [0, 1, 2, 3].map(|p| y.wrapping_add(p * task.out));
                let sums = taps::<4, WIDE>(task, &numbers, from);
                write(task, &numbers, finish, sums[0], sums[1], to[0], to[1]);
                write(task, &numbers, finish, sums[2], sums[3], to[2], to[3]);
                x = x.wrapping_add(4 * step);
                y = y.wrapping_add(4 * task.out);
                left -= 4;
            }
            for _ in 0..left {
                let [sums] = taps::<1, WIDE>(task, &numbers, [x]);
                write(task, &numbers, finish, sums, sums, y, y);
                x = x.wrapping_add(step);
                y = y.wrapping_add(task.out);
            }
        }
    }
}

/// Finishes two outputs.
///
/// # Safety
/// As [`Task::write`].
#[inline(always)]
pub(super) unsafe fn pair<F: Finish, const FULL: bool>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    low: [int32x4_t; 2],
    high: [int32x4_t; 2],
    to_low: *mut i8,
    to_high: *mut i8,
) {
    let [f, g] = numbers.factors;
    let bytes = finish.bytes([low[0], low[1], high[0], high[1]], [f, g, f, g]);
    // SAFETY: the caller's.
    unsafe { task.write::<FULL>(bytes, to_low, to_high) }
}

/// [`pair`] for any number of channels.
#[inline(always)]
unsafe fn write<F: Finish>(
    task: &Task,
    numbers: &Numbers,
    finish: F,
    low: [int32x4_t; 2],
    high: [int32x4_t; 2],
    to_low: *mut i8,
    to_high: *mut i8,
) {
    // SAFETY: the caller's.
    unsafe {
        if task.channels == GROUP {
            pair::<F, true>(task, numbers, finish, low, high, to_low, to_high);
        } else {
            pair::<F, false>(task, numbers, finish, low, high, to_low, to_high);
        }
    }
}

/// Sums of `PX` windows over all taps, two by two.
#[inline(always)]
unsafe fn taps<const PX: usize, const WIDE: bool>(
    task: &Task,
    numbers: &Numbers,
    x: [*const i8; PX],
) -> [[int32x4_t; 2]; PX] {
    let mut sums = [numbers.bias; PX];
    let mut w = numbers.weights;
    for tap in (0..task.taps).step_by(2) {
        // SAFETY: taps have offsets inside the band, and eight weights each.
        unsafe {
            let offsets = [0, 1].map(|i| task.offsets.add(tap + i).read() as usize);
            let weights = [vld1_s8(w), vld1_s8(w.add(8))];
            w = w.add(16);
            for p in 0..PX {
                let values = offsets.map(|offset| vld1_s8(x[p].add(offset)));
                let first = vmull_s8(values[0], weights[0]);
                if WIDE {
                    sums[p] = add(sums[p], first);
                    sums[p] = add(sums[p], vmull_s8(values[1], weights[1]));
                } else {
                    sums[p] = add(sums[p], vmlal_s8(first, values[1], weights[1]));
                }
            }
        }
    }
    sums
}

/// Eight 16-bit numbers added to 32-bit sums.
#[inline(always)]
fn add(sums: [int32x4_t; 2], v: int16x8_t) -> [int32x4_t; 2] {
    // SAFETY: every AArch64 processor has NEON.
    unsafe { [vaddw_s16(sums[0], vget_low_s16(v)), vaddw_high_s16(sums[1], v)] }
}

/// 3 x 3 elements with SMULL: pairs of taps in 16 bits. Without `WIDE` only.
#[derive(Clone, Copy)]
pub(super) struct Taps<const WIDE: bool>;

impl<const WIDE: bool> Small for Taps<WIDE> {
    unsafe fn run<F: Finish, const FULL: bool>(task: &Task, finish: F) {
        // SAFETY: the caller's.
        unsafe {
            if WIDE || task.stride[1] > 2 {
                any::<F, WIDE>(task, finish);
            } else if task.stride[1] == 1 {
                rolling::<F, FULL>(task, finish);
            } else {
                striding::<F, FULL>(task, finish);
            }
        }
    }
}

/// Three elements of a column.
type Column = [int8x8_t; 3];

/// The column at `x`.
#[inline(always)]
unsafe fn column(x: *const i8, row: usize) -> Column {
    // SAFETY: the caller's.
    unsafe { [vld1_s8(x), vld1_s8(x.wrapping_add(row)), vld1_s8(x.wrapping_add(2 * row))] }
}

/// The nine weights.
#[inline(always)]
unsafe fn nine(numbers: &Numbers) -> [Column; 3] {
    let w = numbers.weights;
    // SAFETY: a group has them, row by row.
    unsafe { [column(w, 24), column(w.add(8), 24), column(w.add(16), 24)] }
}

/// Three columns times their weights: row by row, two products in 16 bits.
#[inline(always)]
fn sum(numbers: &Numbers, w: &[Column; 3], [a, b, c]: [Column; 3]) -> [int32x4_t; 2] {
    let [u, v, w] = w;
    // SAFETY: every AArch64 processor has NEON.
    unsafe {
        let mut sums = numbers.bias;
        sums = add(sums, vmlal_s8(vmull_s8(a[0], u[0]), b[0], v[0]));
        sums = add(sums, vmlal_s8(vmull_s8(c[0], w[0]), a[1], u[1]));
        sums = add(sums, vmlal_s8(vmull_s8(b[1], v[1]), c[1], w[1]));
        sums = add(sums, vmlal_s8(vmull_s8(a[2], u[2]), b[2], v[2]));
        add(sums, vmull_s8(c[2], w[2]))
    }
}

/// 3 x 3 elements, one pixel from window to window: each column is loaded once for a row.
#[inline(never)]
unsafe fn rolling<F: Finish, const FULL: bool>(task: &Task, finish: F) {
    // SAFETY: the caller's: the windows are inside the band.
    unsafe {
        let numbers = task.load();
        let weights = nine(&numbers);
        let (row, pixel, out) = (task.row, task.pixel, task.out);
        for line in 0..task.size[0] {
            let (mut x, mut y) = task.at(line, 0);
            let (mut a, mut b) = (column(x, row), column(x.wrapping_add(pixel), row));
            x = x.wrapping_add(2 * pixel);
            let mut left = task.size[1];
            while left >= 4 {
                let c = column(x, row);
                let d = column(x.wrapping_add(pixel), row);
                x = x.wrapping_add(2 * pixel);
                let low = sum(&numbers, &weights, [a, b, c]);
                let high = sum(&numbers, &weights, [b, c, d]);
                pair::<F, FULL>(task, &numbers, finish, low, high, y, y.wrapping_add(out));
                y = y.wrapping_add(2 * out);
                a = column(x, row);
                b = column(x.wrapping_add(pixel), row);
                x = x.wrapping_add(2 * pixel);
                let low = sum(&numbers, &weights, [c, d, a]);
                let high = sum(&numbers, &weights, [d, a, b]);
                pair::<F, FULL>(task, &numbers, finish, low, high, y, y.wrapping_add(out));
                y = y.wrapping_add(2 * out);
                left -= 4;
            }
            while left > 0 {
                let c = column(x, row);
                let sums = sum(&numbers, &weights, [a, b, c]);
                pair::<F, FULL>(task, &numbers, finish, sums, sums, y, y);
                (a, b) = (b, c);
                x = x.wrapping_add(pixel);
                y = y.wrapping_add(out);
                left -= 1;
            }
        }
    }
}

/// 3 x 3 elements, two pixels from window to window.
#[inline(never)]
unsafe fn striding<F: Finish, const FULL: bool>(task: &Task, finish: F) {
    // SAFETY: the caller's: the windows are inside the band.
    unsafe {
        let numbers = task.load();
        let weights = nine(&numbers);
        let (row, pixel, out) = (task.row, task.pixel, task.out);
        for line in 0..task.size[0] {
            let (mut x, mut y) = task.at(line, 0);
            let mut a = column(x, row);
            let mut left = task.size[1];
            while left >= 2 {
                let b = column(x.wrapping_add(pixel), row);
                let c = column(x.wrapping_add(2 * pixel), row);
                let low = sum(&numbers, &weights, [a, b, c]);
                let b = column(x.wrapping_add(3 * pixel), row);
                a = column(x.wrapping_add(4 * pixel), row);
                let high = sum(&numbers, &weights, [c, b, a]);
                pair::<F, FULL>(task, &numbers, finish, low, high, y, y.wrapping_add(out));
                x = x.wrapping_add(4 * pixel);
                y = y.wrapping_add(2 * out);
                left -= 2;
            }
            if left > 0 {
                let b = column(x.wrapping_add(pixel), row);
                let c = column(x.wrapping_add(2 * pixel), row);
                let sums = sum(&numbers, &weights, [a, b, c]);
                pair::<F, FULL>(task, &numbers, finish, sums, sums, y, y);
            }
        }
    }
}

/// Copies what `rows` output rows from `top` on need, with the padding around it, channels repeated
/// as often as the multiplier says.
unsafe fn stage(call: &Depthwise<'_>, n: usize, top: usize, rows: usize, band: &Band) {
    let spec = call.spec;
    let window = &spec.window;
    let to = call.scratch.as_mut_ptr().cast::<i8>();
    let x = call.x.as_ptr();
    let zero = spec.input_zero as i8;
    // SAFETY: the band has these rows.
    unsafe {
        if band.pixel == spec.in_channels {
            super::conv::stage(x, window, n, top, rows, band, to, zero);
            return;
        }
        let lines = (rows - 1) * window.stride[0] + (window.kernel[0] - 1) * window.dilation[0] + 1;
        fill(to, zero, lines * band.row());
        for line in 0..lines {
            let at = (top * window.stride[0] + line).wrapping_sub(window.pad[0]);
            if at >= window.input[0] {
                continue;
            }
            let from = x.add((n * window.input[0] + at) * window.input[1] * spec.in_channels);
            let to = to.add(line * band.row());
            for column in 0..band.width {
                let at = column.wrapping_sub(window.pad[1]);
                if at < window.input[1] {
                    let from = from.add(at * spec.in_channels);
                    repeat(from, to.add(column * band.pixel), spec.in_channels, spec.multiplier);
                }
            }
        }
    }
}

/// Each of `channels` bytes `times` times.
#[inline(always)]
unsafe fn repeat(from: *const i8, to: *mut i8, channels: usize, times: usize) {
    // SAFETY: the caller's.
    unsafe {
        if times == 1 {
            return copy(from, to, channels);
        }
        for channel in 0..channels {
            fill(to.add(channel * times), from.add(channel).read(), times);
        }
    }
}

/// Stages one window.
unsafe fn gather(call: &Depthwise<'_>, plan: &DepthwisePlan, n: usize, row: usize, column: usize) {
    let spec = call.spec;
    let to = call.scratch.as_mut_ptr().cast::<i8>();
    let x = call.x.as_ptr();
    let window: &Window = &spec.window;
    // SAFETY: the memory has room for all taps.
    unsafe {
        fill(to, spec.input_zero as i8, plan.taps * plan.pixel);
        window.taps(n, row, column, |tap, pixel| {
            let from = x.add(pixel * spec.in_channels);
            repeat(from, to.add(tap * plan.pixel), spec.in_channels, spec.multiplier);
        });
    }
}
