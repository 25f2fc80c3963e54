//! Depthwise convolutions: 16 neighbouring bytes of the staged image at a time. With a horizontal
//! stride of 1 a whole row of outputs is one line of bytes, whatever the number of channels; weights
//! repeat along it.

use super::layout::{BLOCK, Stage, depthwise_row};
use super::matrix::Finish;
use super::{avx2, stage, vnni};
use crate::packed::Depthwise;
use crate::{Part, Window};
use core::arch::x86_64::*;

/// What a line of outputs needs.
struct Lines<'a> {
    window: &'a Window,
    /// Bytes from tap to tap: rows and columns.
    step: [usize; 2],
    channels: usize,
    packed: *const i32,
    finish: Finish,
}

/// A part of a packed depthwise convolution: some of its rows.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let Some(channels) = spec.out_channels() else { return };
    let Some(area) = Stage::new(w, channels) else { return };
    let lines = Lines {
        window: w,
        step: [w.dilation[0] * area.row(), w.dilation[1] * area.pixel],
        channels,
        packed: call.packed.as_ptr().cast(),
        finish: Finish { single: false, zero: spec.output_zero, clamp: spec.clamp },
    };
    let rows = part.of(w.batch * w.output[0]);
    let mut staged = None;
    for row in rows.clone() {
        let image = row.checked_div(w.output[0]).unwrap_or(0);
        let inside = row - image * w.output[0];
        let (x, scratch) = (call.x.as_ptr(), call.scratch.as_mut_ptr());
        // SAFETY: the call's lengths are those of its layout: the input is an image for each of the
        // batch, the scratch memory has room for the stage and SLACK bytes more, `packed` has the
        // rows of taps and numbers, the output has the row.
        unsafe {
            if staged != Some(image) {
                let end = rows.end.min((image + 1) * w.output[0]) - image * w.output[0];
                let range = (image, inside..end);
                stage::image(w, &area, spec.multiplier, spec.input_zero, range, x, scratch);
                staged = Some(image);
            }
            let from = scratch.add(inside * w.stride[0] * area.row());
            let y = call.y.as_mut_ptr().add(row * w.output[1] * channels);
            let line = |from, y, count| {
                if call.cpu.wide() {
                    lines.wide(from, y, count)
                } else {
                    lines.narrow(from, y, count)
                }
            };
            if w.stride[1] == 1 {
                line(from, y, w.output[1] * channels);
            } else {
                for column in 0..w.output[1] {
                    let from = from.add(column * w.stride[1] * area.pixel);
                    line(from, y.add(column * channels), channels);
                }
            }
        }
    }
}

impl Lines<'_> {
    fn taps(&self) -> usize {
        self.window.kernel[0] * self.window.kernel[1]
    }

    /// Calls `f` with the offset of each block of 16 outputs, the channel that it starts with, and how
    /// many outputs there are.
    #[inline(always)]
    fn blocks(&self, count: usize, mut f: impl FnMut(usize, usize, usize)) {
        let mut channel = 0;
        let mut at = 0;
        while at < count {
            f(at, channel, (count - at).min(BLOCK));
            at += BLOCK;
            channel += BLOCK;
            while channel >= self.channels {
                channel -= self.channels;
            }
        }
    }

    /// `count` neighbouring outputs.
    ///
    /// # Safety
    /// The processor has AVX-512 with VNNI. Every tap of every output, and as many bytes behind the
    /// last as fill 16, can be read; the outputs can be written.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn wide(&self, from: *const u8, y: *mut i8, count: usize) {
        let row = depthwise_row(self.channels);
        let [height, width] = self.window.kernel;
        self.blocks(count, |at, channel, valid| {
            // SAFETY: as above; 16 words can be read from any channel of a row on.
            unsafe {
                let numbers = self.packed.add(self.taps() * row + channel);
                let numbers = vnni::Numbers::load(numbers, row);
                let mut w = self.packed.add(channel);
                let mut sums = _mm512_setzero_si512();
                for ky in 0..height {
                    let mut x = from.add(at + ky * self.step[0]);
                    for _ in 0..width {
                        sums = vnni::add_products(sums, x, w);
                        (x, w) = (x.add(self.step[1]), w.add(row));
                    }
                }
                let mask = ((1u32 << valid) - 1) as __mmask16;
                _mm_mask_storeu_epi8(y.add(at), mask, numbers.requantize(sums, &self.finish));
            }
        });
    }

    /// `count` neighbouring outputs.
    ///
    /// # Safety
    /// As [`Lines::wide`], with AVX2.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn narrow(&self, from: *const u8, y: *mut i8, count: usize) {
        let row = depthwise_row(self.channels);
        let [height, width] = self.window.kernel;
        self.blocks(count, |at, channel, valid| {
            // SAFETY: as above; 16 words can be read from any channel of a row on.
            unsafe {
                let numbers = self.packed.add(self.taps() * row + channel);
                let mut w = self.packed.add(channel);
                let mut sums = [_mm256_setzero_si256(); 2];
                for ky in 0..height {
                    let mut x = from.add(at + ky * self.step[0]);
                    for _ in 0..width {
                        sums = avx2::add_products(sums, x, w);
                        (x, w) = (x.add(self.step[1]), w.add(row));
                    }
                }
                let numbers = avx2::Numbers { from: numbers, row };
                avx2::store(numbers.requantize(sums, &self.finish), y.add(at), valid);
            }
        });
    }
}
