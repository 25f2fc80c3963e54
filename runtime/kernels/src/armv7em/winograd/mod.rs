//! 3x3 convolutions by Winograd's minimal filtering F(2x2, 3x3): 16 products for each input channel
//! where 36 are needed otherwise (Lavin and Gray, *Fast Algorithms for Convolutional Neural
//! Networks*, 2015). With integers nothing is lost:
//!
//! ```text
//! V = B' d B    d: 4x4 inputs,  B' = 1 0 -1 0 | 0 1 1 0 | 0 -1 1 0 | 0 1 0 -1       |V| <= 512
//! U = G w G'    w: 3x3 weights, G  = 1 0 0 | 1 1 1 | 1 -1 1 | 0 0 1                 |U| <= 1152
//! 4 y = A' (sum over input channels of U * V) A     A' = 2 1 1 0 | 0 1 -1 -2
//! ```
//!
//! The middle rows of `G` are twice those of the textbook, and `A` makes up for it. Sums are exact
//! modulo 2^32, so that `4 y` is right if it fits. Weights are as small in the constant as they are
//! elsewhere; they are transformed here.

mod kernels;
mod transform;

use super::clamp::clamp;
use super::layout::narrow;
use super::layout::winograd::{CHUNK, HEADER, PLACES, PRODUCTS, Tiles};
use super::nibbles;
use crate::Part;
use crate::packed::Conv;
use kernels::{Output, Products, output, products};
use transform::{Strip, operands, weights};

/// A convolution in Winograd's form; part 0 is all of it.
pub(crate) fn conv_winograd_s8(call: &Conv<'_>, part: Part) {
    convolve::<false>(call, part);
}

/// The same, with weights of four bits or of eight.
#[inline(always)]
pub(super) fn convolve<const NARROW: bool>(call: &Conv<'_>, part: Part) {
    let (spec, w) = (&call.spec, &call.spec.window);
    let Some(tiles) = Tiles::new(spec) else { return };
    if part.index > 0 {
        return;
    }
    let twos = spec.out_channels / 2;
    let words = 9 * tiles.pairs;
    let size = if NARROW { narrow::two(words) } else { 4 * words + HEADER };
    // SAFETY: the call has checked all lengths against the layout: the scratch memory has four
    // areas behind each other, the constant `twos` times `size` bytes, input and output one image
    // after the other.
    unsafe {
        let v = call.scratch.as_mut_ptr();
        let m = v.add(tiles.operands);
        let u = m.add(tiles.products);
        let strip = u.add(tiles.weights);
        let packed = |two: usize| {
            let from = call.packed.as_ptr().add(two * size).cast::<u32>();
            if !NARROW {
                return from;
            }
            // Behind the strip, and what the kernel reads past it.
            let to = strip.add(tiles.strip + 32).cast::<u32>();
            nibbles::bytes(from, to, words / 2);
            to.cast_const()
        };
        let header = |two: usize| call.packed.as_ptr().add((two + 1) * size - HEADER).cast();
        let each = PLACES * 8 * tiles.pairs;
        if tiles.first {
            for two in 0..twos {
                weights(packed(two), tiles.pairs, u.add(two * each).cast());
            }
        }
        for image in 0..w.batch {
            let x = call.x.as_ptr().cast::<u8>();
            let x = x.add(image * w.input[0] * w.input[1] * spec.in_channels);
            let y = call.y.as_mut_ptr();
            let y = y.add(image * w.output[0] * w.output[1] * spec.out_channels);
            let mut strip = Strip::new(spec, &tiles, x, strip.cast());
            let mut row = 0;
            while row < tiles.rows {
                for at in 0..tiles.block {
                    strip.advance(row + at);
                    operands(&strip, &tiles, row + at, at, v.cast());
                }
                for two in 0..twos {
                    let mut from = u;
                    if tiles.first {
                        from = u.add(two * each);
                    } else {
                        weights(packed(two), tiles.pairs, u.cast());
                    }
                    let header = header(two);
                    multiply(&tiles, from.cast(), v.cast(), m.cast());
                    for at in 0..tiles.block {
                        let y = y.add((row + at) * 2 * w.output[1] * spec.out_channels + 2 * two);
                        let m = m.add(at * tiles.quads * PRODUCTS).cast();
                        store(&tiles, header, m, y, spec.out_channels);
                    }
                }
                // At least one: the layout says so.
                row += tiles.block.max(1);
            }
        }
    }
    clamp(call.y, spec.clamp);
}

/// All products of a block for two channels.
///
/// # Safety
/// All areas are as long as the layout says.
unsafe fn multiply(tiles: &Tiles, u: *const u32, v: *const u32, m: *mut u32) {
    let quads = tiles.block * tiles.quads;
    let mut start = 0;
    while start < tiles.pairs {
        let pairs = CHUNK.min(tiles.pairs - start);
        // SAFETY: a chunk's weights and operands are behind those of the chunks before.
        unsafe {
            products(&Products {
                weights: u.add(PLACES * 2 * start),
                operands: v.add(PLACES * quads * 4 * start),
                pairs,
                products: m,
                len: quads * PRODUCTS,
                more: start,
            });
        }
        start += pairs;
    }
}

/// The outputs of a row of tiles for two channels.
///
/// # Safety
/// `m` are the products of the row, `y` is the first of its outputs.
unsafe fn store(tiles: &Tiles, header: *const u32, m: *const u32, y: *mut i8, channels: usize) {
    for channel in 0..2 {
        // SAFETY: a row of tiles is two rows of `2 * across` pixels.
        unsafe {
            let numbers = header.add(2 + 3 * channel);
            let y = y.add(channel);
            output(&Output {
                numbers: [*numbers, *numbers.add(1), *numbers.add(2), *header.add(channel)],
                channels,
                row: 2 * tiles.across * channels,
                end: y.wrapping_add(2 * tiles.across * channels),
                products: m.add(4 * channel),
                y,
            });
        }
    }
}
