//! Depthwise convolutions: 16 neighbouring channels of the staged image at a time, whose weights and
//! numbers stay in registers for all pixels. Where channels fill blocks side by side (1, 2, 4, 8 or
//! 16 of them, and a horizontal stride of 1) a whole row is one line of bytes.

use super::layout::{BLOCK, FLOOR, NEAR, PLAIN, Stage, depthwise_pixel, depthwise_row};
use super::matrix::Finish;
use super::{avx2, finish, stage, vnni};
use crate::packed::Depthwise;
use crate::{Part, Window};
use core::arch::x86_64::*;

/// Elements of a window whose weights are kept in registers.
const NINE: usize = 9;

/// The rows of an image that are computed, and what a block of 16 channels needs.
struct Rows<'a> {
    window: &'a Window,
    area: Stage,
    channels: usize,
    packed: *const i32,
    finish: Finish,
    /// The staged image.
    stage: *const u8,
    /// First output row and one past the last.
    rows: (usize, usize),
    /// Where the first of them is written.
    y: *mut i8,
}

/// A part of a packed depthwise convolution: some of its rows.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let Some(channels) = spec.out_channels() else { return };
    let Some(area) = Stage::new(w, depthwise_pixel(w, channels)) else { return };
    let rows = part.of(w.batch * w.output[0]);
    let mut row = rows.start;
    while row < rows.end {
        // Rows of one image.
        let image = row.checked_div(w.output[0]).unwrap_or(0);
        let end = rows.end.min((image + 1) * w.output[0]);
        let inside = row - image * w.output[0]..end - image * w.output[0];
        let (x, scratch) = (call.x.as_ptr(), call.scratch.as_mut_ptr());
        let copies = (spec.in_channels, spec.multiplier);
        // SAFETY: the call's lengths are those of its layout: the input is an image for each of the
        // batch, the scratch memory has room for the stage and SLACK bytes more, `packed` has the
        // rows of taps and numbers, the output has the rows.
        unsafe {
            let range = (image, inside.clone());
            stage::image(w, &area, copies, spec.input_zero, range, x, scratch);
            let all = Rows {
                window: w,
                area,
                channels,
                packed: call.packed.as_ptr().cast(),
                finish: Finish { form: call.form, zero: spec.output_zero, clamp: spec.clamp },
                stage: scratch,
                rows: (inside.start, inside.end),
                y: call.y.as_mut_ptr().add(row * w.output[1] * channels),
            };
            match (call.cpu.wide(), call.form) {
                (true, PLAIN) => all.wide::<PLAIN>(),
                (true, FLOOR) => all.wide::<FLOOR>(),
                (true, NEAR) => all.wide::<NEAR>(),
                (true, _) => all.wide::<0>(),
                (false, _) => all.narrow(),
            }
        }
        row = end;
    }
}

impl Rows<'_> {
    /// Offsets of the window's elements in the stage, for windows of nine.
    fn nine(&self) -> Option<[usize; NINE]> {
        let [height, width] = self.window.kernel;
        let [below, beside] = self.window.dilation;
        let at = |tap: usize| {
            let ky = tap.checked_div(width).unwrap_or(0);
            ky * below * self.area.row() + (tap - ky * width) * beside * self.area.pixel
        };
        (height * width == NINE).then(|| core::array::from_fn(at))
    }

    /// Calls `f(block)` for each block of channels.
    fn blocks(&self) -> impl Iterator<Item = usize> {
        (0..self.channels).step_by(BLOCK)
    }

    /// Calls `f` with the staged bytes and the outputs of every step along the rows, for the block that
    /// starts at `channel`, and how many outputs there are.
    ///
    /// # Safety
    /// As [`Rows::wide`].
    #[inline(always)]
    unsafe fn steps(&self, channel: usize, mut f: impl FnMut(*const u8, *mut i8, usize)) {
        let w = self.window;
        let line = w.output[1] * self.channels;
        for row in self.rows.0..self.rows.1 {
            // SAFETY: the row is one of the stage and of the output.
            unsafe {
                let x = self.stage.add(row * w.stride[0] * self.area.row() + channel);
                let y = self.y.add((row - self.rows.0) * line + channel);
                if self.area.pixel < BLOCK {
                    // Channels side by side.
                    for at in (0..line).step_by(BLOCK) {
                        f(x.add(at), y.add(at), (line - at).min(BLOCK));
                    }
                    continue;
                }
                let valid = (self.channels - channel).min(BLOCK);
                for column in 0..w.output[1] {
                    let x = x.add(column * w.stride[1] * self.area.pixel);
                    f(x, y.add(column * self.channels), valid);
                }
            }
        }
    }

    /// All rows.
    ///
    /// # Safety
    /// The processor has AVX-512 with VNNI. Every element of every window, and as many bytes behind
    /// the last as fill 16, can be read; the outputs can be written.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
    unsafe fn wide<const F: u8>(&self) {
        let row = depthwise_row(self.channels);
        let [height, width] = self.window.kernel;
        let taps = height * width;
        for channel in self.blocks() {
            // SAFETY: as above; 16 words can be read from any channel of a row on.
            unsafe {
                let w = self.packed.add(channel);
                let numbers = finish::Numbers::load(w.add(taps * row), row);
                let store = |y: *mut i8, valid: usize, sums: __m512i| {
                    finish::store(numbers.requantize::<F>(sums, &self.finish), y, valid);
                };
                let load = |tap: usize| _mm512_loadu_si512(w.add(tap * row).cast());
                if let Some(offsets) = self.nine() {
                    let weights: [__m512i; NINE] = core::array::from_fn(load);
                    self.steps(channel, |x, y, valid| {
                        let mut sums = numbers.bias;
                        let mut others = _mm512_setzero_si512();
                        for (i, (offset, w)) in offsets.into_iter().zip(weights).enumerate() {
                            let sums = if i % 2 == 0 { &mut sums } else { &mut others };
                            *sums = vnni::add_products(*sums, x.add(offset), w);
                        }
                        store(y, valid, _mm512_add_epi32(sums, others));
                    });
                    continue;
                }
                let [below, beside] = self.window.dilation;
                self.steps(channel, |x, y, valid| {
                    let mut sums = numbers.bias;
                    for ky in 0..height {
                        let mut x = x.add(ky * below * self.area.row());
                        for kx in 0..width {
                            sums = vnni::add_products(sums, x, load(ky * width + kx));
                            x = x.add(beside * self.area.pixel);
                        }
                    }
                    store(y, valid, sums);
                });
            }
        }
    }

    /// All rows.
    ///
    /// # Safety
    /// As [`Rows::wide`], with AVX2.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn narrow(&self) {
        let row = depthwise_row(self.channels);
        let [height, width] = self.window.kernel;
        let [below, beside] = self.window.dilation;
        for channel in self.blocks() {
            // SAFETY: as above; 16 words can be read from any channel of a row on.
            unsafe {
                let first = self.packed.add(channel);
                let numbers = avx2::Numbers { from: first.add(height * width * row), row };
                self.steps(channel, |x, y, valid| {
                    let mut w = first;
                    let mut sums = [_mm256_setzero_si256(); 2];
                    for ky in 0..height {
                        let mut x = x.add(ky * below * self.area.row());
                        for _ in 0..width {
                            sums = avx2::add_products(sums, x, w);
                            (x, w) = (x.add(beside * self.area.pixel), w.add(row));
                        }
                    }
                    avx2::store(numbers.requantize(sums, &self.finish), y, valid);
                });
            }
        }
    }
}
