//! How a channel's [`Record`] is found and proved.
//!
//! Requantization is a staircase. Between the thresholds where it saturates, a record's arithmetic
//! is one too; both are the same if they agree on both sides of every step. Each of those places
//! bounds the additive constant from below and above, so the constant is found, not searched.

use super::record::Record;
use crate::Multiplier;
use crate::packed::pack::{Weights, same_steps};
use core::ops::RangeInclusive;

/// A family's short multiplication.
pub(crate) trait Short {
    /// Bits behind the point of a value.
    const POINT: u32;

    /// The bits of a record's `high` that belong to the factor.
    const MARK: i32;

    /// `x` times the factor that `a` and the mark stand for, times `2^POINT`, as the kernel
    /// computes it; `None` if it overflows on the way.
    fn value(x: i32, a: i32, mark: i32) -> Option<i32>;

    /// Candidates for `a` and the mark; `reach` is the largest magnitude of an accumulator.
    fn factors(factor: Multiplier, reach: i32) -> [Option<(i32, i32)>; 3];
}

/// Accumulators beyond this are left to plain records: the definition may wrap there.
const REACH: i32 = 1 << 30;

/// The record of a channel whose accumulators are in `range`.
pub(crate) fn record<S: Short>(
    weights: &Weights<'_>,
    channel: usize,
    range: Option<RangeInclusive<i32>>,
) -> Record {
    let factor = weights.factors.get(channel).copied().unwrap_or_default();
    let plain = Record::plain(factor, weights.rounding);
    let Some((least, most)) = range.map(RangeInclusive::into_inner) else { return plain };
    if !factor.is_valid() || factor.shift > 0 || least < -REACH || most > REACH {
        return plain;
    }
    let reference = |x| weights.requantize(channel, x);
    let (min, max) = (weights.clamp.min, weights.clamp.max.max(weights.clamp.min));
    // The definition never falls here: the shift is to the right, nothing wraps.
    let high = first(0..=REACH, |x| reference(x) >= max).unwrap_or(REACH);
    let low = first(-REACH..=-1, |x| reference(x) > min).map_or(-1, |above| above - 1);
    let above = |high: i32| 0.max(least)..=most.min(high - 1);
    let below = least.max(low + 1)..=most.min(-1);
    let reach = [above(high), below.clone()]
        .into_iter()
        .filter(|range| !range.is_empty())
        .map(|range| range.start().abs().max(range.end().abs()))
        .max();
    for (a, mark) in S::factors(factor, reach.unwrap_or(0)).into_iter().flatten() {
        let value = |x| S::value(x, a, mark);
        // The next place with this mark, which the last step before the bound reaches as well.
        let high = high + ((mark - high) & S::MARK);
        let Some(above) = constant::<S>(above(high), reference, value) else { continue };
        let Some(below) = constant::<S>(below.clone(), reference, value) else { continue };
        return Record { high, a, above, low, below };
    }
    plain
}

/// Whether all negative accumulators of all channels give the smallest output.
pub(crate) fn is_floor(weights: &Weights<'_>) -> bool {
    let floors = |channel: usize| {
        let factor = weights.factors.get(channel).copied().unwrap_or_default();
        // With a shift to the right and nothing that wraps, -1 gives the most.
        let falls = factor.is_valid() && factor.shift <= 0;
        falls && weights.requantize(channel, -1) == weights.clamp.min
    };
    (0..weights.channels()).all(floors)
}

/// The first of a range for which a condition holds that holds for all behind it.
fn first(range: RangeInclusive<i32>, holds: impl Fn(i32) -> bool) -> Option<i32> {
    let (mut below, mut above) = (i64::from(*range.start()) - 1, i64::from(*range.end()));
    if !holds(*range.end()) {
        return None;
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if holds(middle as i32) { above = middle } else { below = middle }
    }
    Some(above as i32)
}

/// The constant with which `(value(x) + constant) >> POINT` is `reference(x)` on a whole range.
fn constant<S: Short>(
    range: RangeInclusive<i32>,
    reference: impl Fn(i32) -> i32 + Copy,
    value: impl Fn(i32) -> Option<i32> + Copy,
) -> Option<i32> {
    if range.is_empty() {
        return Some(0);
    }
    let (start, end) = range.clone().into_inner();
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    let mut bound = |x: i32| {
        let (at, value) = (i64::from(reference(x)) << S::POINT, i64::from(value(x)?));
        least = least.max(at - value);
        most = most.min(at + (1 << S::POINT) - 1 - value);
        Some(())
    };
    bound(start)?;
    bound(end)?;
    let mut at = start;
    while reference(at) < reference(end) {
        let here = reference(at);
        at = first(at..=end, |x| reference(x) > here)?;
        bound(at - 1)?;
        bound(at)?;
    }
    if least > most {
        return None;
    }
    let constant = i32::try_from(least + (most - least) / 2).ok()?;
    let candidate = |x| value(x).map_or(i32::MIN, |v| v.wrapping_add(constant) >> S::POINT);
    same_steps(range, reference, candidate).then_some(constant)
}

/// `factor * 2^bits` rounded down, with its neighbours; the shift is not positive.
pub(crate) fn scaled(factor: Multiplier, bits: i32) -> [Option<i64>; 3] {
    let exponent = 31 - bits - factor.shift;
    let mantissa = i64::from(factor.mantissa);
    let floor = match exponent {
        ..=-31 => return [None; 3],
        -30..=0 => mantissa << -exponent,
        1..=62 => mantissa >> exponent,
        _ => 0,
    };
    [floor + 1, floor, floor - 1].map(|scaled| (scaled >= 0).then_some(scaled))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::word::record::Output;
    use crate::{Clamp, Rounding};

    /// Zero points of the output and its bounds: a ReLU, none, bounds inside.
    const OUTPUTS: [(i32, i32, i32); 4] =
        [(-128, -128, 127), (4, -128, 127), (-20, -20, 90), (-128, -100, 60)];

    /// Every accumulator of a range against the definition, for factors of all sizes; and few
    /// records are plain for factors as layers have them.
    pub(crate) fn every_accumulator<S: Short>() {
        let (mut seed, mut plain, mut short) = (1u32, 0, 0);
        for case in 0..96 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mantissa = (1 << 30) + (seed >> 3 & 0x3FFF_FFFF) as i32;
            let factors = [Multiplier { mantissa, shift: 1 - case as i32 % 12 }];
            let (output_zero, min, max) = OUTPUTS[case / 2 % 4];
            let clamp = Clamp { min, max };
            let rounding = [Rounding::Double, Rounding::Single][case / 8 % 2];
            let weights = Weights {
                values: &[],
                bias: &[],
                factors: &factors,
                rounding,
                input_zero: 0,
                output_zero,
                clamp,
            };
            let range = -60_000..=70_000;
            let record = record::<S>(&weights, 0, Some(range.clone()));
            if factors[0].shift <= -5 && min <= output_zero {
                (plain, short) = (plain + usize::from(record.is_plain()), short + 1);
            }
            let output = Output { zero: output_zero, clamp };
            let value = |x, a, high| S::value(x, a, high & S::MARK).expect("no overflow");
            for x in range {
                let y = match S::POINT {
                    20 => record.apply::<20>(x, output, value),
                    22 => record.apply::<22>(x, output, value),
                    point => panic!("no test for {point} bits"),
                };
                assert_eq!(y, weights.requantize(0, x), "{x} {factors:?} {rounding:?}");
            }
        }
        assert!(plain * 20 < short, "{plain} of {short}");
    }
}
