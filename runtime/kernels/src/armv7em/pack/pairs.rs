//! Weights in the order of widened inputs: the bytes of a word become two words of two int16,
//! elements 0 and 2, then 1 and 3.

use crate::Rounding;
use crate::packed::pack::Weights;
use alloc::vec::Vec;

/// Two elements that are multiplied together; the second may be none.
pub(super) type Pair = (usize, Option<usize>);

/// The pairs of elements that follow each other in memory, from `start` on.
pub(super) fn run_order(start: usize, len: usize) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let rest = start + len / 4 * 4;
    for at in (start..rest).step_by(4) {
        pairs.extend([(at, Some(at + 2)), (at + 1, Some(at + 3))]);
    }
    match len % 4 {
        1 => pairs.push((rest, None)),
        2 => pairs.push((rest, Some(rest + 1))),
        3 => pairs.extend([(rest, Some(rest + 1)), (rest + 2, None)]),
        _ => {}
    }
    pairs
}

/// The bias of a channel for inputs counted from -128.
pub(super) fn bias(weights: &Weights<'_>, channel: usize, values: &[i8]) -> i64 {
    let sum: i64 = values.iter().map(|&weight| i64::from(weight)).sum();
    i64::from(weights.bias(channel)) - (128 + i64::from(weights.input_zero)) * sum
}

/// The word of two channels' weights for a pair: `256 b + a` for each element. `None` if that is
/// not an int16.
pub(super) fn superpose(pair: Pair, a: &[i8], b: Option<&[i8]>) -> Option<u32> {
    let half = |at: usize| {
        let high = b.and_then(|b| b.get(at)).map_or(0, |&weight| i32::from(weight));
        let half = i16::try_from(256 * high + i32::from(*a.get(at)?)).ok()?;
        Some(u32::from(half as u16))
    };
    let second = pair.1.map_or(Some(0), half)?;
    Some(half(pair.0)? | second << 16)
}

/// The general forms' numbers of a channel: bias, mantissa, shift, and 1 for one rounding.
pub(super) fn numbers(weights: &Weights<'_>, channel: usize, values: &[i8]) -> Option<[u32; 4]> {
    let factor = weights.factors.get(channel)?;
    let single = u32::from(weights.rounding == Rounding::Single);
    let bias = bias(weights, channel, values);
    Some([bias as u32, factor.mantissa as u32, factor.shift as u32, single])
}

/// The general forms' weights of a channel: a word for two pairs.
pub(super) fn four_by_four<'a>(
    order: &'a [Pair],
    values: &'a [i8],
) -> impl Iterator<Item = u32> + 'a {
    let byte = |at: Option<usize>| at.and_then(|at| values.get(at)).map_or(0, |&w| w as u8);
    order.chunks(2).map(move |two| {
        let second = two.get(1).map_or((None, None), |pair| (Some(pair.0), pair.1));
        u32::from_le_bytes([Some(two[0].0), second.0, two[0].1, second.1].map(byte))
    })
}
