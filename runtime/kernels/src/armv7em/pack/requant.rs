//! Requantization by one high multiplication, proved for each channel.
//!
//! The kernels compute `y = saturate8((addend + high(x * mantissa)) >> shift)` for an accumulator
//! `x = accumulator << scale`, where `high` is the upper word of the product, truncated (SMMLA) or
//! rounded (SMMLAR). Zero point and all rounding are in the addend: on the positive side the two
//! roundings of the definition only move each step down by half a unit of the first. On the
//! negative side they move it up, which costs an instruction: [`Steps::Both`].
//!
//! A layer whose clamp starts at the zero point needs no negative side. Clamps that are narrower
//! than 8 bits are applied to the bytes afterwards.

use crate::Rounding;
use crate::packed::pack::{Weights, same_steps};
use core::ops::RangeInclusive;

/// Numbers of one channel, in the order in which kernels load them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    pub(crate) mantissa: i32,
    pub(crate) addend: i32,
    pub(crate) shift: i32,
}

/// What the kernel's arithmetic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Steps {
    /// SMMLA: the product is truncated.
    Truncated,
    /// SMMLAR: the product is rounded.
    Rounded,
    /// SMMLAR with `x >> 31` added, which is -1 below zero.
    Both,
    /// SMMLA; below zero, half of what an accumulator's first rounding is counted in is subtracted.
    Signed,
}

impl Short {
    /// The numbers for a channel whose accumulators are in `range`, if the kernel's result is the
    /// definition's for all of them.
    pub(crate) fn prove(
        weights: &Weights<'_>,
        channel: usize,
        range: RangeInclusive<i32>,
        scale: u32,
        steps: Steps,
    ) -> Option<Self> {
        let factor = *weights.factors.get(channel)?;
        let shift = i32::try_from(scale).ok()? - 1 - factor.shift;
        if !(1..=31).contains(&shift) {
            return None;
        }
        let unit = 1i64 << shift;
        let first = match (weights.rounding, steps) {
            (Rounding::Double, Steps::Truncated | Steps::Signed) => (1i64 << scale) >> 2,
            _ => 0,
        };
        let addend = i64::from(weights.output_zero) * unit + unit / 2 + first;
        let addend = i32::try_from(addend).ok()?;
        let short = Self { mantissa: factor.mantissa, addend, shift };
        let (low, high) = (*range.start(), *range.end());
        if [low, high].into_iter().any(|at| short.sum(at, scale, steps).is_none()) {
            return None;
        }
        let candidate = |at| weights.clamp.apply(short.apply(at, scale, steps));
        let same = same_steps(range, |at| weights.requantize(channel, at), candidate);
        same.then_some(short)
    }

    /// As kernels load them.
    pub(crate) fn words(self) -> [u32; 3] {
        [self.mantissa, self.addend, self.shift].map(|number| number as u32)
    }

    /// What stands before the shift; `None` if it, or the accumulator, does not fit 32 bits.
    fn sum(self, accumulator: i32, scale: u32, steps: Steps) -> Option<i32> {
        let x = i32::try_from(i64::from(accumulator) << scale).ok()?;
        let (round, below) = match steps {
            Steps::Truncated => (0, 0),
            Steps::Rounded => (1i64 << 31, 0),
            Steps::Both => (1i64 << 31, 1),
            Steps::Signed => (0, (1i64 << scale) / 2),
        };
        let below = i64::from(x >> 31) * below;
        let high = (i64::from(x) * i64::from(self.mantissa) + round) >> 32;
        i32::try_from(high + below + i64::from(self.addend)).ok()
    }

    /// What the kernel computes.
    fn apply(self, accumulator: i32, scale: u32, steps: Steps) -> i32 {
        let sum = self.sum(accumulator, scale, steps).unwrap_or(0);
        (sum >> self.shift).clamp(-128, 127)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clamp, Multiplier};

    fn weights(factor: &[Multiplier; 1], rounding: Rounding, relu: bool) -> Weights<'_> {
        let clamp = Clamp { min: if relu { -128 } else { -127 }, max: 127 };
        let output_zero = if relu { -128 } else { 3 };
        let (values, bias) = (&[][..], &[][..]);
        Weights { values, bias, factors: factor, rounding, input_zero: 0, output_zero, clamp }
    }

    #[test]
    fn every_accumulator_agrees() {
        for (mantissa, shift) in [(1 << 30, -6), (1_900_000_001, -9), (i32::MAX, -7)] {
            let factor = [Multiplier { mantissa, shift }];
            for (rounding, scale, steps, relu) in [
                (Rounding::Double, 1, Steps::Rounded, true),
                (Rounding::Double, 9, Steps::Truncated, true),
                (Rounding::Double, 1, Steps::Both, false),
                (Rounding::Double, 9, Steps::Signed, false),
                (Rounding::Single, 1, Steps::Truncated, true),
                (Rounding::Single, 9, Steps::Truncated, true),
            ] {
                let weights = weights(&factor, rounding, relu);
                let range = -200_000..=200_000;
                let short = Short::prove(&weights, 0, range.clone(), scale, steps).unwrap();
                for at in range.step_by(7) {
                    let got = weights.clamp.apply(short.apply(at, scale, steps));
                    assert_eq!(got, weights.requantize(0, at), "{mantissa} {shift} {at} {steps:?}");
                }
            }
        }
    }

    #[test]
    fn what_differs_is_refused() {
        let factor = [Multiplier { mantissa: 1_900_000_001, shift: -7 }];
        let both = weights(&factor, Rounding::Double, false);
        assert!(Short::prove(&both, 0, -90_000..=90_000, 1, Steps::Rounded).is_none());
        let big = [Multiplier { mantissa: 1 << 30, shift: 3 }];
        let big = weights(&big, Rounding::Double, true);
        assert!(Short::prove(&big, 0, -90..=90, 1, Steps::Rounded).is_none());
        let all = weights(&factor, Rounding::Double, true);
        assert!(Short::prove(&all, 0, i32::MIN..=i32::MAX, 1, Steps::Rounded).is_none());
    }
}
