//! Convolutions and fully connected layers: pixels times blocks of output channels.

use super::layout::{BLOCK, GROUP, NUMBERS, Runs, Stage};
use super::{avx2, stage, vnni};
use crate::packed::{Conv, FullyConnected};
use crate::{Clamp, Part};

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
        self.count[0] * self.count[1] * self.groups * GROUP * BLOCK
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

/// A product: `rows` of pixels times all blocks.
#[derive(Clone, Copy)]
pub(super) struct Product {
    pub walk: Walk,
    pub finish: Finish,
    pub pixels: Pixels,
    /// Output channels.
    pub channels: usize,
    /// Blocks to compute.
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
        pixels: Pixels {
            width: w.output[1],
            step: [w.stride[0] * area.row(), w.stride[1] * area.pixel],
        },
        channels: spec.out_channels,
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
    let spec = &call.spec;
    let blocks = part.of(spec.outputs.div_ceil(BLOCK));
    let product = Product {
        walk: Walk { count: [1, 1], step: [0, 0], groups: spec.depth.div_ceil(GROUP) },
        finish: Finish { form: call.form, zero: spec.output_zero, clamp: spec.clamp },
        pixels: Pixels { width: spec.batch, step: [0, spec.depth] },
        channels: spec.outputs,
        blocks: (blocks.start, blocks.end),
    };
    // SAFETY: the scratch memory has room for the input and SLACK bytes more; the output has a row
    // of `outputs` for each row of the input.
    unsafe {
        let scratch = call.scratch.as_mut_ptr();
        stage::raise(call.x.as_ptr(), scratch, call.x.len());
        let (packed, y) = (call.packed.as_ptr(), call.y.as_mut_ptr());
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
            let left = self.blocks.1 - block;
            // SAFETY: as above; there are as many blocks as the functions take.
            unsafe {
                let packed = packed.add(block * self.walk.block());
                let y = y.add(block * BLOCK);
                let channels = self.channels - block * BLOCK;
                block += match (wide, left) {
                    (true, 8..) if count == 1 => {
                        vnni::pixels::<1, 8>(self, first, count, packed, y, channels)
                    }
                    (true, 4..) => vnni::pixels::<6, 4>(self, first, count, packed, y, channels),
                    (true, 2..) => vnni::pixels::<8, 2>(self, first, count, packed, y, channels),
                    (true, _) => vnni::pixels::<12, 1>(self, first, count, packed, y, channels),
                    (false, _) => avx2::pixels(self, first, count, packed, y, channels),
                };
            }
        }
    }

    /// Where pixels start: `valid` from `at` on, then the last again. `valid` is at least 1.
    #[inline(always)]
    pub(super) fn offsets<const P: usize>(&self, at: usize, valid: usize) -> [usize; P] {
        let Pixels { width, step } = self.pixels;
        let mut column = at - at.checked_div(width).unwrap_or(0) * width;
        let mut offset = self.offset(at);
        // From the last pixel of a row to the next row.
        let next = step[0].wrapping_sub(width.wrapping_sub(1).wrapping_mul(step[1]));
        core::array::from_fn(|i| {
            let this = offset;
            if i + 1 < valid {
                column += 1;
                let ends = column == width;
                offset = offset.wrapping_add(if ends { next } else { step[1] });
                column = if ends { 0 } else { column };
            }
            this
        })
    }

    /// Where a pixel starts.
    #[inline(always)]
    pub(super) fn offset(&self, pixel: usize) -> usize {
        let row = pixel.checked_div(self.pixels.width).unwrap_or(0);
        row * self.pixels.step[0] + (pixel - row * self.pixels.width) * self.pixels.step[1]
    }
}
