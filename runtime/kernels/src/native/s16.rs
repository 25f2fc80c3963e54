//! 16-bit activations: four outputs at a time read each value once.

use super::rows::rows;
use crate::scalar::s16::{self, ConvS16, DepthwiseS16, FullyConnectedS16, Sums};
use crate::{Cpu, Dst, Src};

/// Outputs that are computed together.
const QUAD: usize = 4;
/// Products whose sum has 31 bits: each is at most 2^22.
const RUN: usize = 256;

/// See [`conv_s16`](crate::scalar::s16::conv_s16).
#[inline]
pub fn conv_s16(cpu: Cpu, p: &ConvS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let _ = cpu;
    if p.group_channels == p.in_channels {
        conv(p, x, y);
    } else {
        s16::conv_s16(p, x, y);
    }
}

/// See [`fully_connected_s16`](crate::scalar::s16::fully_connected_s16).
#[inline]
pub fn fully_connected_s16(cpu: Cpu, p: &FullyConnectedS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let _ = cpu;
    let shared = p.factors.len() == p.sums.factor_len();
    for n in 0..p.batch {
        let row = x.slice(n * p.depth, p.depth);
        blocks(p.outputs, |first, count| {
            let mut sums = starts(p.sums, first);
            let weights = four(p.weights, first, count, (0, p.depth), p.depth);
            add(&mut sums, row, weights);
            for (o, &sum) in (first..first + count).zip(&sums) {
                let scaled = p.sums.scaled(p.factors, if shared { 0 } else { o }, sum);
                y.set(n * p.outputs + o, p.clamp.apply(scaled) as i16);
            }
        });
    }
}

/// A convolution without groups.
fn conv(p: &ConvS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let channels = p.in_channels;
    let filter = p.window.kernel[0] * p.window.kernel[1] * channels;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        blocks(p.out_channels, |first, count| {
            let mut sums = starts(p.sums, first);
            rows(&p.window, (n, oy, ox), |tap, pixel, pixels| {
                let len = pixels * channels;
                let values = x.slice(pixel * channels, len);
                let weights = four(p.weights, first, count, (tap * channels, len), filter);
                add(&mut sums, values, weights);
            });
            for (o, &sum) in (first..first + count).zip(&sums) {
                let scaled = p.sums.scaled(p.factors, o, sum);
                y.set(at + o, p.clamp.apply(scaled) as i16);
            }
        });
        at += p.out_channels;
    });
}

/// See [`depthwise_s16`](crate::scalar::s16::depthwise_s16).
#[inline]
pub fn depthwise_s16(cpu: Cpu, p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let _ = cpu;
    #[cfg(smidge_isa = "aarch64")]
    if crate::aarch64::wide::depthwise_s16(p, x, y).is_some() {
        return;
    }
    #[cfg(smidge_isa = "x86_64")]
    if crate::x86_64::wide::depthwise_s16(cpu, p, x, y).is_some() {
        return;
    }
    let taps = p.window.kernel[0].saturating_mul(p.window.kernel[1]);
    if p.multiplier == 1 && taps <= RUN && p.in_channels >= QUAD {
        depthwise(p, x, y);
    } else {
        s16::depthwise_s16(p, x, y);
    }
}

/// A depthwise convolution of at least four channels, one output each, and of few enough taps that
/// their products' sum has 31 bits.
fn depthwise(p: &DepthwiseS16<'_>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let channels = p.in_channels;
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        blocks(channels, |first, _| {
            // The last block ends with the last channel: some of its channels may be done already.
            let first = first.min(channels - QUAD);
            let mut sums = [0i32; QUAD];
            rows(&p.window, (n, oy, ox), |tap, pixel, count| {
                let len = count * channels;
                let x = x.slice(pixel * channels, len);
                let w = p.weights.slice(tap * channels, len);
                if x.len() == len && w.len() == len {
                    let (x, w) = (x.as_ptr().wrapping_add(first), w.as_ptr().wrapping_add(first));
                    // SAFETY: both have `count` pixels of `channels` elements, of which four from
                    // `first` are in the pixel.
                    unsafe { add_pixels(&mut sums, (x, w), count, channels) };
                }
            });
            for (o, sum) in (first..).zip(sums) {
                let sum = p.sums.start(o).wrapping_add(sum as i64);
                let scaled = p.sums.scaled(p.factors, o, sum);
                y.set(at + o, p.clamp.apply(scaled) as i16);
            }
        });
        at += channels;
    });
}

/// Adds the products of four channels of `count` pixels.
///
/// # Safety
/// Four elements can be read from `x` and `w` and from every `step`th after them, `count` in all.
#[inline(always)]
unsafe fn add_pixels(
    sums: &mut [i32; QUAD],
    (mut x, mut w): (*const i16, *const i8),
    count: usize,
    step: usize,
) {
    for _ in 0..count {
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller vouches for four elements of each pixel.
            let (x, w) = unsafe { (*x.add(i), *w.add(i)) };
            *sum = sum.wrapping_add((x as i32).wrapping_mul(w as i32));
        }
        (x, w) = (x.wrapping_add(step), w.wrapping_add(step));
    }
}

/// Calls `f(first, count)` for blocks of at most four outputs.
#[inline(always)]
pub(super) fn blocks(outputs: usize, mut f: impl FnMut(usize, usize)) {
    let mut first = 0;
    while first < outputs {
        f(first, QUAD.min(outputs - first));
        first += QUAD;
    }
}

/// What four sums start with; those past the last output are never looked at.
#[inline(always)]
fn starts(sums: Sums<'_>, first: usize) -> [i64; QUAD] {
    [0, 1, 2, 3].map(|o| sums.start(first + o))
}

/// The weights `start .. start + len` of `count` outputs, `filter` apart; the last one stands for those
/// that are missing.
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
fn add(sums: &mut [i64; QUAD], x: Src<'_, i16>, weights: [Src<'_, i8>; QUAD]) {
    let len = weights.iter().fold(x.len(), |len, row| len.min(row.len()));
    let mut at = 0;
    while at < len {
        let run = RUN.min(len - at);
        let x = x.as_ptr().wrapping_add(at);
        let rows = weights.map(|row| row.as_ptr().wrapping_add(at));
        // SAFETY: `at + run` is at most the length of `x` and of all rows.
        let added = unsafe { dots_of_core(x, rows, run) };
        for (sum, added) in sums.iter_mut().zip(added) {
            *sum = sum.wrapping_add(added as i64);
        }
        at += run;
    }
}

/// [`dots`] by the core's instructions.
///
/// # Safety
/// As [`dots`].
#[cfg(smidge_isa = "armv7em")]
#[inline(always)]
unsafe fn dots_of_core(x: *const i16, rows: [*const i8; QUAD], len: usize) -> [i32; QUAD] {
    let (quads, whole) = (len / 4, len & !3);
    let [a, b, c, d] = rows;
    // SAFETY: the caller vouches for `len` elements, of which the core takes fours and the rest is
    // taken one by one.
    unsafe {
        let mut sums =
            dots(x.wrapping_add(whole), rows.map(|row| row.wrapping_add(whole)), len - whole);
        if quads > 0 {
            let [first, second] = crate::armv7em::s16::dots(x, [a, b], quads);
            let [third, fourth] = crate::armv7em::s16::dots(x, [c, d], quads);
            for (sum, more) in sums.iter_mut().zip([first, second, third, fourth]) {
                *sum = sum.wrapping_add(more);
            }
        }
        sums
    }
}

#[cfg(smidge_isa = "mve")]
use crate::mve::s16::dots as dots_of_core;
#[cfg(not(any(smidge_isa = "armv7em", smidge_isa = "mve")))]
use dots as dots_of_core;

/// The sums of `len` products with each of four rows.
///
/// # Safety
/// `x` and all rows have `len` elements that can be read.
#[cfg(not(smidge_isa = "mve"))]
#[inline(always)]
unsafe fn dots(x: *const i16, rows: [*const i8; QUAD], len: usize) -> [i32; QUAD] {
    let [a, b, c, d] = rows;
    let mut sums = [0i32; QUAD];
    for i in 0..len {
        // SAFETY: the caller vouches for `len` elements.
        let (x, w) = unsafe {
            let w = [*a.add(i), *b.add(i), *c.add(i), *d.add(i)];
            (*x.add(i) as i32, w)
        };
        for (sum, w) in sums.iter_mut().zip(w) {
            *sum = sum.wrapping_add(x.wrapping_mul(w as i32));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clamp;
    use crate::testing::{Random, kernel, pixels, taps, windows};

    const CLAMP: Clamp<i32> = Clamp { min: -31_000, max: 32_000 };

    #[test]
    fn convolutions_are_the_portable_ones() {
        let mut random = Random(41);
        for (case, window) in windows().into_iter().enumerate() {
            for (inputs, outputs) in [(1, 1), (3, 5), (8, 4), (70, 7)] {
                let x = random.i16s(pixels(&window) * inputs);
                let weights = random.i8s(outputs * kernel(&window) * inputs);
                let bias = random.i32s(outputs, 1 << 20);
                let factors = random.factors(outputs);
                let conv = ConvS16 {
                    window,
                    in_channels: inputs,
                    out_channels: outputs,
                    group_channels: inputs,
                    clamp: CLAMP,
                    weights: Src::from(&weights[..]),
                    sums: match case % 2 {
                        0 => Sums::Narrow(Src::from(&bias[..])),
                        _ => Sums::Wide(Src::empty()),
                    },
                    factors: Src::from(&factors[..]),
                };
                let mut expected = vec![0; taps(&window).len() * outputs];
                let mut y = expected.clone();
                s16::conv_s16(&conv, Src::from(&x[..]), Dst::from(&mut expected[..]));
                conv_s16(Cpu::detect(), &conv, Src::from(&x[..]), Dst::from(&mut y[..]));
                assert_eq!(y, expected, "{window:?} {inputs} {outputs}");
            }
        }
    }

    #[test]
    fn fully_connected_layers_are_the_portable_ones() {
        let mut random = Random(42);
        for (batch, depth, outputs, shared) in
            [(1, 1, 1, true), (3, 7, 6, false), (1, 1000, 5, true), (2, 64, 8, false)]
        {
            let x = random.i16s(batch * depth);
            let weights = random.i8s(depth * outputs);
            let factors = random.factors(if shared { 1 } else { outputs });
            let layer = FullyConnectedS16 {
                batch,
                depth,
                outputs,
                clamp: CLAMP,
                weights: Src::from(&weights[..]),
                sums: Sums::Wide(Src::empty()),
                factors: Src::from(&factors[..]),
            };
            let (mut expected, mut y) = (vec![0; batch * outputs], vec![0; batch * outputs]);
            s16::fully_connected_s16(&layer, Src::from(&x[..]), Dst::from(&mut expected[..]));
            fully_connected_s16(Cpu::detect(), &layer, Src::from(&x[..]), Dst::from(&mut y[..]));
            assert_eq!(y, expected);
        }
    }

    #[test]
    fn memory_that_is_too_short_is_not_left() {
        let (x, weights, factors) = ([9i16; 5], [1i8; 7], [1 << 30, 0]);
        let layer = FullyConnectedS16 {
            batch: 2,
            depth: 4,
            outputs: 6,
            clamp: CLAMP,
            weights: Src::from(&weights[..]),
            sums: Sums::Narrow(Src::empty()),
            factors: Src::from(&factors[..]),
        };
        let mut y = [77i16; 8];
        let part = Dst::from(&mut y[..]).slice(2, 4);
        fully_connected_s16(Cpu::detect(), &layer, Src::from(&x[..]), part);
        assert_eq!((&y[..2], &y[6..]), (&[77; 2][..], &[77; 2][..]));
    }
}
