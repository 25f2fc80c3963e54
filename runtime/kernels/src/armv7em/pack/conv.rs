//! CONV_2D: forms and packed constants.
//!
//! *Superposed* weights: the weights `a`, `b` of two channels for one element of the window are one
//! int16, `256 b + a`. The product with it is that of both channels, the product with its sign
//! extended low byte is that of the first, so that one word of weights serves two pairs of
//! products.

use super::pairs::{bias, four_by_four, numbers, run_order, superpose};
use super::requant::{Short, Steps};
use super::winograd;
use crate::Rounding;
use crate::armv7em::layout::conv::{self as layout, CHUNK, Shape};
use crate::armv7em::layout::winograd::{FORM, Tiles};
use crate::packed::pack::{Form, Weights};
use crate::packed::{ALL_FORMS, ConvSpec};
use alloc::vec::Vec;

/// Bits by which the accumulators of the first and of the second channel of two are shifted: inputs
/// are doubled, and the difference of the sums is 256 times the second channel's.
const SCALES: (u32, u32) = (1, 9);

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    let Some(shape) = Shape::new(layout::GENERAL, spec) else { return Vec::new() };
    if layout::conv(ALL_FORMS, layout::GENERAL, spec).is_none() {
        return Vec::new();
    }
    let quads = (shape.images * shape.pixels.div_ceil(4)) as u64;
    let (pairs, twos) = (shape.pairs as u64, spec.out_channels.div_ceil(2) as u64);
    let panel = 6 * pairs + 40 * shape.runs as u64;
    let spills = pairs.div_ceil(CHUNK as u64) - 1;
    let cost = |pair: u64, rest: u64| quads * (twos * (pairs * pair + rest + spills * 24) + panel);
    let mut forms = Vec::from([Form { id: layout::GENERAL, cost: cost(16, 400) }]);
    for (id, rest) in [(layout::BOTH, 68), (layout::POSITIVE, 51)] {
        if superposed(id, spec, weights).is_some() {
            forms.push(Form { id, cost: cost(11, rest) });
        }
    }
    if let Some(tiles) = Tiles::new(spec)
        && winograd::pack(spec, weights).is_some()
    {
        forms.push(Form { id: FORM, cost: winograd::cost(spec, &tiles) });
    }
    forms
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    let words = match form {
        layout::GENERAL => general(spec, weights),
        FORM => winograd::pack(spec, weights),
        _ => superposed(form, spec, weights),
    };
    words.unwrap_or_default().into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The two elements of each pair in the order of the panel; the second may be none.
fn order(shape: &Shape) -> Vec<(usize, Option<usize>)> {
    (0..shape.runs).flat_map(|run| run_order(run * shape.run, shape.run)).collect()
}

/// Weights of a channel.
fn values<'a>(spec: &ConvSpec, weights: &Weights<'a>, channel: usize) -> Option<&'a [i8]> {
    let depth = spec.depth()?;
    weights.values.get(channel * depth..(channel + 1) * depth)
}

/// For each channel bias and factor, then the weights of all.
fn general(spec: &ConvSpec, weights: &Weights<'_>) -> Option<Vec<u32>> {
    let shape = Shape::new(layout::GENERAL, spec)?;
    let order = order(&shape);
    let mut words = Vec::new();
    for channel in 0..spec.out_channels {
        words.extend(numbers(weights, channel, values(spec, weights, channel)?)?);
    }
    for channel in 0..spec.out_channels {
        words.extend(four_by_four(&order, values(spec, weights, channel)?));
    }
    Some(words)
}

/// For every two channels the weights, of each chunk the first pair and then from the last to the
/// second, and then both biases and the
/// numbers of both requantizations. Two channels are the last two if their number is odd.
fn superposed(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Option<Vec<u32>> {
    let shape = Shape::new(form, spec)?;
    let order = order(&shape);
    let mut words = Vec::new();
    for first in (0..spec.out_channels).step_by(2) {
        let first = first.min(spec.out_channels.saturating_sub(2));
        let (a, b) = (values(spec, weights, first)?, values(spec, weights, first + 1));
        for chunk in order.chunks(CHUNK) {
            let (first, rest) = chunk.split_first()?;
            for &pair in [first].into_iter().chain(rest.iter().rev()) {
                words.push(superpose(pair, a, b)?);
            }
        }
        words.extend(header(form, weights, first, (a, b))?);
    }
    Some(words)
}

/// Biases and numbers of two channels.
fn header(
    form: u8,
    weights: &Weights<'_>,
    first: usize,
    (a, b): (&[i8], Option<&[i8]>),
) -> Option<[u32; 8]> {
    let steps = match (form, weights.rounding) {
        (layout::BOTH, _) => (Steps::Both, Steps::Both),
        (_, Rounding::Double) => (Steps::Rounded, Steps::Truncated),
        (_, Rounding::Single) => return None,
    };
    let scale = if form == layout::BOTH { SCALES.0 } else { SCALES.1 };
    let prove = |channel: usize, values: &[i8], scale: u32, steps: Steps| {
        let range = weights.range(channel, values.iter().copied())?;
        Short::prove(weights, channel, range, scale, steps)
    };
    let low = prove(first, a, SCALES.0, steps.0)?;
    let mut high = Short { mantissa: 0, addend: 0, shift: 0 };
    let mut sum = 2 * bias(weights, first, a);
    if let Some(b) = b {
        high = prove(first + 1, b, scale, steps.1)?;
        // The difference of the sums must fit.
        let range = weights.range(first + 1, b.iter().copied())?;
        let fits = |at: &i32| i32::try_from(i64::from(*at) << SCALES.1).is_ok();
        if !fits(range.start()) || !fits(range.end()) {
            return None;
        }
        sum += bias(weights, first + 1, b) << SCALES.1;
    }
    let ([m0, c0, e0], [m1, c1, e1]) = (low.words(), high.words());
    Some([sum as u32, (2 * bias(weights, first, a)) as u32, m0, c0, e0, m1, c1, e1])
}
