//! Convolutions and fully connected layers: pixels times blocks of output channels.

use super::layout::{BLOCK, CONV_PANEL, DENSE_PANEL, GROUP, NUMBERS, Runs, Stage, WEIGHTS};
use super::{avx2, dense, stage, vnni};
use crate::packed::{Conv, FullyConnected};
use crate::{Clamp, Part, Window};

/// Where the values of a pixel are, relative to the first, and how many groups they are.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    /// Runs below each other and beside each other.
    pub count: [usize; 2],
    /// Bytes from one to the next.
    pub step: [usize; 2],
    /// Groups of a run.
    pub groups: usize,
}

impl Walk {
    /// Bytes of the weights of a block.
    pub fn weights(&self) -> usize {
        self.count[0] * self.count[1] * self.groups * WEIGHTS
    }

    /// Bytes of a block.
    pub fn block(&self) -> usize {
        self.weights() + BLOCK * NUMBERS * 4
    }
}

/// What happens to accumulators.
#[derive(Clone, Copy)]
pub(super) struct Finish {
    /// How accumulators are rounded: the form.
    pub form: u8,
    /// The output's zero point.
    pub zero: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

/// Pixels in a row: from the first one of row `row` on, `step` bytes apart.
#[derive(Clone, Copy)]
pub(super) struct Pixels {
    /// Pixels of a row.
    pub width: usize,
    /// Bytes from row to row and from pixel to pixel.
    pub step: [usize; 2],
}

impl Pixels {
    /// Those of an image. Rows that follow each other without a gap are one.
    fn new(w: &Window, area: &Stage) -> Self {
        let step = [w.stride[0] * area.row(), w.stride[1] * area.pixel];
        let gap = step[0] != w.output[1] * step[1];
        Self { width: if gap { w.output[1] } else { usize::MAX }, step }
    }

    /// Where the first pixel is.
    pub fn start(&self) -> Cursor {
        Cursor { column: 0, offset: 0 }
    }
}

/// Where a pixel is.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// Its column.
    column: usize,
    /// Bytes from the first pixel to it.
    pub offset: usize,
}

impl Cursor {
    /// Pixels of the row from this one on.
    #[inline]
    pub fn left(&self, pixels: &Pixels) -> usize {
        pixels.width - self.column
    }

    /// Goes `count` pixels to the right, at most to the start of the next row.
    #[inline]
    pub fn advance(&mut self, pixels: &Pixels, count: usize) {
        let Pixels { width, step } = *pixels;
        self.column += count;
        self.offset += count * step[1];
        if self.column == width {
            self.column = 0;
            self.offset = self.offset.wrapping_add(step[0]).wrapping_sub(width * step[1]);
        }
    }

    /// Where the next `valid` pixels are, then the last of them again; goes behind them.
    #[inline(always)]
    pub fn offsets<const P: usize>(&mut self, pixels: &Pixels, valid: usize) -> [usize; P] {
        let mut last = self.offset;
        core::array::from_fn(|i| {
            if i < valid {
                last = self.offset;
                self.advance(pixels, 1);
            }
            last
        })
    }
}

/// Neighbouring blocks of a panel.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    /// Weights of their first group, block by block.
    pub weights: *const u8,
    /// Bytes from group to group.
    pub step: usize,
    /// Their numbers.
    pub numbers: *const i32,
    /// Channels of the output from their first on.
    pub channels: usize,
}

/// A product: `rows` of pixels times all blocks.
#[derive(Clone, Copy)]
pub(super) struct Product {
    pub walk: Walk,
    pub finish: Finish,
    pub pixels: Pixels,
    /// Output channels.
    pub channels: usize,
    /// Blocks of a panel, a power of two.
    pub panel: usize,
    /// Blocks to compute: from the first of a panel to the last of one.
    pub blocks: (usize, usize),
}

/// A part of a packed convolution: some of its rows.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let (Some(runs), Some(area)) =
        (Runs::new(w, spec.in_channels), Stage::new(w, spec.in_channels))
    else {
        return;
    };
    let walk = Walk {
        count: runs.count,
        step: [w.dilation[0] * area.row(), w.dilation[1] * area.pixel],
        groups: runs.groups(),
    };
    let product = Product {
        walk,
        finish: Finish { form: call.form, zero: spec.output_zero, clamp: spec.clamp },
        pixels: Pixels::new(w, &area),
        channels: spec.out_channels,
        panel: CONV_PANEL,
        blocks: (0, spec.out_channels.div_ceil(BLOCK)),
    };
    let rows = part.of(w.batch * w.output[0]);
    let mut row = rows.start;
    while row < rows.end {
        // Rows of one image.
        let image = row.checked_div(w.output[0]).unwrap_or(0);
        let end = rows.end.min((image + 1) * w.output[0]);
        let inside = row - image * w.output[0]..end - image * w.output[0];
        let (x, scratch) = (call.x.as_ptr(), call.scratch.as_mut_ptr());
        // SAFETY: the call's lengths are those of its layout: the input is an image for each of
        // the batch, the scratch memory has room for the stage, the output has the rows.
        unsafe {
            let channels = (spec.in_channels, 1);
            stage::image(w, &area, channels, spec.input_zero, (image, inside.clone()), x, scratch);
            let first = scratch.add(inside.start * product.pixels.step[0]);
            let y = call.y.as_mut_ptr().add(row * w.output[1] * spec.out_channels);
            let count = (end - row) * w.output[1];
            product.run(call.cpu.wide(), first, count, call.packed.as_ptr(), y);
        }
        row = end;
    }
}

/// A part of a packed fully connected layer: some of its blocks of outputs.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let spec = call.spec;
    let blocks = spec.outputs.div_ceil(BLOCK);
    let panels = part.of(blocks.div_ceil(DENSE_PANEL));
    let product = Product {
        walk: Walk { count: [1, 1], step: [0, 0], groups: spec.depth.div_ceil(GROUP) },
        finish: Finish { form: call.form, zero: spec.output_zero, clamp: spec.clamp },
        pixels: Pixels { width: spec.batch, step: [0, spec.depth] },
        channels: spec.outputs,
        panel: DENSE_PANEL,
        blocks: (panels.start * DENSE_PANEL, blocks.min(panels.end * DENSE_PANEL)),
    };
    let (x, packed, y) = (call.x.as_ptr(), call.packed.as_ptr(), call.y.as_mut_ptr());
    // SAFETY: the scratch memory has room for the input and SLACK bytes more; the output has a row
    // of `outputs` for each row of the input.
    unsafe {
        if spec.batch == 1 && call.cpu.wide() {
            return product.run_row(x, spec.depth, packed, y);
        }
        let scratch = call.scratch.as_mut_ptr();
        stage::raise(x, scratch, call.x.len());
        product.run(call.cpu.wide(), scratch, spec.batch, packed, y);
    }
}

impl Product {
    /// Computes `count` pixels, whose outputs follow each other at `y`.
    ///
    /// # Safety
    /// The processor has AVX2 and FMA, and with `wide` AVX-512 F, BW, DQ, VL and VNNI. Every run of
    /// every pixel can be read, up to its last group; `packed` has the blocks; `y` has room for
    /// all channels of all pixels.
    unsafe fn run(
        &self,
        wide: bool,
        first: *const u8,
        count: usize,
        packed: *const u8,
        y: *mut i8,
    ) {
        let mut block = self.blocks.0;
        while block < self.blocks.1 {
            // SAFETY: as above; there are as many blocks as the functions take.
            block += unsafe {
                let (blocks, left) = self.blocks(block, packed);
                let (blocks, y) = (&blocks, y.add(block * BLOCK));
                match (wide, left) {
                    (true, 4..) => vnni::pixels::<6, 6, 4>(self, first, count, blocks, y),
                    (true, 3) => vnni::pixels::<8, 8, 3>(self, first, count, blocks, y),
                    (true, 2) => vnni::pixels::<8, 8, 2>(self, first, count, blocks, y),
                    (true, _) => vnni::pixels::<16, 8, 1>(self, first, count, blocks, y),
                    (false, _) => avx2::pixels(self, first, count, blocks, y),
                }
            };
        }
    }

    /// Computes the single row `x` of `depth` values.
    ///
    /// # Safety
    /// As [`Product::run`], with `wide`; of `x` only the values are read.
    unsafe fn run_row(&self, x: *const i8, depth: usize, packed: *const u8, y: *mut i8) {
        let mut block = self.blocks.0;
        while block < self.blocks.1 {
            // SAFETY: as above.
            block += unsafe {
                let (blocks, left) = self.blocks(block, packed);
                dense::row(self, (x, depth), &blocks, left, y.add(block * BLOCK))
            };
        }
    }

    /// The blocks from `block` on, and how many of its panel there are.
    ///
    /// # Safety
    /// `packed` has the blocks.
    unsafe fn blocks(&self, block: usize, packed: *const u8) -> (Blocks, usize) {
        let within = block & (self.panel - 1);
        let start = block - within;
        let width = (self.channels.div_ceil(BLOCK) - start).min(self.panel);
        // SAFETY: as above: the panels before this one have `start` blocks.
        let blocks = unsafe {
            let panel = packed.add(start * self.walk.block());
            let numbers = panel.add(width * self.walk.weights()).cast::<i32>();
            Blocks {
                weights: panel.add(within * WEIGHTS),
                step: width * WEIGHTS,
                numbers: numbers.add(within * BLOCK * NUMBERS),
                channels: self.channels - block * BLOCK,
            }
        };
        (blocks, width - within)
    }
}
