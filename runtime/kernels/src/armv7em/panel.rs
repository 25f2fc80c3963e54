//! The panel: operands of four pixels side by side, as words of two doubled int16, counted from
//! -128, so that they are in 0 to 510.

use crate::armv7em::layout::conv::Shape;
use crate::packed::ConvSpec;
use core::arch::naked_asm;

/// Where windows are read: the image itself, or some of its rows with the zero point around it.
#[derive(Clone, Copy)]
pub(super) struct Source {
    /// The window of output column 0 in output row `first`.
    start: *const u8,
    first: usize,
    /// Bytes between rows, and between columns.
    row: usize,
    column: usize,
}

/// Rows of an image with the zero point around it.
pub(super) struct Rows {
    start: *mut u8,
    /// Bytes between rows.
    pitch: usize,
    /// Rows that are there, counted from the first of the padding.
    from: usize,
    to: usize,
}

impl Rows {
    /// No rows yet, in memory as long as the shape says.
    ///
    /// # Safety
    /// The memory is there.
    pub(super) unsafe fn new(spec: &ConvSpec, shape: &Shape, memory: *mut u8) -> Self {
        // Copies run word by word if the image begins at a multiple of 4.
        let lead = (spec.window.pad[1] * spec.in_channels).wrapping_neg() & 3;
        // SAFETY: rows have 3 bytes more than they need.
        let start = unsafe { memory.add(lead) };
        Self { start, pitch: shape.pitch, from: 0, to: 0 }
    }

    /// Makes the rows be there that output rows `first..=last` of the image at `x` need. Both never
    /// fall while the image is the same; [`Self::new`] starts another.
    ///
    /// # Safety
    /// The memory is as long as the shape says for these output rows.
    pub(super) unsafe fn advance(
        &mut self,
        spec: &ConvSpec,
        x: *const u8,
        (first, last): (usize, usize),
    ) -> Source {
        let w = &spec.window;
        let channels = spec.in_channels;
        let extent = |axis: usize| (w.kernel[axis] - 1) * w.dilation[axis] + 1;
        let width = (w.output[1] - 1) * w.stride[1] + extent(1);
        let (from, to) = (first * w.stride[0], last * w.stride[0] + extent(0));
        let zero = spec.input_zero as u8;
        let left = w.pad[1].min(width);
        let inside = w.input[1].min(width - left);
        let kept = self.to.saturating_sub(from);
        // SAFETY: the rows `from..to` fit the memory; left, inside and the rest are `width`
        // together; row `y` of the image has at least `inside` pixels.
        unsafe {
            if from > self.from && kept > 0 {
                self.start
                    .copy_from(self.start.add((from - self.from) * self.pitch), kept * self.pitch);
            }
            for row in from + kept..to {
                let at = self.start.add((row - from) * self.pitch);
                let y = row.wrapping_sub(w.pad[0]);
                if y < w.input[0] {
                    at.write_bytes(zero, left * channels);
                    let middle = at.add(left * channels);
                    let image = x.add(y * w.input[1] * channels);
                    middle.copy_from_nonoverlapping(image, inside * channels);
                    let right = middle.add(inside * channels);
                    right.write_bytes(zero, (width - left - inside) * channels);
                } else {
                    at.write_bytes(zero, width * channels);
                }
            }
        }
        (self.from, self.to) = (from, to.max(self.to));
        Source { start: self.start, first, row: self.pitch, column: channels }
    }
}

impl Source {
    /// The image itself, which begins at `x`.
    pub(super) fn image(spec: &ConvSpec, x: *const u8) -> Self {
        let column = spec.in_channels;
        Self { start: x, first: 0, row: spec.window.input[1] * column, column }
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
        mut quads: usize,
        panel: *mut u32,
    ) {
        let w = &spec.window;
        let across = shape.across.max(1);
        let (down, right) = (w.stride[0] * self.row, w.stride[1] * self.column);
        let (y, mut x) = ((pixel / across).wrapping_sub(self.first), pixel % across);
        let mut left = shape.pixels - pixel;
        let mut at = self.start.wrapping_add(y * down + x * right);
        let mut to = panel;
        // Runs are a row of the window each, or its columns, row by row.
        let mut work = Widen {
            pixels: [at; 4],
            advance: 4 * right,
            run: shape.run,
            runs: shape.runs,
            step: w.dilation[0] * self.row,
        };
        let mut rows = 1;
        if shape.runs != w.kernel[0] {
            (rows, work.runs, work.step) = (w.kernel[0], w.kernel[1], w.dilation[1] * self.column);
        }
        while quads > 0 {
            for pixel in &mut work.pixels {
                *pixel = at;
                if left > 1 {
                    (left, x, at) = (left - 1, x + 1, at.wrapping_add(right));
                    if x == across {
                        (x, at) = (0, at.wrapping_add(down).wrapping_sub(across * right));
                    }
                }
            }
            quads -= 1;
            // Quads that follow in the same row.
            let mut more = 0;
            if rows == 1 && x >= 4 {
                more = ((across - x) / 4).min(left.saturating_sub(1) / 4).min(quads);
            }
            (left, x, at) = (left - 4 * more, x + 4 * more, at.wrapping_add(4 * more * right));
            quads -= more;
            if x == across {
                (x, at) = (0, at.wrapping_add(down).wrapping_sub(across * right));
            }
            for _ in 0..rows {
                // SAFETY: the runs of these windows are in the source, and a quad's panel has room
                // for the pairs of all runs.
                unsafe { to = widen(&work, to, more + 1) };
                for pixel in &mut work.pixels {
                    *pixel = pixel.wrapping_add(w.dilation[0] * self.row);
                }
            }
        }
    }
}

/// Work for [`widen`]; the kernel knows the order.
#[repr(C)]
struct Widen {
    /// The first four pixels.
    pixels: [*const u8; 4],
    /// Bytes from one run to the next, bytes of a run, and how many there are, at least one.
    step: usize,
    run: usize,
    runs: usize,
    /// Bytes from quad to quad.
    advance: usize,
}

/// Widens the runs of each of four pixels, quad by quad, of which there is at least one; returns
/// the end of what it wrote.
///
/// # Safety
/// The bytes are readable, and `to` has 16 bytes for each two bytes of each run, at a multiple of
/// 4.
//
// Registers: r4-r7 pixels, r12 mask of doubled bytes, lr words left, r2 what a word does not hold,
// r3 panel. Stack: 0 bytes from the end of a run to the next; 4 run; 8 runs; 12 bytes from the end
// of the last run to the next quad; 16 quads left; 20 runs left.
#[unsafe(naked)]
unsafe extern "C" fn widen(work: &Widen, to: *mut u32, quads: usize) -> *mut u32 {
    naked_asm!(
        ".arch armv7e-m",
        "push {{r4-r11, lr}}
         sub sp, #28
         mov r3, r1
         ldm r0, {{r4-r11}}
         mul r0, r8, r10
         subs r0, r0, r8
         add r0, r9
         sub r11, r0
         sub r8, r9
         stm sp, {{r8-r11}}
         str r2, [sp, #16]
         movw r12, #0x01FE
         movt r12, #0x01FE
         b 6f",
        // The next quad, and the next run.
        "7: ldr r2, [sp, #12]
         add r4, r2
         add r5, r2
         add r6, r2
         add r7, r2
         6: ldr r2, [sp, #8]
         b 8f
         5: ldr r0, [sp]
         add r4, r0
         add r5, r0
         add r6, r0
         add r7, r0
         8: str r2, [sp, #20]
         ldr r2, [sp, #4]
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
        "ldrb r0, [r4], #1
         ldrb r1, [r5], #1
         ldrb r8, [r6], #1
         ldrb r9, [r7], #1
         .irp x, r0, r1, r8, r9
         eor \\x, \\x, #0x80
         lsl \\x, \\x, #1
         .endr
         strd r8, r9, [r3, #8]
         strd r0, r1, [r3], #16
         4: ldr r2, [sp, #20]
         subs r2, #1
         bne 5b
         ldr r2, [sp, #16]
         subs r2, #1
         str r2, [sp, #16]
         bne 7b
         mov r0, r3
         add sp, #28
         pop {{r4-r11, pc}}"
    )
}
