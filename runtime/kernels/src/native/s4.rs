//! 4-bit weights: four outputs at a time read each pair of values once. What does not start at a byte
//! is left to the portable kernels.

use super::rows::rows;
use super::s16::blocks;
use crate::scalar::conv::{ConvS8, factor};
use crate::scalar::fully_connected::FullyConnectedS8;
use crate::scalar::s4;
use crate::{Cpu, Dst, Src};

/// Outputs that are computed together.
const QUAD: usize = 4;

/// See [`conv_s4`](crate::scalar::s4::conv_s4).
#[inline]
pub fn conv_s4(cpu: Cpu, p: &ConvS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    if p.group_channels == p.in_channels && p.in_channels & 1 == 0 {
        conv(p, x, y);
    } else {
        s4::conv_s4(p, x, y);
    }
}

/// See [`fully_connected_s4`](crate::scalar::s4::fully_connected_s4).
#[inline]
pub fn fully_connected_s4(cpu: Cpu, p: &FullyConnectedS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    if p.depth & 1 == 0 {
        dense(p, x, y);
    } else {
        s4::fully_connected_s4(p, x, y);
    }
}

/// A layer whose rows have an even number of weights.
fn dense(p: &FullyConnectedS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let shared = p.factors.len() == 2;
    let offsets = [p.input_offset, p.weights_offset];
    for n in 0..p.batch {
        let row = x.slice(n * p.depth, p.depth);
        blocks(p.outputs, |first, count| {
            let mut sums = [0, 1, 2, 3].map(|o| p.bias.get(first + o));
            let bytes = p.depth >> 1;
            let weights = four(p.weights, first, count, (0, bytes), bytes);
            add(&mut sums, row, weights, offsets);
            for (o, &sum) in (first..first + count).zip(&sums) {
                let scaled = p.rounding.apply(factor(p.factors, if shared { 0 } else { o }), sum);
                let value = p.clamp.apply(scaled.wrapping_add(p.output_offset));
                y.set(n * p.outputs + o, value as i8);
            }
        });
    }
}

/// A convolution without groups whose channels are even in number: every pixel starts at a byte.
fn conv(p: &ConvS8<'_>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let channels = p.in_channels;
    let bytes = p.window.kernel[0] * p.window.kernel[1] * (channels >> 1);
    let offsets = [p.input_offset, p.weights_offset];
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        blocks(p.out_channels, |first, count| {
            let mut sums = [0, 1, 2, 3].map(|o| p.bias.get(first + o));
            rows(&p.window, (n, oy, ox), |tap, pixel, pixels| {
                let values = x.slice(pixel * channels, pixels * channels);
                let part = (tap * (channels >> 1), pixels * (channels >> 1));
                add(&mut sums, values, four(p.weights, first, count, part, bytes), offsets);
            });
            for (o, &sum) in (first..first + count).zip(&sums) {
                let scaled = factor(p.factors, o).double(sum);
                y.set(at + o, p.clamp.apply(scaled.wrapping_add(p.output_offset)) as i8);
            }
        });
        at += p.out_channels;
    });
}

/// The bytes `start .. start + len` of the weights of `count` outputs, `filter` apart; the last one
/// stands for those that are missing.
#[inline(always)]
fn four<'a>(
    weights: Src<'a, i8>,
    first: usize,
    count: usize,
    (start, len): (usize, usize),
    filter: usize,
) -> [Src<'a, i8>; QUAD] {
    let last = count.saturating_sub(1);
    [0, 1, 2, 3].map(|o: usize| weights.slice((first + o.min(last)) * filter + start, len))
}

/// Adds the products of `x` and each of four rows of weights, as many as all have.
#[inline(always)]
fn add(
    sums: &mut [i32; QUAD],
    x: Src<'_, i8>,
    weights: [Src<'_, i8>; QUAD],
    [x_offset, w_offset]: [i32; 2],
) {
    let len = weights.iter().fold(x.len() >> 1, |len, row| len.min(row.len()));
    let (x, [a, b, c, d]) = (x.as_ptr(), weights.map(Src::as_ptr));
    for i in 0..len {
        // SAFETY: `i` is inside every row, and `2 * i + 1` inside `x`.
        let (x, w) = unsafe {
            let w = [*a.add(i), *b.add(i), *c.add(i), *d.add(i)];
            ([*x.add(2 * i), *x.add(2 * i + 1)], w)
        };
        let [even, odd] = x.map(|x| x as i32 + x_offset);
        for (sum, w) in sums.iter_mut().zip(w) {
            let low = ((w << 4) >> 4) as i32 + w_offset;
            let high = (w >> 4) as i32 + w_offset;
            let products = even.wrapping_mul(low).wrapping_add(odd.wrapping_mul(high));
            *sum = sum.wrapping_add(products);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, kernel, pixels, taps, windows};
    use crate::{Clamp, Rounding};

    const CLAMP: Clamp<i32> = Clamp { min: -120, max: 99 };

    #[test]
    fn convolutions_are_the_portable_ones() {
        let mut random = Random(51);
        for (case, window) in windows().into_iter().enumerate() {
            for (inputs, group, outputs) in [(3, 3, 5), (4, 4, 6), (16, 16, 3), (4, 2, 6)] {
                let x = random.i8s(pixels(&window) * inputs);
                let weights = random.i8s((outputs * kernel(&window) * group).div_ceil(2));
                let bias = random.i32s(outputs * (case % 2), 1000);
                let factors = random.factors(outputs);
                let conv = ConvS8 {
                    window,
                    in_channels: inputs,
                    out_channels: outputs,
                    group_channels: group,
                    input_offset: 77,
                    weights_offset: (case % 3) as i32,
                    output_offset: -5,
                    clamp: CLAMP,
                    weights: Src::from(&weights[..]),
                    bias: Src::from(&bias[..]),
                    factors: Src::from(&factors[..]),
                };
                let mut expected = vec![0; taps(&window).len() * outputs];
                let mut y = expected.clone();
                s4::conv_s4(&conv, Src::from(&x[..]), Dst::from(&mut expected[..]));
                conv_s4(Cpu::detect(), &conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                assert_eq!(y, expected, "{window:?} {inputs} {outputs}");
            }
        }
    }

    #[test]
    fn fully_connected_layers_are_the_portable_ones() {
        let mut random = Random(52);
        for (batch, depth, outputs, shared) in
            [(1, 2, 1, true), (3, 7, 6, false), (1, 1000, 5, true), (2, 64, 8, false)]
        {
            let x = random.i8s(batch * depth);
            let weights = random.i8s((depth * outputs).div_ceil(2));
            let factors = random.factors(if shared { 1 } else { outputs });
            let layer = FullyConnectedS8 {
                batch,
                depth,
                outputs,
                input_offset: 128,
                weights_offset: 1,
                output_offset: -128,
                clamp: CLAMP,
                rounding: if shared { Rounding::Single } else { Rounding::Double },
                weights: Src::from(&weights[..]),
                bias: Src::empty(),
                factors: Src::from(&factors[..]),
            };
            let (mut expected, mut y) = (vec![0; batch * outputs], vec![0; batch * outputs]);
            s4::fully_connected_s4(&layer, Src::from(&x[..]), Dst::from(&mut expected[..]));
            fully_connected_s4(Cpu::detect(), &layer, Src::from(&x[..]), Dst::from(&mut y[..]));
            assert_eq!(y, expected);
        }
    }
}
