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
}

impl Cursor<'_> {
    /// The window of this pixel.
    #[inline]
    fn start(&self) -> Start {
        let w = &self.spec.window;
        let at = |axis: usize| (self.at[axis] * w.stride[axis]) as isize - w.pad[axis] as isize;
        let (y, x) = (at(0), at(1));
        let pixel = y.wrapping_mul(w.input[1] as isize).wrapping_add(x);
        let offset = self.image.wrapping_add(pixel.wrapping_mul(self.spec.in_channels as isize));
        Start { at: [y, x], offset }
    }

    /// Goes to the next pixel.
    #[inline]
    fn advance(&mut self) {
        let w = &self.spec.window;
        self.at[1] += 1;
        if self.at[1] < w.output[1] {
            return;
        }
        self.at = [self.at[0] + 1, 0];
        if self.at[0] == w.output[0] {
            self.at[0] = 0;
            self.image += (w.input[0] * w.input[1] * self.spec.in_channels) as isize;
        }
    }
}

/// Convolution; a part is a share of the panels' pixels.
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
    let (x, y) = (call.x.as_ptr(), call.y.as_mut_ptr());
    let outside = call.scratch.as_mut_ptr();
    // SAFETY: the scratch memory begins with `outside_len` bytes for the row outside.
    let panel = unsafe {
        ptr::write_bytes(outside, spec.input_zero as u8, outside_len);
        outside.add(outside_len)
    };
    let mut tile = Tile {
        packed: call.packed.as_ptr(),
        panel,
        depth,
        channels,
        y,
        lanes: G::LANES,
        output: Output { zero: spec.output_zero, clamp: spec.clamp },
    };
    let mut cursor = Cursor { spec, at: [0, 0], image: 0 };
    let mut left = w.batch * w.output[0] * w.output[1];
    while left > 0 {
        tile.lanes = left.min(G::LANES);
        let mut starts = [cursor.start(); LANES_MAX];
        for (lane, start) in starts.iter_mut().enumerate().take(G::LANES) {
            *start = cursor.start();
            // Lanes behind the last pixel repeat it.
            if lane + 1 < left {
                cursor.advance();
            }
        }
        // SAFETY: the panel has the family's bytes for this depth, and the outputs of the pixels
        // that are left are in `y`, `channels` bytes each.
        unsafe {
            fill::<G>(spec, x, &starts, outside.cast_const().cast(), panel);
            G::outputs(&tile);
            tile.y = tile.y.add(tile.lanes * channels);
        }
        left -= tile.lanes;
    }
}

/// Fills a panel.
///
/// # Safety
/// The panel has `HEAD` and `depth` entries, the input is that of the specification, and `outside`
/// has a row of the kernel.
unsafe fn fill<G: Gemm>(
    spec: &ConvSpec,
    x: *const i8,
    starts: &[Start; LANES_MAX],
    outside: *const i8,
    panel: *mut u8,
) {
    let Window { input, kernel, dilation, .. } = spec.window;
    let channels = spec.in_channels;
    let pitch = (input[1] * channels * dilation[0]) as isize;
    let inside = |at: isize, axis: usize| (0..input[axis] as isize).contains(&at);
    // Whether a row of the window is consecutive elements in all lanes.
    let reach = kernel[1] as isize - 1;
    let rows = dilation[1] == 1
        && starts.iter().take(G::LANES).all(|s| inside(s.at[1], 1) && inside(s.at[1] + reach, 1));
    let (runs, run, step) =
        if rows { (1, kernel[1], 0) } else { (kernel[1], 1, dilation[1] as isize) };
    let mut to = panel.wrapping_add(G::HEAD);
    // SAFETY: the head is the panel's beginning.
    unsafe { ptr::write_bytes(panel, 0, G::HEAD) };
    let mut down = 0;
    let mut sources = [outside; LANES_MAX];
    for ky in 0..kernel[0] {
        let y_step = (ky * dilation[0]) as isize;
        let mut right = 0;
        for _ in 0..runs {
            for (source, start) in sources.iter_mut().zip(starts).take(G::LANES) {
                let is_inside = inside(start.at[0] + y_step, 0) && inside(start.at[1] + right, 1);
                let offset = start.offset + down + right * channels as isize;
                *source = if is_inside { x.wrapping_offset(offset) } else { outside };
            }
            // SAFETY: a source is inside the image for all elements of the run, or the row outside;
            // the runs of all rows are `depth` elements.
            unsafe { G::interleave(&sources, run * channels, panel, to) };
            to = to.wrapping_add(run * channels * G::ENTRY);
            right += step;
        }
        down += pitch;
    }
}
