//! Convolution: panels of inputs, and the outputs of each.

use super::layout;
use super::record::Output;
use crate::packed::{Conv, ConvSpec};
use crate::{Part, Window};
use core::ptr;

/// Most lanes of any family.
pub(crate) const LANES_MAX: usize = 6;

/// Where lanes read.
pub(crate) type Sources = [*const i8; LANES_MAX];

/// A family's panels and kernel.
pub(crate) trait Gemm {
    /// Pixels side by side.
    const LANES: usize;
    /// Bytes of the panel for each element.
    const ENTRY: usize;
    /// Bytes of the panel before the first element.
    const HEAD: usize;

    /// Writes `count` elements of each lane to `to`, interleaved. `head` is the panel's first byte.
    ///
    /// # Safety
    /// The first `LANES` sources have `count` bytes; `to` has `count` entries, aligned to 4, and
    /// `head` is aligned and has `HEAD` bytes, which were set to zero when the panel was begun.
    unsafe fn interleave(sources: &Sources, count: usize, head: *mut u8, to: *mut u8);

    /// All output channels of the panel's pixels.
    ///
    /// # Safety
    /// As [`Tile`] says.
    unsafe fn outputs(tile: &Tile);
}

/// A panel and where its outputs go.
pub(crate) struct Tile {
    /// The form.
    pub form: u8,
    /// The packed constant, as long as the family's layout says for depth and channels.
    pub packed: *const u8,
    /// The panel: `HEAD` bytes, then `depth` entries, then what the layout has for filling up.
    pub panel: *const u8,
    /// Elements of a lane.
    pub depth: usize,
    /// The output channels.
    pub channels: usize,
    /// The first lane's first output; lanes are `channels` bytes from each other.
    pub y: *mut i8,
    /// How many lanes are to be written.
    pub lanes: usize,
    /// Of all channels.
    pub output: Output,
}

/// Where an output pixel's window starts.
#[derive(Clone, Copy)]
struct Start {
    /// Coordinates of its first element, perhaps outside the image.
    at: [isize; 2],
    /// Position of that element in the input, perhaps outside.
    offset: isize,
}

/// Output pixels in order.
struct Cursor<'a> {
    spec: &'a ConvSpec,
    at: [usize; 2],
    image: isize,
    start: Start,
}

impl<'a> Cursor<'a> {
    fn new(spec: &'a ConvSpec) -> Self {
        let mut cursor =
            Self { spec, at: [0, 0], image: 0, start: Start { at: [0, 0], offset: 0 } };
        cursor.begin_row();
        cursor
    }

    /// Goes to the first pixel of the row.
    fn begin_row(&mut self) {
        let w = &self.spec.window;
        let (y, x) =
            ((self.at[0] * w.stride[0]) as isize - w.pad[0] as isize, -(w.pad[1] as isize));
        let pixel = y.wrapping_mul(w.input[1] as isize).wrapping_add(x);
        let offset = self.image.wrapping_add(pixel.wrapping_mul(self.spec.in_channels as isize));
        (self.at[1], self.start) = (0, Start { at: [y, x], offset });
    }

    /// Goes to the next pixel.
    #[inline(always)]
    fn advance(&mut self) {
        let w = &self.spec.window;
        self.at[1] += 1;
        self.start.at[1] += w.stride[1] as isize;
        self.start.offset += (w.stride[1] * self.spec.in_channels) as isize;
        if self.at[1] == w.output[1] {
            self.next_row();
        }
    }

    #[inline(never)]
    fn next_row(&mut self) {
        let w = &self.spec.window;
        self.at[0] += 1;
        if self.at[0] == w.output[0] {
            self.at[0] = 0;
            self.image += (w.input[0] * w.input[1] * self.spec.in_channels) as isize;
        }
        self.begin_row();
    }
}

/// Convolution; the first part is the whole.
///
/// # Safety
/// The call is of the family of `G`, whose layout has [`layout::conv_scratch`] with the panel.
pub(crate) unsafe fn conv<G: Gemm>(call: &Conv<'_>, part: Part) {
    if part.index > 0 {
        return;
    }
    let (spec, w) = (&call.spec, &call.spec.window);
    let Some((depth, channels)) = layout::conv_size(spec) else { return };
    let Some(outside_len) = layout::outside_len(spec) else { return };
    let outside = call.scratch.as_mut_ptr();
    // SAFETY: the scratch memory begins with `outside_len` bytes for the row outside.
    let panel = unsafe {
        ptr::write_bytes(outside, spec.input_zero as u8, outside_len);
        outside.add(outside_len)
    };
    let output = Output { zero: spec.output_zero, clamp: spec.clamp };
    let (packed, y, lanes) = (call.packed.as_ptr(), call.y.as_mut_ptr(), G::LANES);
    let form = call.form;
    let mut tile = Tile { form, packed, panel, depth, channels, y, lanes, output };
    let filler = Filler::new::<G>(spec, call.x.as_ptr(), outside.cast());
    let mut cursor = Cursor::new(spec);
    let mut starts = [cursor.start; LANES_MAX];
    let mut left = w.batch * w.output[0] * w.output[1];
    while left > 0 {
        tile.lanes = left.min(G::LANES);
        for (lane, start) in starts.iter_mut().enumerate().take(G::LANES) {
            *start = cursor.start;
            // Lanes behind the last pixel repeat it.
            if lane + 1 < left {
                cursor.advance();
            }
        }
        // SAFETY: the panel has the family's bytes for this depth, and the outputs of the pixels
        // that are left are in `y`, `channels` bytes each.
        unsafe {
            filler.fill::<G>(&starts, panel);
            G::outputs(&tile);
            tile.y = tile.y.add(tile.lanes * channels);
        }
        left -= tile.lanes;
    }
}

/// What is the same for all panels.
struct Filler<'a> {
    spec: &'a ConvSpec,
    x: *const i8,
    /// A row of the kernel.
    outside: *const i8,
    /// Bytes from one row of the window to the next.
    pitch: isize,
    /// Where windows may start for all their elements to be inside.
    last: [isize; 2],
}

impl<'a> Filler<'a> {
    fn new<G: Gemm>(spec: &'a ConvSpec, x: *const i8, outside: *const i8) -> Self {
        let Window { input, kernel, dilation, .. } = spec.window;
        let pitch = (input[1] * spec.in_channels * dilation[0]) as isize;
        let last =
            |axis: usize| input[axis] as isize - 1 - ((kernel[axis] - 1) * dilation[axis]) as isize;
        Self { spec, x, outside, pitch, last: [last(0), last(1)] }
    }

    /// Fills a panel.
    ///
    /// # Safety The panel has `HEAD` and `depth` entries, the starts are those of windows, the
    /// input is that of the specification.
    #[inline(always)]
    unsafe fn fill<G: Gemm>(&self, starts: &[Start; LANES_MAX], panel: *mut u8) {
        // SAFETY: the head is the panel's beginning.
        unsafe { ptr::write_bytes(panel, 0, G::HEAD) };
        let used = || starts.iter().take(G::LANES);
        let whole = |axis: usize| {
            used().all(|start| start.at[axis] >= 0 && start.at[axis] <= self.last[axis])
        };
        let to = panel.wrapping_add(G::HEAD);
        // SAFETY: as the caller says; if windows are whole, all their rows are inside.
        unsafe {
            if self.spec.window.dilation[1] == 1 && whole(0) && whole(1) {
                self.fill_inside::<G>(starts, panel, to);
            } else {
                self.fill_border::<G>(starts, panel, to);
            }
        }
    }

    /// The same where all windows are inside the image, and their rows without gaps.
    ///
    /// # Safety
    /// As [`Filler::fill`].
    #[inline(always)]
    unsafe fn fill_inside<G: Gemm>(
        &self,
        starts: &[Start; LANES_MAX],
        panel: *mut u8,
        to: *mut u8,
    ) {
        let mut sources = starts.map(|start| self.x.wrapping_offset(start.offset));
        let count = self.spec.window.kernel[1] * self.spec.in_channels;
        let mut to = to;
        for _ in 0..self.spec.window.kernel[0] {
            // SAFETY: as the caller says; the runs of all rows are `depth` elements.
            unsafe { G::interleave(&sources, count, panel, to) };
            to = to.wrapping_add(count * G::ENTRY);
            for source in sources.iter_mut().take(G::LANES) {
                *source = source.wrapping_offset(self.pitch);
            }
        }
    }

    /// The same in general.
    ///
    /// # Safety
    /// As [`Filler::fill`].
    #[inline(never)]
    unsafe fn fill_border<G: Gemm>(
        &self,
        starts: &[Start; LANES_MAX],
        panel: *mut u8,
        to: *mut u8,
    ) {
        let Window { input, kernel, dilation, .. } = self.spec.window;
        let channels = self.spec.in_channels;
        let inside = |at: isize, axis: usize| at >= 0 && at < input[axis] as isize;
        let mut sources = [self.outside; LANES_MAX];
        let (mut to, mut down) = (to, 0);
        for ky in 0..kernel[0] {
            let y = (ky * dilation[0]) as isize;
            for kx in 0..kernel[1] {
                let x = (kx * dilation[1]) as isize;
                for (source, start) in sources.iter_mut().zip(starts).take(G::LANES) {
                    let is_inside = inside(start.at[0] + y, 0) && inside(start.at[1] + x, 1);
                    let offset = start.offset + down + x * channels as isize;
                    *source = if is_inside { self.x.wrapping_offset(offset) } else { self.outside };
                }
                // SAFETY: a source is an element of the window inside the image, or outside; the
                // runs of all elements are `depth`.
                unsafe { G::interleave(&sources, channels, panel, to) };
                to = to.wrapping_add(channels * G::ENTRY);
            }
            down += self.pitch;
        }
    }
}
