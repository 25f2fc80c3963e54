//! From 32-bit accumulators back to 8 bits: the fixed-point multiplication of the TensorFlow Lite
//! quantization specification, in its two published roundings.
//!
//! A real factor is `mantissa * 2^(shift - 31)`, with the mantissa in `[2^30, 2^31)` (or 0) and the
//! shift in `[-31, 30]`.
//!
//! - **Double rounding** (gemmlowp; Jacob et al., *Quantization and Training of Neural Networks for
//!   Efficient Integer-Arithmetic-Only Inference*, 2017): the high half of the doubled product is
//!   rounded, ties upwards, then the right shift rounds again, ties away from zero.
//! - **Single rounding**: one 64-bit product, one shift, ties away from zero.
//!
//! Accumulators of 64 bits, which layers with 16-bit activations have, are multiplied by the mantissa's
//! upper 16 bits ([`Multiplier::reduced`]), or, as the reference does for fully connected layers, by a
//! factor of 53 bits ([`RealFactor`]).

/// A real factor as a fixed-point number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Multiplier {
    /// Mantissa, 0 or in `[2^30, 2^31)`.
    pub mantissa: i32,
    /// Power of two, in `[-31, 30]`; positive shifts to the left.
    pub shift: i32,
}

/// Smallest shift of a valid [`Multiplier`].
pub const SHIFT_MIN: i32 = -31;
/// Largest shift of a valid [`Multiplier`].
pub const SHIFT_MAX: i32 = 30;

impl Multiplier {
    /// Whether mantissa and shift are in their ranges. Arithmetic never fails on others, but its
    /// result is not the product.
    pub const fn is_valid(self) -> bool {
        self.mantissa >= 0 && self.shift >= SHIFT_MIN && self.shift <= SHIFT_MAX
    }

    /// `x` times the factor with double rounding. The left shift wraps, as in the reference.
    #[inline]
    pub const fn double(self, x: i32) -> i32 {
        let (left, right) =
            if self.shift > 0 { (self.shift, 0) } else { (0, self.shift.wrapping_neg()) };
        rounding_shift_right(doubling_high_mul(x.wrapping_shl(left as u32), self.mantissa), right)
    }

    /// `x` times the factor with single rounding.
    #[inline]
    pub const fn single(self, x: i32) -> i32 {
        let shift = 31i32.wrapping_sub(self.shift) as u32 & 63;
        let round = 1i64.wrapping_shl(shift.wrapping_sub(1));
        let product = (x as i64).wrapping_mul(self.mantissa as i64);
        // Minus one for negative products: the shift rounds down, ties are to go away from zero.
        product.wrapping_add(round).wrapping_add(product >> 63).wrapping_shr(shift) as i32
    }

    /// `x` times the factor with its mantissa rounded to 15 bits, ties upwards. `x` is below 2^47 in
    /// magnitude, the shift at most [`REDUCED_SHIFT_MAX`].
    #[inline]
    pub const fn reduced(self, x: i64) -> i32 {
        let mantissa = match self.mantissa {
            0x7FFF_0000.. => 0x7FFF,
            mantissa => (mantissa + (1 << 15)) >> 16,
        };
        let shift = 15i32.wrapping_sub(self.shift) as u32 & 63;
        let round = 1i64.wrapping_shl(shift.wrapping_sub(1));
        x.wrapping_mul(mantissa as i64).wrapping_add(round).wrapping_shr(shift) as i32
    }
}

/// Largest shift of a factor for [`Multiplier::reduced`].
pub const REDUCED_SHIFT_MAX: i32 = 7;

/// A real factor `mantissa * 2^(shift - 53)` as a double-precision number holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RealFactor {
    /// Mantissa, 0 or in `[2^52, 2^53)`.
    pub mantissa: u64,
    /// Power of two, at most 30.
    pub shift: i32,
}

impl RealFactor {
    /// Whether mantissa and shift are in their ranges. Arithmetic never fails on others.
    pub const fn is_valid(self) -> bool {
        self.mantissa < 1 << 53 && self.shift <= SHIFT_MAX
    }

    /// `x` times the factor, rounded to 53 bits (ties to even) as a double-precision product is, and
    /// then to an integer (ties away from zero); saturated. `x` is below 2^53 in magnitude.
    pub const fn apply(self, x: i64) -> i32 {
        let product = x.unsigned_abs() as u128 * (self.mantissa & ((1 << 53) - 1)) as u128;
        let product = to_53_bits(product);
        let shift = 53i32.wrapping_sub(self.shift);
        if shift < 1 || shift > 120 {
            return 0;
        }
        let rounded = (product + (1 << (shift - 1))) >> shift;
        let magnitude = if rounded > i32::MAX as u128 { i32::MAX } else { rounded as i32 };
        if x < 0 { -magnitude } else { magnitude }
    }
}

/// Rounded to the 53 most significant bits, ties to even.
const fn to_53_bits(value: u128) -> u128 {
    let excess = (128 - 53u32).saturating_sub(value.leading_zeros());
    if excess == 0 {
        return value;
    }
    let half = 1u128 << (excess - 1);
    let kept = value >> excess;
    let rest = value & ((half << 1) - 1);
    let up = rest > half || (rest == half && kept & 1 == 1);
    (kept + up as u128) << excess
}

/// Which of the two roundings an operator uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Two roundings, as in gemmlowp.
    Double,
    /// One rounding.
    Single,
}

impl Rounding {
    /// `x` times `factor`.
    #[inline]
    pub const fn apply(self, factor: Multiplier, x: i32) -> i32 {
        match self {
            Self::Double => factor.double(x),
            Self::Single => factor.single(x),
        }
    }
}

/// The high 32 bits of `2 * a * b`, rounded to nearest, ties upwards; `i32::MIN` times itself
/// saturates. (gemmlowp states it with a sign-dependent nudge and a division that rounds towards
/// zero, which is the same number.)
#[inline]
pub const fn doubling_high_mul(a: i32, b: i32) -> i32 {
    if a == i32::MIN && b == i32::MIN {
        return i32::MAX;
    }
    ((a as i64 * b as i64 + (1 << 30)) >> 31) as i32
}

/// `x / 2^exponent`, rounded to nearest, ties away from zero; `exponent` in `[0, 31]`.
#[inline]
pub const fn rounding_shift_right(x: i32, exponent: i32) -> i32 {
    let exponent = exponent as u32 & 31;
    let mask = ((1i64 << exponent) - 1) as i32;
    let remainder = x & mask;
    let threshold = (mask >> 1) + (x < 0) as i32;
    (x >> exponent) + (remainder > threshold) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds `numerator / 2^bits` to nearest, ties away from zero, by definition.
    fn nearest(numerator: i128, bits: u32) -> i128 {
        let half = 1i128 << bits >> 1;
        let magnitude = (numerator.abs() + half) >> bits;
        magnitude * numerator.signum()
    }

    fn samples() -> Vec<i32> {
        let mut all = vec![0, 1, -1, i32::MAX, i32::MIN, i32::MIN + 1, 1 << 30, -(1 << 30)];
        let mut seed = 1u32;
        for _ in 0..300 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            all.push((seed as i32) >> (seed >> 3 & 31));
        }
        all
    }

    #[test]
    fn high_mul_is_the_rounded_quotient() {
        for &a in &samples() {
            for &b in &samples() {
                let product = a as i128 * b as i128;
                let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
                let exact = ((product + nudge) / (1 << 31)).min(i32::MAX as i128);
                assert_eq!(doubling_high_mul(a, b) as i128, exact, "{a} * {b}");
            }
        }
    }

    #[test]
    fn shift_right_is_the_rounded_quotient() {
        for &x in &samples() {
            for exponent in 0..=31 {
                let exact = nearest(x as i128, exponent);
                assert_eq!(rounding_shift_right(x, exponent as i32) as i128, exact);
            }
        }
    }

    #[test]
    fn single_rounding_is_the_rounded_quotient() {
        for &x in &samples() {
            for shift in [-31, -12, -1, 0, 1, 8] {
                for mantissa in [1 << 30, 1_518_500_250, i32::MAX] {
                    let total = (31 - shift) as u32;
                    let exact = nearest(x as i128 * mantissa as i128, total);
                    let got = Multiplier { mantissa, shift }.single(x);
                    assert_eq!(got, exact as i32);
                }
            }
        }
    }

    #[test]
    fn wide_sums_are_multiplied_by_a_rounded_mantissa() {
        for &x in &samples() {
            let x = i64::from(x) << 15 | 0x1234;
            for shift in [-31, -12, -1, 0, 1, 7] {
                for mantissa in [0, 1 << 30, 1_518_500_250, 0x7FFE_FFFF, 0x7FFF_0000, i32::MAX] {
                    let short = ((i64::from(mantissa) + (1 << 15)) >> 16).min(0x7FFF);
                    let total = 15 - shift;
                    let exact = (i128::from(x) * i128::from(short) + (1 << (total - 1))) >> total;
                    let got = Multiplier { mantissa, shift }.reduced(x);
                    assert_eq!(got, exact as i32, "{x} {mantissa} {shift}");
                }
            }
        }
    }

    #[test]
    fn real_factors_multiply_as_double_precision_does() {
        for &x in &samples() {
            for real in [0.75f64, 0.1, 1.0 / 3.0, 1e-6, 3.7e-9, 17.3, 0.5] {
                let bits = real.to_bits();
                let factor = RealFactor {
                    mantissa: bits & ((1 << 52) - 1) | 1 << 52,
                    shift: (bits >> 52) as i32 - 1022,
                };
                assert!(factor.is_valid());
                for wide in [i64::from(x), i64::from(x) << 16 | 0x5A5A] {
                    let exact = (wide as f64 * real).round().clamp(-2147483647.0, 2147483647.0);
                    assert_eq!(factor.apply(wide), exact as i32, "{wide} * {real}");
                }
            }
        }
    }

    #[test]
    fn invalid_factors_have_some_result() {
        for &x in &samples() {
            for shift in [i32::MIN, -80, 31, 53, i32::MAX] {
                for mantissa in [0, u64::MAX, 1 << 53] {
                    std::hint::black_box(RealFactor { mantissa, shift }.apply(i64::from(x) << 32));
                }
                let factor = Multiplier { mantissa: i32::MIN, shift };
                std::hint::black_box(factor.reduced(i64::from(x) << 32));
            }
        }
        for &x in &samples() {
            for shift in [i32::MIN, -32, 31, 64, i32::MAX] {
                for mantissa in [i32::MIN, -1, 0, i32::MAX] {
                    let factor = Multiplier { mantissa, shift };
                    assert!(!factor.is_valid());
                    std::hint::black_box((factor.double(x), factor.single(x)));
                }
            }
        }
    }
}
