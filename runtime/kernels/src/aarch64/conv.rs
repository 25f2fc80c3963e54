//! CONV_2D: which windows a tile is made of, and where their elements are.

use super::finish::{Any, Bounds, Finish, Linear, Relu};
use super::form::{Access, Form, Scale};
use super::gemm::{Matrix, Segments, Tile, windows};
use super::geometry::{Band, ConvPlan, Mac, offsets_are_inside};
use super::memory::{copy, fill};
use crate::packed::Conv;
use crate::{Part, Window};
use core::arch::aarch64::*;
use core::ops::Range;

/// Windows of a tile.
const PX: usize = 4;

/// A part of a convolution.
///
/// # Safety
/// The processor is of the tile's family, the constant is packed for it.
pub(super) unsafe fn conv<T: Tile>(mac: Mac, call: &Conv<'_>, part: Part) {
    let Some(form) = Form::of(call.form) else { return };
    // SAFETY: the caller's.
    unsafe { with_form::<T>(mac, form, call, part) }
}

/// The same for a form that is known.
///
/// # Safety
/// As [`conv`].
pub(super) unsafe fn with_form<T: Tile>(mac: Mac, form: Form, call: &Conv<'_>, part: Part) {
    let Some(plan) = ConvPlan::new(mac, form, call.spec) else { return };
    let last = plan.last_offset(&call.spec.window);
    if !offsets_are_inside(call.packed, plan.offsets.0, last) {
        return;
    }
    let bounds = Bounds::new(call.spec.output_zero, call.spec.clamp);
    // SAFETY: the caller's.
    unsafe {
        match form.scale {
            Scale::Up if form.narrow && !T::RARE => {
                run::<T, _>(mac, form, plan, call, part, Relu::<false>);
            }
            Scale::Away if !T::RARE => run::<T, _>(mac, form, plan, call, part, Linear(bounds)),
            scale => run::<T, _>(mac, form, plan, call, part, Any::new(scale, bounds)),
        }
    }
}

/// What the loops over windows share.
pub(super) struct Job<'a, F> {
    matrix: Matrix,
    finish: F,
    access: Access,
    plan: ConvPlan,
    call: &'a Conv<'a>,
    /// Four staged windows.
    staged: *mut i8,
    /// Windows at this address and behind it are staged: they could be read past the end.
    limit: usize,
}

unsafe fn run<T: Tile, F: Finish>(
    mac: Mac,
    form: Form,
    plan: ConvPlan,
    call: &Conv<'_>,
    part: Part,
    finish: F,
) {
    let window = &call.spec.window;
    let channels = call.spec.in_channels;
    let packed = call.packed.as_ptr();
    let product = &plan.product;
    let (whole, rest) = T::split(product.bytes);
    let segments = Segments { offsets: packed.cast(), count: product.segments, whole, rest };
    let [height, width] = window.output;
    let total = window.batch * height * width;
    let pixels = share(part, total);
    if pixels.is_empty() {
        return;
    }
    let x = call.x.as_ptr();
    let end = x.addr() + call.x.len();
    let limit = match form.access {
        Access::Gather | Access::Copy => 0,
        Access::Direct => (end + 1).saturating_sub(mac.reach(product.bytes)),
        Access::Band => usize::MAX,
    };
    // SAFETY: packed constant and scratch memory are as long as the plan says; every window of
    // these pixels is inside the memory that `Rows` describes.
    unsafe {
        let matrix = Matrix {
            segments,
            tiles: packed.add(product.table),
            channel: product.channel,
            channels: call.spec.out_channels,
        };
        let staged = call.scratch.as_mut_ptr().add(plan.windows_at()).cast::<i8>();
        let job = Job { matrix, finish, access: form.access, plan, call, staged, limit };
        if let Some(band) = plan.band {
            for (n, rows) in images(pixels, window) {
                job.bands::<T>(band, n, rows);
            }
        } else if form.access == Access::Gather {
            T::rows(&job, pixels, Rows { base: x, row: 0, pixel: 0, width: total });
        } else if window.stride == [1, 1] && window.output == window.input {
            let base = x.add(pixels.start * channels);
            T::rows(&job, pixels, Rows { base, row: 0, pixel: channels, width: total });
        } else {
            let row = window.stride[0] * window.input[1] * channels;
            let pixel = window.stride[1] * channels;
            for (n, rows) in images(pixels, window) {
                let (y, column) = position(rows.start - n * height * width, width);
                let image = x.add(n * window.input[0] * window.input[1] * channels);
                let base = image.add(y * row + column * pixel);
                T::rows(&job, rows, Rows { base, row, pixel, width });
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
pub(super) struct Rows {
    base: *const i8,
    row: usize,
    pixel: usize,
    width: usize,
}

impl Rows {
    /// From one window to the next.
    #[inline(always)]
    fn advance(&self, x: &mut *const i8, row: &mut *const i8, column: &mut usize) {
        *column += 1;
        *x = x.wrapping_add(self.pixel);
        if *column == self.width {
            *column = 0;
            *row = row.wrapping_add(self.row);
            *x = *row;
        }
    }
}

impl<F: Finish> Job<'_, F> {
    /// All bands of one image.
    unsafe fn bands<T: Tile>(&self, band: Band, n: usize, pixels: Range<usize>) {
        let window = &self.call.spec.window;
        let [height, width] = window.output;
        let first = n * height * width;
        let (mut at, end) = (pixels.start, pixels.end);
        let memory = self.call.scratch.as_mut_ptr().cast::<i8>();
        let row = window.stride[0] * band.row();
        let pixel = window.stride[1] * band.pixel;
        while at < end {
            let (top, column) = position(at - first, width);
            let stop = (first + (top + band.rows) * width).min(end);
            let rows = position(stop - first - 1, width).0 + 1 - top;
            let zero = self.call.spec.input_zero as i8;
            // SAFETY: the band has at least these rows.
            unsafe {
                stage(self.call.x.as_ptr(), window, n, top, rows, &band, memory, zero);
                let base = memory.add(column * pixel).cast_const();
                T::rows(self, at..stop, Rows { base, row, pixel, width });
            }
            at = stop;
        }
    }

    /// The windows of pixels that follow each other, from `rows.base` on.
    ///
    /// # Safety
    /// The windows are inside the memory that `rows` describes; the processor is of the family.
    #[inline(always)]
    pub unsafe fn rows<T: Tile>(&self, pixels: Range<usize>, rows: Rows) {
        let out = self.matrix.channels;
        // SAFETY: the call's output has `out` bytes for each pixel.
        let mut y = unsafe { self.call.y.as_mut_ptr().add(pixels.start * out) };
        let mut column = position(pixels.start, rows.width).1;
        let mut index = pixels.start;
        let mut row = rows.base.wrapping_sub(column * rows.pixel);
        let mut x = rows.base;
        while index + PX <= pixels.end {
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
                    rows.advance(&mut x, &mut row, &mut column);
                }
            }
            // SAFETY: four pixels are left in input and output.
            unsafe {
                if at[PX - 1].addr() >= self.limit {
                    self.stage(&mut at, index);
                }
                let to = core::array::from_fn(|p| y.wrapping_add(p * out));
                windows::<T, F, PX>(&self.matrix, self.finish, at, to);
            }
            y = y.wrapping_add(PX * out);
            index += PX;
        }
        while index < pixels.end {
            let mut at = [x];
            // SAFETY: one pixel is left.
            unsafe {
                if x.addr() >= self.limit {
                    self.stage(&mut at, index);
                }
                windows::<T, F, 1>(&self.matrix, self.finish, at, [y]);
            }
            rows.advance(&mut x, &mut row, &mut column);
            y = y.wrapping_add(out);
            index += 1;
        }
    }

    /// Copies windows, of the pixels from `index` on, to where they can be read as far as the family
    /// reaches.
    #[inline(never)]
    unsafe fn stage<const N: usize>(&self, x: &mut [*const i8; N], index: usize) {
        // SAFETY: a staged window has room for its elements and the slack.
        unsafe {
            let to: [*mut i8; N] =
                core::array::from_fn(|p| self.staged.wrapping_add(p * self.plan.staged));
            if self.access == Access::Copy {
                self.copy(*x, to);
            } else {
                for (p, (from, to)) in x.iter().zip(to).enumerate() {
                    if self.access == Access::Gather {
                        self.gather(index + p, to);
                    } else {
                        copy(*from, to, self.plan.product.bytes);
                    }
                }
            }
            *x = to.map(|to| to.cast_const());
        }
    }

    /// The windows' segments, one behind the other, in whole vectors.
    #[inline(always)]
    unsafe fn copy<const N: usize>(&self, x: [*const i8; N], mut to: [*mut i8; N]) {
        let (runs, run) = self.plan.offsets;
        let offsets = self.matrix.segments.offsets;
        for i in 0..runs {
            // SAFETY: offsets are inside the band, which has slack behind it, as have the windows.
            unsafe {
                let offset = offsets.add(i).read() as usize;
                let mut at = 0;
                loop {
                    for p in 0..N {
                        vst1q_s8(to[p].add(at), vld1q_s8(x[p].add(offset + at)));
                    }
                    at += 16;
                    if at >= run {
                        break;
                    }
                }
                to = to.map(|to| to.add(run));
            }
        }
    }

    /// A window of any geometry, element by element.
    #[inline(always)]
    unsafe fn gather(&self, index: usize, to: *mut i8) {
        let spec = &self.call.spec;
        let [height, width] = spec.window.output;
        let (channels, x) = (spec.in_channels, self.call.x.as_ptr());
        let (line, column) = position(index, width);
        let (n, line) = position(line, height);
        // SAFETY: the window has room for all elements; taps are inside the image.
        unsafe {
            fill(to, spec.input_zero as i8, self.plan.product.bytes);
            spec.window.taps(n, line, column, |tap, pixel| {
                copy(x.add(pixel * channels), to.add(tap * channels), channels);
            });
        }
    }
}

/// Copies what `rows` output rows from `top` on need, with the padding around it.
///
/// # Safety
/// `x` is the input, `band` has that many rows, and `to` has its length.
#[expect(clippy::too_many_arguments, reason = "all say where")]
pub(super) unsafe fn stage(
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
