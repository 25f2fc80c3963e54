//! The loops over panels and pixels around a kernel.

use super::layout::{Shape, Unit, WIDTH};
use crate::{Part, Window};

/// Pixels of the largest tile.
pub(super) const PIXELS: usize = 8;

/// The elements of a window that are inside the image: rows of runs.
#[derive(Clone, Copy)]
pub(crate) struct Taps {
    /// Rows, and runs of a row.
    pub count: [usize; 2],
    /// Elements of a run, which follow each other in the input and in the weights.
    pub len: usize,
    /// Elements from one row and one run to the next, in the input.
    pub x: [usize; 2],
    /// The same in the weights.
    pub weights: [usize; 2],
}

/// A panel's channels.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    /// The first channel's number.
    pub first: usize,
    /// How many there are.
    pub count: usize,
    /// As many, filled up.
    pub width: usize,
    /// What is in front of the weights.
    pub numbers: *const u8,
    /// The weights.
    pub weights: *const u8,
}

/// A tile of pixels.
#[derive(Clone, Copy)]
pub(crate) struct Tile<X, Y> {
    /// Its first element of the first pixel's window.
    pub x: *const X,
    /// Elements from pixel to pixel.
    pub step: usize,
    /// Number of the first element in the weights.
    pub element: usize,
    /// The window's other elements.
    pub taps: Taps,
    /// The first pixel's output, of the panel's first channel.
    pub y: *mut Y,
    /// Elements from pixel to pixel.
    pub out: usize,
}

/// What is done with a tile.
pub(crate) trait Kernel {
    /// The input's elements.
    type X;
    /// The output's elements.
    type Y;
    /// Bytes of a channel.
    fn unit(&self) -> Unit;
    /// The largest tile.
    fn pixels(&self) -> usize;

    /// `PIXELS` pixels of a panel.
    ///
    /// # Safety
    /// All elements of the windows can be read, the panel is as long as the layout says, and the
    /// output has room for the panel's channels of each pixel.
    unsafe fn tile<const PIXELS: usize>(&self, panel: &Panel, tile: &Tile<Self::X, Self::Y>);
}

/// A window of one element that moves by one over all pixels is one row of them.
fn flat(w: &Window) -> Window {
    let is_flat = w.kernel == [1, 1] && w.stride == [1, 1] && w.pad == [0, 0];
    if !is_flat || w.input != w.output {
        return *w;
    }
    let row = [1, w.batch * w.input[0] * w.input[1]];
    Window { batch: 1, input: row, output: row, ..*w }
}

/// A part of a product: some of its pixels, or some of its panels if there are few pixels.
///
/// # Safety
/// Input, output and packed constant have the lengths of the shape.
#[inline(always)]
pub(super) unsafe fn run<K: Kernel>(
    kernel: &K,
    shape: &Shape,
    (x, packed, y): (*const K::X, *const u8, *mut K::Y),
    part: Part,
) {
    let window = flat(&shape.window);
    let Some(depth) = shape.depth() else { return };
    let panels = shape.outputs.div_ceil(WIDTH);
    let pixels = window.batch * window.output[0] * window.output[1];
    let (panels, pixels) = if pixels / PIXELS >= part.count {
        (0..panels, part.of(pixels))
    } else {
        (part.of(panels), 0..pixels)
    };
    let unit = kernel.unit();
    for index in panels {
        let (channels, width) = shape.panel(index);
        let start = index * WIDTH * (unit.numbers + depth * unit.weight);
        let numbers = packed.wrapping_add(start);
        let panel = Panel {
            first: channels.start,
            count: channels.len(),
            width,
            numbers,
            weights: numbers.wrapping_add(width * unit.numbers),
        };
        let mut at = pixels.start;
        while at < pixels.end {
            let (place, count) = place(&window, at, pixels.end, kernel.pixels());
            let tile = Tile {
                x: x.wrapping_add(place.pixel * shape.inputs),
                step: window.stride[1] * shape.inputs,
                element: place.tap * shape.inputs,
                taps: Taps::new(&window, shape.inputs, place.count),
                y: y.wrapping_add(at * shape.outputs + panel.first),
                out: shape.outputs,
            };
            // SAFETY: the window's elements are inside the image for each pixel of the tile; the
            // output has room for all channels of all pixels.
            unsafe {
                match count {
                    8 => kernel.tile::<8>(&panel, &tile),
                    4 => kernel.tile::<4>(&panel, &tile),
                    2 => kernel.tile::<2>(&panel, &tile),
                    _ => kernel.tile::<1>(&panel, &tile),
                }
            }
            at += count;
        }
    }
}

impl Taps {
    /// Those of so many rows and columns over pixels of so many channels. Columns that follow each
    /// other are one run.
    #[inline(always)]
    fn new(w: &Window, inputs: usize, [rows, columns]: [usize; 2]) -> Self {
        let (runs, len) =
            if w.dilation[1] == 1 { (1, columns * inputs) } else { (columns, inputs) };
        Self { len, count: [rows, runs], ..Self::single(w, inputs, [rows, columns]) }
    }

    /// The same with a run of one pixel for each column.
    #[inline(always)]
    pub fn single(w: &Window, inputs: usize, count: [usize; 2]) -> Self {
        Self {
            count,
            len: inputs,
            x: [w.dilation[0] * w.input[1] * inputs, w.dilation[1] * inputs],
            weights: [w.kernel[1] * inputs, inputs],
        }
    }
}

/// Where the elements of the windows of a tile are that are inside the image.
pub(crate) struct Place {
    /// The input pixel of the first one, of the first window.
    pub pixel: usize,
    /// Its number in the window.
    pub tap: usize,
    /// Rows and columns.
    pub count: [usize; 2],
}

/// The tile that begins with pixel `at`, and its number of pixels: at most `most`, which is a power
/// of two, as it is, and such that the same elements of all windows are inside the image.
#[inline(always)]
pub(crate) fn place(w: &Window, at: usize, end: usize, most: usize) -> (Place, usize) {
    let line = at.checked_div(w.output[1]).unwrap_or(0);
    let ox = at - line * w.output[1];
    let n = line.checked_div(w.output[0]).unwrap_or(0);
    let oy = line - n * w.output[0];
    let (rows, columns) = (w.inside(0, oy), w.inside(1, ox));
    let room = (w.output[1] - ox).min(end - at).min(most);
    let mut count = most;
    while count > room || w.inside(1, ox + count - 1) != columns {
        count /= 2;
    }
    let row = n * w.input[0] + w.input_at(0, oy, rows.start);
    let place = Place {
        pixel: (row * w.input[1]).wrapping_add(w.input_at(1, ox, columns.start)),
        tap: rows.start * w.kernel[1] + columns.start,
        count: [rows.len(), columns.len()],
    };
    (place, count)
}
