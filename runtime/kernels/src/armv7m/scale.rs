//! From accumulators to 8 bits, exact for both roundings with one multiplication.
//!
//! Rounding twice: the high half of `2 x * mantissa + 2^31` is the first, and `(it + half - (x <
//! 0)) >> right` the second. Where the product rounds to 0 for a negative `x`, the wrong sign is
//! harmless, because `right` is at least 1. Rounding once: `(x * mantissa + 2^(30 + right) - (x <
//! 0)) >> (31 + right)`. The output's zero point and half are in the upper word that the product is
//! added to.

#[cfg(any(test, smidge_isa = "armv7m"))]
use crate::word::record::Output;
use crate::{Multiplier, Rounding};

/// A channel's factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Scale {
    /// The mantissa.
    mantissa: i32,
    /// Rounding twice: `right`. Rounding once: `right - 1` and [`SINGLE`]. Otherwise the shift plus
    /// 32, [`PLAIN`], and [`SINGLE`] for rounding once.
    code: u32,
}

/// Flag of a code: rounded once.
const SINGLE: u32 = 0x100;
/// Flag of a code: to be computed as the definition says.
const PLAIN: u32 = 0x200;

impl Scale {
    /// The scale of a factor for accumulators up to `reach` in magnitude; `None` for any.
    #[cfg(feature = "pack")]
    pub(crate) fn new(factor: Multiplier, rounding: Rounding, reach: Option<u32>) -> Self {
        let is_single = rounding == Rounding::Single;
        let single = if is_single { SINGLE } else { 0 };
        let right = factor.shift.wrapping_neg();
        let is_short = factor.is_valid()
            && reach.is_some_and(|reach| reach < 1 << 30)
            && (1 + i32::from(is_single)..=23).contains(&right);
        let code = if is_short {
            right as u32 - u32::from(is_single)
        } else {
            (factor.shift.wrapping_add(32) as u32 & 0xFF) | PLAIN
        };
        Self { mantissa: factor.mantissa, code: code | single }
    }

    /// The words in order.
    #[cfg(feature = "pack")]
    pub(crate) const fn words(self) -> [i32; 2] {
        [self.mantissa, self.code as i32]
    }

    /// Mantissa, shift and what is added for an output with this zero point, if it is short and
    /// rounded twice.
    #[cfg(smidge_isa = "armv7m")]
    pub(crate) const fn short(self, zero: i32) -> Option<(i32, u32, i32)> {
        if self.code >= SINGLE {
            return None;
        }
        Some((self.mantissa, self.code, (2 * zero + 1) << (self.code & 31) >> 1))
    }

    /// The outputs for these accumulators.
    #[cfg(any(test, smidge_isa = "armv7m"))]
    #[inline(always)]
    pub(crate) fn apply<const N: usize>(self, sums: [i32; N], output: Output) -> [i32; N] {
        if self.code & PLAIN != 0 {
            return sums.map(|x| self.apply_plain(x, output));
        }
        let right = self.code & 31;
        // Half and the zero point.
        let add = (2 * output.zero + 1) << right >> 1;
        // Minus one for a negative accumulator: in the upper word, or in both.
        let (left, half, both) = if self.code & SINGLE == 0 { (1, 1 << 31, 0) } else { (0, 0, !0) };
        sums.map(|x| {
            let sign = x >> 31;
            let low = (sign as u32 & both) | half;
            let start = (i64::from(add.wrapping_add(sign)) << 32) | i64::from(low);
            let product = i64::from(x << left) * i64::from(self.mantissa) + start;
            output.clamp.apply((product >> 32) as i32 >> right)
        })
    }

    /// The output for an accumulator as the definition says.
    #[cfg(any(test, smidge_isa = "armv7m"))]
    #[inline(never)]
    fn apply_plain(self, x: i32, output: Output) -> i32 {
        let rounding = if self.code & SINGLE != 0 { Rounding::Single } else { Rounding::Double };
        let factor = Multiplier { mantissa: self.mantissa, shift: (self.code & 0xFF) as i32 - 32 };
        output.clamp.apply(rounding.apply(factor, x).wrapping_add(output.zero))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clamp;

    #[test]
    fn one_product_is_the_definition() {
        let output = Output { zero: -3, clamp: Clamp { min: -128, max: 120 } };
        let mut seed = 1u32;
        for case in 0..400 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mantissa = [0, 1 << 30, i32::MAX, (1 << 30) + (seed >> 2) as i32][case % 4];
            let factor = Multiplier { mantissa, shift: 3 - case as i32 / 4 % 35 };
            for rounding in [Rounding::Double, Rounding::Single] {
                let scale = Scale::new(factor, rounding, Some((1 << 30) - 1));
                let around = (0..31).flat_map(|bit| (-3..=3).map(move |d| (1i32 << bit) + d));
                let random =
                    (0..500).map(|i| (seed.wrapping_mul(2 * i + 1) as i32) >> (2 + i % 20));
                for x in around.chain(random).filter(|x| *x < 1 << 30).flat_map(|x| [x, -x]) {
                    let exact = rounding.apply(factor, x).wrapping_add(output.zero);
                    let [y] = scale.apply([x], output);
                    assert_eq!(y, output.clamp.apply(exact), "{x} {factor:?} {rounding:?}");
                }
            }
        }
    }
}
