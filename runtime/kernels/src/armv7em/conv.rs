//! CONV_2D: blocks of pixels, from the image to a panel, and from the panel through all channels.

use super::clamp::clamp;
use super::layout::conv::{self as layout, CHUNK, HEADER, NUMBERS, PAIR, Shape};
use super::layout::narrow;
use super::nibbles;
use super::panel::{Rows, Source};
use super::requant::Numbers;
use super::tile::{self, Tile};
use super::winograd;
use crate::Part;
use crate::packed::{ALL_FORMS, Conv, ConvSpec, WINOGRAD, has_form};
use core::arch::asm;

/// A convolution; part 0 is all of it.
pub(crate) fn conv_s8<const FORMS: u32>(call: &Conv<'_>, part: Part) {
    convolve::<FORMS, false>(call, part);
}

/// The same with weights of four bits.
pub(crate) fn conv_s4(call: &Conv<'_>, part: Part) {
    if call.form & WINOGRAD == 0 {
        convolve::<ALL_FORMS, true>(call, part);
    } else {
        winograd::convolve::<true>(call, part);
    }
}

#[inline(always)]
fn convolve<const FORMS: u32, const NARROW: bool>(call: &Conv<'_>, part: Part) {
    let spec = call.spec;
    if part.index > 0 {
        return;
    }
    let shape = Shape::new(call.form, spec);
    let Some(shape) = &shape else { return };
    let w = &spec.window;
    let across = shape.across.max(1);
    let scratch = call.scratch.as_mut_ptr();
    for image in 0..shape.images {
        // SAFETY: the call has checked all lengths against the layout: the scratch memory has four
        // areas behind each other, the input `batch` images, the output `images * pixels` pixels.
        unsafe {
            let sums = scratch.add(shape.panel + PAIR);
            let memory = sums.add(shape.accumulators);
            let mut rows = Rows::new(spec, shape, memory);
            let x = call.x.as_ptr().cast::<u8>();
            let x = x.add(image * w.input[0] * w.input[1] * spec.in_channels);
            let mut done = 0;
            let quads = shape.pixels.div_ceil(4);
            while done < quads {
                let mut count = shape.block.min(quads - done);
                if count > 1 && 4 * count > shape.pixels {
                    count -= 1;
                }
                // The last block ends with the last pixel: some pixels may be computed twice.
                let pixel = (4 * done).min(shape.pixels.saturating_sub(4 * count));
                done += count;
                let source = if shape.direct {
                    Source::image(spec, x)
                } else {
                    let last = (pixel + 4 * count).min(shape.pixels) - 1;
                    rows.advance(spec, x, (pixel / across, last / across))
                };
                source.fill(spec, shape, pixel, count, scratch.cast());
                let y = call.y.as_mut_ptr();
                let y = y.add((image * shape.pixels + pixel) * spec.out_channels);
                let (out, stride) = if shape.detour {
                    (memory.add(shape.rows).cast(), spec.out_channels.next_multiple_of(2))
                } else {
                    (y, spec.out_channels)
                };
                let (packed, pixels) =
                    (call.packed.as_ptr(), (4 * count).min(shape.pixels - pixel));
                let words = if NARROW {
                    memory.add(shape.rows + shape.output).cast()
                } else {
                    core::ptr::null_mut()
                };
                Block {
                    spec,
                    shape,
                    quads: count,
                    packed,
                    panel: scratch,
                    sums,
                    out,
                    stride,
                    y,
                    pixels,
                    words,
                }
                .run::<FORMS, NARROW>(call.form);
            }
        }
    }
    clamp(call.y, spec.clamp);
}

/// Some quads of pixels, with their panel.
struct Block<'a> {
    spec: &'a ConvSpec,
    shape: &'a Shape,
    quads: usize,
    packed: *const u8,
    panel: *mut u8,
    sums: *mut u8,
    /// The first channel of the first pixel, and bytes to the next pixel.
    out: *mut i8,
    stride: usize,
    /// Where that stands in the output, and how many pixels are there.
    y: *mut i8,
    pixels: usize,
    /// Room for the words of two channels, where weights have four bits.
    words: *mut u32,
}

impl Block<'_> {
    /// Computes all channels.
    ///
    /// # Safety
    /// All areas are as long as the layout says.
    #[inline(always)]
    unsafe fn run<const FORMS: u32, const NARROW: bool>(&self, form: u8) {
        let channels = self.spec.out_channels;
        // SAFETY: `packed` has the weights of all channels in the form's layout; `out` has room for
        // all quads of pixels with `stride` channels, `y` for the pixels that are there.
        unsafe {
            if NARROW {
                for two in 0..channels.div_ceil(2) {
                    self.narrow(two, form == layout::BOTH);
                }
            } else if has_form(FORMS, layout::GENERAL) && form == layout::GENERAL {
                for channel in 0..channels {
                    self.general(channel);
                }
            } else if has_form(FORMS, layout::BOTH) || has_form(FORMS, layout::POSITIVE) {
                let (whole, odd) = (channels / 2, channels % 2);
                for (two, twos) in [(0, whole), (whole, odd)] {
                    if twos > 0 {
                        let size = HEADER + 4 * self.shape.pairs;
                        let weights = self.packed.add(two * size).cast();
                        self.superposed(weights, two, twos, form == layout::BOTH);
                    }
                }
            }
            if self.shape.detour {
                for pixel in 0..self.pixels {
                    let from = self.out.add(pixel * self.stride);
                    self.y.add(pixel * channels).copy_from_nonoverlapping(from, channels);
                }
            }
        }
    }

    /// Two channels whose weights have four bits.
    ///
    /// # Safety
    /// As for [`Self::run`].
    unsafe fn narrow(&self, two: usize, both: bool) {
        let (pairs, size) = (self.shape.pairs, narrow::two(self.shape.pairs));
        let count = pairs.div_ceil(2);
        // SAFETY: there is room for the words of two channels, one more, and their header.
        unsafe {
            let from = self.packed.add(two * size).cast::<u32>();
            nibbles::superposed(from, self.words, count);
            self.words.add(pairs).copy_from_nonoverlapping(from.add(count), HEADER / 4);
            self.superposed(self.words, two, 1, both);
        }
    }

    /// `twos` times two channels, from number `two` of those on.
    ///
    /// # Safety
    /// As for [`Self::run`]; at `weights` are those of the first two channels.
    unsafe fn superposed(&self, weights: *const u32, two: usize, twos: usize, both: bool) {
        let pairs = self.shape.pairs;
        let first = (2 * two).min(self.spec.out_channels.saturating_sub(2));
        // SAFETY: behind the weights of two channels stand their 8 numbers, so that 7 words behind
        // a chunk are readable; the last two channels are computed twice if their number is odd.
        unsafe {
            tile::superposed(&Tile {
                weights,
                pairs,
                panel: self.panel.cast(),
                out: self.out.add(first),
                twos,
                len: 4 * self.quads * self.stride,
                stride: self.stride,
                sums: self.sums,
                sums_end: self.sums.wrapping_add(32 * self.quads),
                mode: match (both, pairs > CHUNK) {
                    (true, _) => tile::BOTH,
                    (false, more) => usize::from(more) * tile::CHUNKS,
                },
            });
        }
    }

    /// A channel in the general form.
    ///
    /// # Safety
    /// As for [`Self::run`].
    unsafe fn general(&self, channel: usize) {
        let twos = self.shape.pairs.div_ceil(2);
        // SAFETY: the numbers of all channels, then the weights of all; the panel has an extra
        // pair.
        unsafe {
            let numbers = self.packed.cast::<Numbers>().add(channel).read();
            let weights = self.packed.add(NUMBERS * self.spec.out_channels);
            let weights = weights.add(4 * twos * channel).cast();
            let mut panel = self.panel.cast::<u32>();
            let mut out = self.out.add(channel);
            for _ in 0..self.quads {
                let sums = dots(panel, weights, twos);
                panel = panel.byte_add(self.shape.pairs * PAIR);
                for sum in sums {
                    out.write(numbers.output(sum, self.spec.output_zero, self.spec.clamp));
                    out = out.wrapping_add(self.stride);
                }
            }
        }
    }
}

/// Sums of products of four pixels with `twos` words of four weights, at least one.
///
/// # Safety
/// The panel has twice as many pairs as there are words of weights.
unsafe fn dots(panel: *const u32, weights: *const u32, twos: usize) -> [i32; 4] {
    let mut sums = [0i32; 4];
    let [a, b, c, d] = &mut sums;
    // SAFETY: reads 32 bytes of the panel and 4 of the weights in each round.
    unsafe {
        asm!(
            "2: ldr {w}, [{weights}], #4
             sxtb16 {v}, {w}
             ldrd {x}, {z}, [{panel}], #8
             smlad {a}, {x}, {v}, {a}
             smlad {b}, {z}, {v}, {b}
             ldrd {x}, {z}, [{panel}], #8
             smlad {c}, {x}, {v}, {c}
             smlad {d}, {z}, {v}, {d}
             sxtb16 {v}, {w}, ror #8
             ldrd {x}, {z}, [{panel}], #8
             smlad {a}, {x}, {v}, {a}
             smlad {b}, {z}, {v}, {b}
             ldrd {x}, {z}, [{panel}], #8
             smlad {c}, {x}, {v}, {c}
             smlad {d}, {z}, {v}, {d}
             subs {n}, #1
             bne 2b",
            a = inout(reg) *a, b = inout(reg) *b, c = inout(reg) *c, d = inout(reg) *d,
            panel = inout(reg) panel => _, weights = inout(reg) weights => _,
            n = inout(reg) twos => _,
            w = out(reg) _, v = out(reg) _, x = out(reg) _, z = out(reg) _,
            options(nostack, readonly)
        );
    }
    sums
}
