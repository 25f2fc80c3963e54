//! Kernels of 3x3, strides 1 and 2: strips of two columns of outputs, four channels at a time.

use super::columns::{Columns, expand, write_columns};
use super::tiles::{self, Numbers, Outputs};
use crate::armv7em::layout::{SHORT, Three};
use crate::packed::Depthwise;

/// Channels of a group, whose values come with one load.
const GROUP: usize = 4;

/// The rows of the layer that are being computed, and the strip's memory.
struct Band<'a> {
    call: &'a Depthwise<'a>,
    three: Three,
    /// The input's first row that is needed and inside, and how many there are.
    x: *const i8,
    rows: usize,
    /// The strip, and its row that belongs to `x`.
    strip: *mut u32,
    inside: *mut u32,
    /// Four bytes of the input's zero point.
    zeros: *const i8,
    /// The first output of the last row, and how many rows there are.
    y: *mut i8,
    outputs: usize,
}

/// The whole layer.
#[inline(never)]
pub(super) fn depthwise(call: &Depthwise<'_>) {
    let spec = call.spec;
    let (w, channels) = (&spec.window, spec.in_channels);
    let Some(three) = Three::new(spec) else { return };
    let numbers = call.scratch.as_mut_ptr().cast::<Numbers>();
    // SAFETY: the scratch memory holds the numbers of a group, a word of zero points, and the strip;
    // image and result hold every row that is pointed to.
    unsafe {
        let zeros = numbers.add(GROUP).cast::<u32>();
        let zero = spec.input_zero as u32 & 0xFF;
        zeros.write(zero * 0x0101_0101);
        let strip = zeros.add(1);
        let pair = zero * 0x0100_0100;
        for n in 0..w.batch {
            let mut from = 0;
            while from < w.output[0] {
                let outputs = three.band.min(w.output[0] - from);
                for at in 0..three.rows * Three::WORDS {
                    strip.add(at).write(pair);
                }
                // Rows of the strip above the image, and the input's row that follows them.
                let start = from * three.stride;
                let above = w.pad[0].saturating_sub(start);
                let first = start.saturating_sub(w.pad[0]);
                let below = (outputs - 1) * three.stride + 3;
                let rows = below.saturating_sub(above).min(w.input[0].saturating_sub(first));
                let row = (n * w.input[0] + first.min(w.input[0])) * w.input[1];
                let last = (n * w.output[0] + from + outputs - 1) * w.output[1];
                let band = Band {
                    call,
                    three,
                    x: call.x.as_ptr().add(row * channels),
                    rows,
                    strip,
                    inside: strip.add(above.min(below) * Three::WORDS),
                    zeros: zeros.cast::<i8>(),
                    y: call.y.as_mut_ptr().add(last * channels),
                    outputs,
                };
                let mut channel = 0;
                while channel < channels {
                    // The last group starts earlier and skips what is done.
                    let group = channel.min(channels - GROUP);
                    let done = channel - group;
                    let record = call.packed.as_ptr().add(channel * Three::RECORD);
                    expand(record, numbers, three.stride, GROUP - done);
                    band.group(group, done, numbers);
                    channel = group + GROUP;
                }
                from += outputs;
            }
        }
    }
}

impl Band<'_> {
    /// All strips of the group of channels from `group` on, of which `done` need not be computed.
    ///
    /// # Safety
    /// `numbers` holds those of the others.
    #[inline(never)]
    unsafe fn group(&self, group: usize, done: usize, numbers: *const Numbers) {
        let (w, channels) = (&self.call.spec.window, self.call.spec.in_channels);
        let stride = self.three.stride;
        let is_short = self.call.form == SHORT;
        let up = self.outputs.saturating_sub(2) * stride * Three::WORDS;
        let below = if self.outputs > 1 { w.output[1] * channels } else { 0 };
        // The first column is left of the image by the padding, and in stride 2 one more.
        let left = w.pad[1] + stride - 1;
        let mut columns = Columns {
            at: self.x.wrapping_add(group).wrapping_sub(left * channels),
            column: 0usize.wrapping_sub(left),
            width: w.input[1],
            pixel: channels,
            row: w.input[1] * channels,
            zeros: self.zeros,
            rows: self.rows,
            to: self.inside,
        };
        let start = self.strip.wrapping_add(done * Three::WORDS / GROUP);
        let mut outputs = Outputs {
            first: start,
            right: channels,
            below,
            lowest: start,
            y: self.y.wrapping_add(group + done),
            numbers,
            channels: GROUP - done,
            kind: 0,
            step: stride * Three::WORDS * 4,
            zero: self.call.spec.input_zero << 8,
        };
        outputs.kind = match (stride, is_short) {
            (1, true) => tiles::ONE,
            (1, _) => tiles::ONE_TWICE,
            (_, true) => tiles::TWO,
            _ => tiles::TWO_TWICE,
        };
        // Whether a last output that has no neighbour meets nothing on its right.
        let is_edge = w.output[1] + 1 >= w.input[1] + w.pad[1] && outputs.kind == tiles::ONE;
        // SAFETY: the columns are read inside the image, and the strip has the rows that are written;
        // outputs that are missing on the right or below are written over by their neighbours.
        unsafe {
            write_columns(&mut columns, true);
            let mut left = w.output[1];
            // In stride 1, two strips share three words.
            let mut is_second = false;
            while left > 0 {
                if left == 1 {
                    outputs.right = 0;
                }
                if left == 1 && is_edge {
                    // Its inputs were written for the strip before.
                    outputs.kind = tiles::EDGE;
                    outputs.first = start.add(if is_second { 1 } else { 2 });
                } else if is_second {
                    outputs.first = start.add(1);
                    write_columns(&mut columns, true);
                } else {
                    outputs.first = start;
                    write_columns(&mut columns, false);
                    if stride == 2 {
                        write_columns(&mut columns, true);
                    }
                }
                is_second = stride == 1 && !is_second;
                outputs.lowest = outputs.first.add(up);
                tiles::tiles(&outputs);
                outputs.y = outputs.y.wrapping_add(2 * channels);
                left = left.saturating_sub(2);
            }
        }
    }
}
