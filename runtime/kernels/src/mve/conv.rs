//! CONV_2D: brings the windows of pixels into the order of the weights, two pixels at a time.
//!
//! A tile writes four channels, and where the number of channels is no multiple of four, the last
//! tile of a pixel writes into the pixel behind. So tiles run from last to first, pixels from first
//! to last: what was written too far is written again. The last pixels of all go to scratch memory
//! and are copied.

use super::layout::{AWAY, BOUNDED, LEAN, Plan, Route, SINGLE};
use super::memory::{Columns, copy, fill};
use super::tile::Job;
use super::{short, tile};
use crate::packed::Conv;
use crate::requant::Multiplier;
use crate::{Part, Window};

/// A part of a packed convolution: the first is the whole.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    let Some(plan) = Plan::of(call.form, call.spec) else { return };
    if part.index > 0 || call.y.is_empty() {
        return;
    }
    let mut pixels = Pixels::new(call, plan);
    // SAFETY: the constructor of the call has checked all lengths against the plan.
    unsafe {
        match plan.route {
            Route::Direct => direct(&mut pixels),
            Route::Strip => strips(&mut pixels),
            Route::Gather => windows(&mut pixels),
        }
        pixels.finish();
    }
}

/// Whether windows are so few vectors that they stay in registers.
fn is_short(form: u8, plan: &Plan) -> bool {
    plan.steps <= 4 && matches!(form, LEAN | AWAY | BOUNDED)
}

/// Pixels of the output in order, each with its window; computed in pairs.
struct Pixels<'a> {
    call: &'a Conv<'a>,
    plan: Plan,
    job: Job,
    /// From a window to the next of a row.
    step: usize,
    /// The output of the next pixel, and the end of all.
    y: *mut i8,
    y_end: *mut i8,
    /// The window of the pixel before `y`, which has no partner yet.
    single: Option<*const i8>,
}

impl<'a> Pixels<'a> {
    fn new(call: &'a Conv<'a>, plan: Plan) -> Self {
        let spec = call.spec;
        let y = call.y.as_mut_ptr();
        let packed = call.packed.as_ptr();
        let unit = if plan.route == Route::Strip { plan.column } else { spec.in_channels };
        let step = unit.wrapping_mul(spec.window.stride[1]);
        let end = packed.addr() + plan.tiles * plan.block;
        let (loops, skip) = tile::loops(call.form, plan.steps);
        let job = Job {
            x: [core::ptr::null(); 2],
            loops,
            skip,
            end: if is_short(call.form, &plan) { plan.tiles } else { end },
            zero: spec.output_zero,
            step: [2 * step, 2 * spec.out_channels + 4 * plan.tiles],
            packed,
            pairs: 0,
            clamp: [spec.clamp.min, spec.clamp.max],
            y: [core::ptr::null_mut(); 2],
        };
        let y_end = y.wrapping_add(call.y.len());
        Self { call, plan, job, step, y, y_end, single: None }
    }

    fn scratch(&self, at: usize) -> *mut i8 {
        self.call.scratch.as_mut_ptr().cast::<i8>().wrapping_add(at)
    }

    /// The next `count` pixels, whose windows start at `x` and follow each other. The windows of two
    /// calls must stay readable until the second is over.
    ///
    /// # Safety
    /// The output has that many pixels left; the windows are readable up to whole vectors.
    unsafe fn row(&mut self, mut x: *const i8, mut count: usize) {
        let out = self.call.spec.out_channels;
        if count > 0
            && let Some(single) = self.single.take()
        {
            // SAFETY: two pixels with their windows.
            unsafe { self.run([single, x], self.y.wrapping_sub(out), 1) };
            self.y = self.y.wrapping_add(out);
            x = x.wrapping_add(self.step);
            count -= 1;
        }
        if count > 1 {
            // SAFETY: pairs of pixels with their windows.
            unsafe { self.run([x, x.wrapping_add(self.step)], self.y, count / 2) };
            self.y = self.y.wrapping_add((count & !1) * out);
            x = x.wrapping_add((count & !1) * self.step);
        }
        if count & 1 == 1 {
            self.single = Some(x);
            self.y = self.y.wrapping_add(out);
        }
    }

    /// The pixel without a partner.
    ///
    /// # Safety
    /// As for [`row`](Self::row), whose last call gave the window.
    unsafe fn finish(&mut self) {
        if let Some(single) = self.single.take() {
            let y = self.y.wrapping_sub(self.call.spec.out_channels);
            // SAFETY: the pixel is its own partner.
            unsafe { self.last([single, single], [y, y]) };
        }
    }

    /// Pairs of pixels that follow each other in the output from `y` on.
    ///
    /// # Safety
    /// As for [`row`](Self::row).
    unsafe fn run(&mut self, x: [*const i8; 2], y: *mut i8, count: usize) {
        let out = self.call.spec.out_channels;
        let pair = |index: usize| {
            let y = y.wrapping_add(2 * out * index);
            [y, y.wrapping_add(out)]
        };
        if self.call.form == SINGLE {
            for index in 0..count {
                let x = x.map(|x| x.wrapping_add(self.job.step[0] * index));
                // SAFETY: one pair.
                unsafe { self.scalar(x, pair(index)) };
            }
            return;
        }
        let spill = 4 * self.plan.tiles - out;
        let room = (self.y_end.addr() - y.addr()).saturating_sub(spill);
        let whole =
            if spill == 0 { count } else { count.min(room.checked_div(2 * out).unwrap_or(0)) };
        if whole > 0 {
            let last = 4 * self.plan.tiles - 4;
            let y = pair(0).map(|y| y.wrapping_add(last));
            let job = Job { x, y, pairs: whole, ..self.job };
            // SAFETY: what these write too far is still output.
            unsafe { self.pairs(&job) };
        }
        for index in whole..count {
            let x = x.map(|x| x.wrapping_add(self.job.step[0] * index));
            // SAFETY: one pair.
            unsafe { self.last(x, pair(index)) };
        }
    }

    /// The kernel for the length of the windows.
    ///
    /// # Safety
    /// As for [`tile::pairs`].
    unsafe fn pairs(&self, job: &Job) {
        let form = self.call.form;
        // SAFETY: the caller's promise.
        unsafe {
            if is_short(form, &self.plan) {
                short::pairs(form, self.plan.steps, job);
            } else {
                tile::pairs(form, job);
            }
        }
    }

    /// A pair behind which there is no room for what the last tile writes too far.
    ///
    /// # Safety
    /// As for [`row`](Self::row).
    unsafe fn last(&mut self, x: [*const i8; 2], y: [*mut i8; 2]) {
        if self.call.form == SINGLE {
            // SAFETY: one pair.
            unsafe { self.scalar(x, y) };
            return;
        }
        let width = 4 * self.plan.tiles;
        let rest = self.scratch(2 * self.plan.buffer);
        let to = [rest, rest.wrapping_add(width)];
        let job = Job { x, y: to.map(|y| y.wrapping_add(width - 4)), pairs: 1, ..self.job };
        // SAFETY: the scratch memory has room for two pixels of whole tiles.
        unsafe {
            self.pairs(&job);
            copy(to[0], y[0], self.call.spec.out_channels);
            copy(to[1], y[1], self.call.spec.out_channels);
        }
    }

    /// A pair whose accumulators are requantized one by one.
    ///
    /// # Safety
    /// As for [`row`](Self::row).
    unsafe fn scalar(&mut self, x: [*const i8; 2], y: [*mut i8; 2]) {
        let rest = self.scratch(2 * self.plan.buffer);
        let job = Job { x, y: [rest, rest], pairs: 1, ..self.job };
        // SAFETY: the scratch memory has room for eight accumulators of each tile.
        unsafe { tile::pairs(SINGLE, &job) };
        let spec = &self.call.spec;
        for channel in 0..spec.out_channels {
            let tile = self.plan.tiles - 1 - channel / 4;
            let numbers = (tile + 1) * self.plan.block - 32 + channel % 4 * 4;
            let sums: *const i32 = rest.wrapping_add(tile * 32 + channel % 4 * 4).cast();
            let packed: *const i32 = self.job.packed.wrapping_add(numbers).cast();
            for (pixel, y) in y.into_iter().enumerate() {
                // SAFETY: inside the packed constant and the accumulators; both are aligned.
                unsafe {
                    let factor = Multiplier { mantissa: *packed, shift: *packed.add(4) };
                    let scaled = factor.single(*sums.add(4 * pixel));
                    let value = spec.clamp.apply(scaled.wrapping_add(spec.output_zero));
                    *y.add(channel) = value as i8;
                }
            }
        }
    }
}

/// Windows of one pixel: the input itself. What a vector holds behind a window meets zero weights,
/// but behind the last ones there is no memory: these are copied.
///
/// # Safety
/// The call's lengths are checked.
unsafe fn direct(pixels: &mut Pixels<'_>) {
    let spec = &pixels.call.spec;
    let Window { batch, input, output, stride, .. } = spec.window;
    let (x, len) = (pixels.call.x.as_ptr(), pixels.call.x.len());
    let flat = stride == [1, 1] && input == output;
    let (rows, count) = if flat { (1, output[0] * output[1] * batch) } else { (0, output[1]) };
    let rows = if flat { rows } else { batch * output[0] };
    let padded = 16 * pixels.plan.steps;
    // The last offset that whole vectors can be read at.
    let safe = (len + 1).saturating_sub(padded);
    // Where the copy of the last windows starts; a window in it may wait for a partner.
    let mut copied = None;
    let (mut image, mut oy) = (0, 0);
    for _ in 0..rows {
        let start = (image * input[0] + oy * stride[0]) * input[1] * spec.in_channels;
        let mut whole = 0;
        if start < safe {
            let within = (safe - 1 - start).checked_div(pixels.step).unwrap_or(0) + 1;
            whole = count.min(within);
        }
        // SAFETY: these windows can be read up to whole vectors.
        unsafe { pixels.row(x.wrapping_add(start), whole) };
        if whole < count {
            let from = start + whole * pixels.step;
            let tail = pixels.scratch(0);
            let first = *copied.get_or_insert_with(|| {
                // SAFETY: less than whole vectors are left, and twice as much room for a copy.
                unsafe { copy(x.wrapping_add(from), tail, len - from) };
                from
            });
            // SAFETY: windows in the copy, with room for whole vectors behind them.
            unsafe { pixels.row(tail.wrapping_add(from - first), count - whole) };
        }
        oy += 1;
        if oy == output[0] {
            (image, oy) = (image + 1, 0);
        }
    }
}

/// A strip for each row: the input's columns under it, of each the rows that the windows see.
///
/// # Safety
/// The call's lengths are checked.
unsafe fn strips(pixels: &mut Pixels<'_>) {
    let (spec, plan) = (&pixels.call.spec, pixels.plan);
    let Window { batch, input, output, kernel, stride, dilation, pad } = spec.window;
    let (zero, channels) = (spec.input_zero as i8, spec.in_channels);
    let width = (output[1] - 1) * stride[1] + kernel[1];
    let left = pad[1].min(width);
    let inside = input[1].min(width - left);
    let right = width - left - inside;
    let columns = Columns::new(channels, plan.column);
    for buffer in 0..2 {
        let strip = pixels.scratch(buffer * plan.buffer);
        // SAFETY: columns left and right of the image, inside the strip.
        unsafe {
            fill(strip, zero, left * plan.column);
            fill(strip.wrapping_add((left + inside) * plan.column), zero, right * plan.column);
        }
    }
    let mut buffer = 0;
    for image in 0..batch {
        for oy in 0..output[0] {
            let strip = pixels.scratch(buffer * plan.buffer);
            for ky in 0..kernel[0] {
                let iy = (oy * stride[0] + ky * dilation[0]).wrapping_sub(pad[0]);
                let mut to = strip.wrapping_add(left * plan.column + ky * channels);
                if iy < input[0] {
                    let row = (image * input[0] + iy) * input[1] * channels;
                    let from = pixels.call.x.as_ptr().wrapping_add(row);
                    // SAFETY: a row of the image, and the columns inside the strip.
                    unsafe { columns.copy(from, to, inside) };
                } else {
                    for _ in 0..inside {
                        // SAFETY: a column inside the strip.
                        unsafe { fill(to, zero, channels) };
                        to = to.wrapping_add(plan.column);
                    }
                }
            }
            // SAFETY: the strip has all windows of the row, and a vector more.
            unsafe { pixels.row(strip, output[1]) };
            // A window of this strip may wait for a partner.
            buffer ^= output[1] & 1;
        }
    }
}

/// A copy of each window.
///
/// # Safety
/// The call's lengths are checked.
unsafe fn windows(pixels: &mut Pixels<'_>) {
    let (spec, plan) = (pixels.call.spec, pixels.plan);
    let Window { batch, input, output, kernel, stride, dilation, pad } = spec.window;
    let (zero, channels) = (spec.input_zero as i8, spec.in_channels);
    let mut buffer = 0;
    for image in 0..batch {
        for oy in 0..output[0] {
            for ox in 0..output[1] {
                let window = pixels.scratch(buffer * plan.buffer);
                let mut to = window;
                for kx in 0..kernel[1] {
                    let ix = (ox * stride[1] + kx * dilation[1]).wrapping_sub(pad[1]);
                    for ky in 0..kernel[0] {
                        let iy = (oy * stride[0] + ky * dilation[0]).wrapping_sub(pad[0]);
                        let pixel = (image * input[0] + iy) * input[1] + ix;
                        // SAFETY: a pixel inside the image, room for all of the window.
                        unsafe {
                            if iy < input[0] && ix < input[1] {
                                let from = pixels.call.x.as_ptr().wrapping_add(pixel * channels);
                                copy(from, to, channels);
                            } else {
                                fill(to, zero, channels);
                            }
                        }
                        to = to.wrapping_add(channels);
                    }
                }
                // SAFETY: the window is padded to whole vectors.
                unsafe { pixels.row(window, 1) };
                buffer ^= 1;
            }
        }
    }
}
