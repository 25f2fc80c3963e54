//! CONV_2D: which windows a tile is made of, and where their elements are.

use super::finish::{Any, Bounds, Finish, Linear, Relu};
use super::form::{Access, Form, Scale};
use super::gemm::{Matrix, Segments, Tile, windows};
use super::geometry::{Band, ConvPlan, Mac};
use super::memory::{copy, fill};
use crate::packed::Conv;
use crate::{Part, Window};
use core::ops::Range;

/// Windows of a tile.
const PX: usize = 4;

/// A part of a convolution.
///
/// # Safety
/// The processor is of the tile's family, the constant is packed for it.
#[inline(always)]
pub(super) unsafe fn conv<T: Tile>(mac: Mac, call: &Conv<'_>, part: Part) {
    let Some(form) = Form::of(call.form) else { return };
    let Some(plan) = ConvPlan::new(mac, form, &call.spec) else { return };
    // SAFETY: the caller's.
    unsafe {
        let bounds = Bounds::new(call.spec.output_zero, call.spec.clamp);
        match form.scale {
            Scale::Up if form.narrow => {
                run::<T, _>(mac, form, &plan, call, part, Relu::<false>);
            }
            Scale::Away => run::<T, _>(mac, form, &plan, call, part, Linear(bounds)),
            scale => run::<T, _>(mac, form, &plan, call, part, Any::new(scale, bounds)),
        }
    }
}

/// What the loops over windows share.
struct Job<'a, F> {
    matrix: Matrix,
    finish: F,
    form: Form,
    plan: &'a ConvPlan,
    window: &'a Window,
    call: &'a Conv<'a>,
    /// Four staged windows.
    staged: *mut i8,
    /// Past the last byte that may be read.
    end: *const i8,
    reach: usize,
}

#[inline(always)]
unsafe fn run<T: Tile, F: Finish>(
    mac: Mac,
    form: Form,
    plan: &ConvPlan,
    call: &Conv<'_>,
    part: Part,
    finish: F,
) {
    let window = &call.spec.window;
    let channels = call.spec.in_channels;
    let packed = call.packed.as_ptr();
    let product = &plan.product;
    // SAFETY: packed constant and scratch memory are as long as the plan says.
    let (tiles, staged) = unsafe {
        (packed.add(product.table), call.scratch.as_mut_ptr().add(plan.windows_at()).cast::<i8>())
    };
    let (whole, rest) = T::split(product.bytes);
    let segments = Segments { offsets: packed.cast(), count: product.segments, whole, rest };
    let matrix =
        Matrix { segments, tiles, channel: product.channel, channels: call.spec.out_channels };
    let x = call.x.as_ptr();
    let mut job = Job {
        matrix,
        finish,
        form,
        plan,
        window,
        call,
        staged,
        end: x.wrapping_add(call.x.len()),
        reach: mac.reach(product.bytes),
    };
    let [height, width] = window.output;
    let total = window.batch * height * width;
    let pixels = share(part, total);
    if pixels.is_empty() {
        return;
    }
    // SAFETY: every window of these pixels is inside the memory that `Rows` describes.
    unsafe {
        match form.access {
            Access::Gather => job.gather::<T>(pixels),
            Access::Direct if window.stride == [1, 1] && window.output == window.input => {
                let base = x.add(pixels.start * channels);
                job.rows::<T>(pixels, Rows { base, row: 0, pixel: channels, width: total });
            }
            Access::Direct => {
                let row = window.stride[0] * window.input[1] * channels;
                let pixel = window.stride[1] * channels;
                for (n, rows) in images(pixels, window) {
                    let first = n * height * width;
                    let (y, column) = position(rows.start - first, width);
                    let image = x.add(n * window.input[0] * window.input[1] * channels);
                    let base = image.add(y * row + column * pixel);
                    job.rows::<T>(rows, Rows { base, row, pixel, width });
                }
            }
            Access::Band | Access::Copy => {
                let Some(band) = plan.band else { return };
                job.end = core::ptr::without_provenance(usize::MAX);
                for (n, rows) in images(pixels, window) {
                    job.bands::<T>(band, n, rows);
                }
            }
        }
    }
}

/// A part's pixels: tiles are not split.
fn share(part: Part, total: usize) -> Range<usize> {
    let tiles = part.of(total.div_ceil(PX));
    (tiles.start * PX).min(total)..(tiles.end * PX).min(total)
}

/// The images that a range of pixels is in, and the pixels in each.
fn images(pixels: Range<usize>, window: &Window) -> impl Iterator<Item = (usize, Range<usize>)> {
    let each = window.output[0] * window.output[1];
    (0..window.batch).filter_map(move |n| {
        let start = pixels.start.max(n * each);
        let end = pixels.end.min((n + 1) * each);
        (start < end).then_some((n, start..end))
    })
}

/// Row and column of pixel `index` of an image.
#[inline(always)]
fn position(index: usize, width: usize) -> (usize, usize) {
    let row = index.checked_div(width).unwrap_or(0);
    (row, index - row * width)
}

/// Where windows begin: `row` bytes from row to row, `pixel` from pixel to pixel.
#[derive(Clone, Copy)]
struct Rows {
    base: *const i8,
    row: usize,
    pixel: usize,
    width: usize,
}

impl<F: Finish> Job<'_, F> {
    /// All bands of one image.
    #[inline(always)]
    unsafe fn bands<T: Tile>(&mut self, band: Band, n: usize, pixels: Range<usize>) {
        let [height, width] = self.window.output;
        let first = n * height * width;
        let (mut at, end) = (pixels.start, pixels.end);
        let memory = self.call.scratch.as_mut_ptr().cast::<i8>();
        let row = self.window.stride[0] * band.row();
        let pixel = self.window.stride[1] * band.pixel;
        while at < end {
            let (top, column) = position(at - first, width);
            let stop = (first + (top + band.rows) * width).min(end);
            let rows = position(stop - first - 1, width).0 + 1 - top;
            // SAFETY: the band has at least these rows.
            unsafe {
                stage(
                    self.call.x.as_ptr(),
                    self.window,
                    n,
                    top,
                    rows,
                    &band,
                    memory,
                    self.call.spec.input_zero as i8,
                );
                let base = memory.add(column * pixel).cast_const();
                self.rows::<T>(at..stop, Rows { base, row, pixel, width });
            }
            at = stop;
        }
    }

    /// The windows of pixels that follow each other, from `rows.base` on.
    #[inline(always)]
    unsafe fn rows<T: Tile>(&self, pixels: Range<usize>, rows: Rows) {
        let out = self.matrix.channels;
        // SAFETY: the call's output has `out` bytes for each pixel.
        let mut y = unsafe { self.call.y.as_mut_ptr().add(pixels.start * out) };
        let mut column = position(pixels.start, rows.width).1;
        let mut left = pixels.len();
        let mut row = rows.base.wrapping_sub(column * rows.pixel);
        let mut x = rows.base;
        while left >= PX {
            let mut at = [x; PX];
            if column + PX <= rows.width {
                at = core::array::from_fn(|p| x.wrapping_add(p * rows.pixel));
                x = x.wrapping_add(PX * rows.pixel);
                column += PX;
                if column == rows.width {
                    column = 0;
                    row = row.wrapping_add(rows.row);
                    x = row;
                }
            } else {
                for place in &mut at {
                    *place = x;
                    column += 1;
                    x = x.wrapping_add(rows.pixel);
                    if column == rows.width {
                        column = 0;
                        row = row.wrapping_add(rows.row);
                        x = row;
                    }
                }
            }
            // SAFETY: four pixels are left in input and output.
            unsafe {
                self.tile::<T, PX>(at, core::array::from_fn(|p| y.add(p * out)));
                y = y.add(PX * out);
            }
            left -= PX;
        }
        for _ in 0..left {
            // SAFETY: one pixel is left.
            unsafe {
                self.tile::<T, 1>([x], [y]);
                y = y.add(out);
            }
            column += 1;
            x = x.wrapping_add(rows.pixel);
            if column == rows.width {
                column = 0;
                row = row.wrapping_add(rows.row);
                x = row;
            }
        }
    }

    /// Windows that begin at `x`, staged where they have to be.
    #[inline(always)]
    unsafe fn tile<T: Tile, const N: usize>(&self, x: [*const i8; N], y: [*mut i8; N]) {
        let past = x[N - 1].addr().saturating_add(self.reach) > self.end.addr();
        // SAFETY: a staged window has room for its elements and the slack.
        unsafe {
            if self.form.access == Access::Copy || past {
                let (runs, run) = self.plan.offsets;
                let single = [0u32];
                let offsets = match self.form.access {
                    Access::Copy => core::slice::from_raw_parts(self.matrix.segments.offsets, runs),
                    _ => &single[..],
                };
                let run =
                    if self.form.access == Access::Copy { run } else { self.plan.product.bytes };
                let staged: [*mut i8; N] =
                    core::array::from_fn(|p| self.staged.add(p * self.plan.staged));
                for (from, to) in x.into_iter().zip(staged) {
                    let mut to = to;
                    for offset in offsets {
                        copy(from.add(*offset as usize), to, run);
                        to = to.add(run);
                    }
                }
                windows::<T, F, N>(&self.matrix, self.finish, staged.map(|p| p.cast_const()), y);
                return;
            }
            windows::<T, F, N>(&self.matrix, self.finish, x, y);
        }
    }

    /// Windows of any geometry, collected element by element.
    #[inline(always)]
    unsafe fn gather<T: Tile>(&self, pixels: Range<usize>) {
        let [height, width] = self.window.output;
        let (channels, out) = (self.call.spec.in_channels, self.matrix.channels);
        let (x, y) = (self.call.x.as_ptr(), self.call.y.as_mut_ptr());
        let stage = |index: usize, to: *mut i8| {
            let (line, column) = position(index, width);
            let (n, line) = position(line, height);
            // SAFETY: a staged window has room for all elements; taps are inside the image.
            unsafe {
                fill(to, self.call.spec.input_zero as i8, self.plan.product.bytes);
                self.window.taps(n, line, column, |tap, pixel| {
                    copy(x.add(pixel * channels), to.add(tap * channels), channels);
                });
            }
        };
        let mut at = pixels.start;
        // SAFETY: as above; the output has all of these pixels.
        unsafe {
            let place = |p: usize| self.staged.add(p * self.plan.staged);
            while at + PX <= pixels.end {
                (0..PX).for_each(|p| stage(at + p, place(p)));
                let to = core::array::from_fn(|p| y.add((at + p) * out));
                let from = core::array::from_fn(|p| place(p).cast_const());
                windows::<T, F, PX>(&self.matrix, self.finish, from, to);
                at += PX;
            }
            while at < pixels.end {
                stage(at, place(0));
                windows::<T, F, 1>(
                    &self.matrix,
                    self.finish,
                    [place(0).cast_const()],
                    [y.add(at * out)],
                );
                at += 1;
            }
        }
    }
}

/// Copies what `rows` output rows from `top` on need, with the padding around it.
///
/// # Safety
/// `x` is the input, `band` has that many rows, and `to` has its length.
#[expect(clippy::too_many_arguments, reason = "all say where")]
unsafe fn stage(
    x: *const i8,
    window: &Window,
    n: usize,
    top: usize,
    rows: usize,
    band: &Band,
    to: *mut i8,
    zero: i8,
) {
    let [height, width] = window.input;
    let lines = (rows - 1) * window.stride[0] + (window.kernel[0] - 1) * window.dilation[0] + 1;
    let left = window.pad[1].min(band.width);
    let inside = width.min(band.width - left);
    let right = band.width - left - inside;
    let first = top * window.stride[0];
    for line in 0..lines {
        // SAFETY: a line is a row of the band, and its inner part one of the image.
        unsafe {
            let to = to.add(line * band.row());
            let at = (first + line).wrapping_sub(window.pad[0]);
            if at >= height {
                fill(to, zero, band.row());
                continue;
            }
            let from = x.add((n * height + at) * width * band.pixel);
            fill(to, zero, left * band.pixel);
            copy(from, to.add(left * band.pixel), inside * band.pixel);
            fill(to.add((left + inside) * band.pixel), zero, right * band.pixel);
        }
    }
}
