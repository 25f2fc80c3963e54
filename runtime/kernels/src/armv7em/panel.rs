//! The panel: operands of four pixels side by side, as words of two doubled int16, counted from
//! -128, so that they are in 0 to 510.

use crate::Window;
use crate::armv7em::layout::conv::{PAIR, Shape};
use crate::packed::ConvSpec;
use core::arch::naked_asm;

/// Where the pixels of a block are read.
#[derive(Clone, Copy)]
pub(super) struct Source {
    /// The window's first element at the block's first output row and at output column 0.
    start: *const u8,
    /// Bytes between rows, and between columns.
    row: usize,
    column: usize,
    /// Bytes between output rows, and between output columns.
    down: usize,
    right: usize,
    /// Output row of `start`.
    first: usize,
}

impl Source {
    /// The image itself, which begins at `x`.
    pub(super) fn image(spec: &ConvSpec, x: *const u8) -> Self {
        Self::new(spec, x, spec.window.input[1], 0)
    }

    fn new(spec: &ConvSpec, start: *const u8, width: usize, first: usize) -> Self {
        let Window { stride, .. } = spec.window;
        let column = spec.in_channels;
        let row = width * column;
        Self { start, row, column, down: stride[0] * row, right: stride[1] * column, first }
    }

    /// Copies the rows that output rows `first..=last` need, with the zero point around the image.
    ///
    /// # Safety
    /// `x` is an image, and `memory` as long as [`Shape::rows`] says for these rows.
    pub(super) unsafe fn padded(
        spec: &ConvSpec,
        x: *const u8,
        memory: *mut u8,
        (first, last): (usize, usize),
    ) -> Self {
        let w = &spec.window;
        let extent = |axis: usize| (w.kernel[axis] - 1) * w.dilation[axis] + 1;
        let width = (w.output[1] - 1) * w.stride[1] + extent(1);
        let height = (last - first) * w.stride[0] + extent(0);
        let channels = spec.in_channels;
        let zero = spec.input_zero as u8;
        let left = w.pad[1].min(width);
        let inside = w.input[1].min(width - left);
        for row in 0..height {
            let y = (first * w.stride[0] + row).wrapping_sub(w.pad[0]);
            // SAFETY: `height` rows of `width` pixels fit the memory; left, inside and the rest are
            // `width` together; row `y` of the image has at least `inside` pixels.
            unsafe {
                let to = memory.add(row * width * channels);
                if y < w.input[0] {
                    let image = x.add(y * w.input[1] * channels);
                    to.write_bytes(zero, left * channels);
                    let middle = to.add(left * channels);
                    middle.copy_from_nonoverlapping(image, inside * channels);
                    let right = middle.add(inside * channels);
                    right.write_bytes(zero, (width - left - inside) * channels);
                } else {
                    to.write_bytes(zero, width * channels);
                }
            }
        }
        Self::new(spec, memory, width, first)
    }

    /// Fills the panel for `quads` quads of pixels from output pixel `pixel` on; pixels behind the
    /// last are the last.
    ///
    /// # Safety
    /// The windows of these pixels are in the source, and `panel` is as long as the shape says.
    pub(super) unsafe fn fill(
        &self,
        spec: &ConvSpec,
        shape: &Shape,
        pixel: usize,
        quads: usize,
        panel: *mut u32,
    ) {
        let w = &spec.window;
        let across = w.output[1].max(1);
        let (mut y, mut x) = ((pixel / across).wrapping_sub(self.first), pixel % across);
        let mut left = shape.pixels - pixel;
        let columns = if shape.run == self.column { w.kernel[1] } else { 1 };
        let mut to = panel;
        for _ in 0..quads {
            let mut pixels = [self.start; 4];
            for pixel in &mut pixels {
                // SAFETY: the window of this pixel is in the source.
                *pixel = unsafe { self.start.add(y * self.down + x * self.right) };
                if left > 1 {
                    left -= 1;
                    x += 1;
                    if x == across {
                        (x, y) = (0, y + 1);
                    }
                }
            }
            for (down, right) in (0..w.kernel[0]).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let offset = down * w.dilation[0] * self.row + right * w.dilation[1] * self.column;
                // SAFETY: the runs of these windows are in the source, and a quad's panel has room
                // for the pairs of all runs.
                unsafe {
                    widen(&pixels, offset, shape.run, to);
                    to = to.byte_add(shape.run.div_ceil(2) * PAIR);
                }
            }
        }
    }
}

/// Widens `run` bytes at `offset` from each of four pixels.
///
/// # Safety
/// The bytes are readable, and `to` has 16 bytes for each two of them, at a multiple of 4.
//
// Registers: r4-r7 pixels, r12 mask of doubled bytes, lr words left, r2 what a word does not hold.
#[unsafe(naked)]
unsafe extern "C" fn widen(pixels: &[*const u8; 4], offset: usize, run: usize, to: *mut u32) {
    naked_asm!(
        "push {{r4-r11, lr}}
         ldm r0, {{r4-r7}}
         add r4, r1
         add r5, r1
         add r6, r1
         add r7, r1
         movw r12, #0x01FE
         movt r12, #0x01FE
         lsrs lr, r2, #2
         beq 2f",
        // A word of each: elements 0 and 2, then 1 and 3.
        "1: ldr r0, [r4], #4
         ldr r1, [r5], #4
         ldr r8, [r6], #4
         ldr r9, [r7], #4
         .irp x, r0, r1, r8, r9
         eor \\x, \\x, #0x80808080
         .endr
         and r10, r12, r0, lsl #1
         and r11, r12, r1, lsl #1
         and r0, r12, r0, lsr #7
         and r1, r12, r1, lsr #7
         strd r0, r1, [r3, #16]
         and r0, r12, r8, lsl #1
         and r1, r12, r9, lsl #1
         strd r0, r1, [r3, #8]
         and r8, r12, r8, lsr #7
         and r9, r12, r9, lsr #7
         strd r8, r9, [r3, #24]
         strd r10, r11, [r3], #32
         subs lr, #1
         bne 1b
         2: lsls r2, r2, #31
         bcc 3f",
        // Two elements.
        "ldrh r0, [r4], #2
         ldrh r1, [r5], #2
         ldrh r8, [r6], #2
         ldrh r9, [r7], #2
         .irp x, r0, r1, r8, r9
         orr \\x, \\x, \\x, lsl #8
         eor \\x, \\x, #0x80808080
         and \\x, r12, \\x, lsl #1
         .endr
         strd r8, r9, [r3, #8]
         strd r0, r1, [r3], #16
         3: bpl 4f",
        // One element.
        "ldrb r0, [r4]
         ldrb r1, [r5]
         ldrb r8, [r6]
         ldrb r9, [r7]
         .irp x, r0, r1, r8, r9
         eor \\x, \\x, #0x80
         lsl \\x, \\x, #1
         .endr
         strd r8, r9, [r3, #8]
         strd r0, r1, [r3]
         4: pop {{r4-r11, pc}}"
    )
}
