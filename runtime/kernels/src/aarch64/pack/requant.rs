//! The choice of how accumulators become bytes, with its proof.

use crate::aarch64::form::Scale;
use crate::packed::pack::{Weights, same_steps};
use crate::requant::doubling_high_mul;
use crate::{Multiplier, Rounding};
use core::ops::RangeInclusive;

/// Scaling and narrowing of a layer's accumulators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finish {
    /// How they are scaled.
    pub scale: Scale,
    /// Whether they are narrowed without saturation to 16 bits, with unsigned saturation to 8.
    pub narrow: bool,
}

impl Finish {
    /// What is right for every layer.
    pub fn general(weights: &Weights<'_>) -> Self {
        let scale = match weights.rounding {
            Rounding::Double => Scale::Double,
            Rounding::Single => Scale::Single,
        };
        Self { scale, narrow: false }
    }

    /// The fewest instructions that give the same for every accumulator that these weights can
    /// make; `row` has a channel's weights.
    pub fn best<I: Iterator<Item = i8>>(weights: &Weights<'_>, row: impl Fn(usize) -> I) -> Self {
        let short = match weights.rounding {
            Rounding::Double => Scale::Up,
            Rounding::Single => Scale::Floor,
        };
        let range = |channel: usize| weights.range(channel, row(channel));
        let all = |holds: &dyn Fn(usize, RangeInclusive<i32>) -> bool| {
            (0..weights.channels())
                .all(|channel| range(channel).is_some_and(|range| holds(channel, range)))
        };
        let factor = |channel: usize| weights.factors.get(channel).copied().unwrap_or_default();
        let whole = weights.clamp.min == -128 && weights.clamp.max == 127;
        let is_short = all(&|channel, range| {
            let factor = factor(channel);
            factor.is_valid()
                && factor.shift <= 0
                && same_steps(
                    range,
                    |accumulator| weights.requantize(channel, accumulator),
                    |accumulator| {
                        let scaled =
                            scaled(short, factor, accumulator).saturating_add(weights.output_zero);
                        weights.clamp.apply(scaled)
                    },
                )
        });
        if is_short {
            let fits = all(&|channel, range| {
                [*range.start(), *range.end()]
                    .into_iter()
                    .all(|end| i16::try_from(scaled(short, factor(channel), end)).is_ok())
            });
            return Self { scale: short, narrow: whole && weights.output_zero == -128 && fits };
        }
        let is_below_half = all(&|channel, _| {
            let factor = factor(channel);
            factor.is_valid() && factor.shift < 0
        });
        if weights.rounding == Rounding::Double && is_below_half {
            return Self { scale: Scale::Away, narrow: false };
        }
        Self::general(weights)
    }
}

/// What the two instructions of a short scaling give.
fn scaled(scale: Scale, factor: Multiplier, accumulator: i32) -> i32 {
    let high = match scale {
        Scale::Floor => ((i64::from(accumulator) * i64::from(factor.mantissa)) >> 31) as i32,
        _ => doubling_high_mul(accumulator, factor.mantissa),
    };
    let right = factor.shift.unsigned_abs().min(31);
    let half = (1i64 << right) >> 1;
    ((i64::from(high) + half) >> right) as i32
}
