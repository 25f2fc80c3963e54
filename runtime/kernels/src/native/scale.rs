//! [`Multiplier::double`] of many accumulators.

use crate::Multiplier;

/// A valid factor, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    mantissa: i32,
    left: u32,
    right: u32,
    /// Shift to the bit that is rounded.
    half: u32,
    /// 1 if there is such a bit.
    rounds: i32,
}

impl Scale {
    #[inline]
    pub(super) fn new(factor: Multiplier) -> Self {
        let left = factor.shift.max(0) as u32 & 31;
        let right = factor.shift.min(0).unsigned_abs() & 31;
        let rounds = i32::from(right > 0);
        Self { mantissa: factor.mantissa, left, right, half: right.saturating_sub(1), rounds }
    }

    /// `x` times the factor, as [`Multiplier::double`] has it.
    #[inline(always)]
    pub(super) fn apply(self, x: i32) -> i32 {
        let product = i64::from(x << self.left) * i64::from(self.mantissa);
        let high = ((product + (1 << 30)) >> 31) as i32;
        // Ties away from zero: below zero, one less is rounded upwards. It is not the least number,
        // because the mantissa is below one.
        let below = high.wrapping_add((high >> 31) & -self.rounds);
        (below >> self.right) + ((below >> self.half) & self.rounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_definition() {
        let mut seed = 1u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed as i32
        };
        for shift in -31..=30 {
            for mantissa in [0, 1 << 30, 1_518_500_250, i32::MAX] {
                let factor = Multiplier { mantissa, shift };
                let scale = Scale::new(factor);
                let edges = [0, 1, -1, i32::MAX, i32::MIN, i32::MIN + 1, 1 << 30, -(1 << 30)];
                let random: Vec<i32> = (0..200).map(|i| next() >> (i % 32)).collect();
                for x in edges.into_iter().chain(random) {
                    assert_eq!(scale.apply(x), factor.double(x), "{x} {factor:?}");
                }
            }
        }
    }
}
