//! Elementwise kernels on 16-bit values.

use crate::requant::rounding_shift_right;
use crate::scalar::elementwise::{Broadcast, binary};
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// Bits of headroom of an addition.
const LEFT_SHIFT: u32 = 15;

/// Numbers of an addition or subtraction: both operands are raised by 15 bits and brought to a common
/// scale, added, and brought to the output's scale, each with double rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddS16 {
    /// Factors of the raised operands.
    pub factors: [Multiplier; 2],
    /// Factor of the sum.
    pub output: Multiplier,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl AddS16 {
    #[inline]
    fn operand(&self, index: usize, value: i16) -> i32 {
        self.factors[index & 1].double((value as i32).wrapping_shl(LEFT_SHIFT))
    }

    #[inline]
    fn output(&self, sum: i32) -> i16 {
        self.clamp.apply(self.output.double(sum)) as i16
    }
}

/// `a + b`.
pub fn add_s16(p: &AddS16, walk: &Broadcast, a: Src<'_, i16>, b: Src<'_, i16>, y: Dst<'_, i16>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_add(p.operand(1, b))));
}

/// `a - b`.
pub fn sub_s16(p: &AddS16, walk: &Broadcast, a: Src<'_, i16>, b: Src<'_, i16>, y: Dst<'_, i16>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_sub(p.operand(1, b))));
}

/// Numbers of an addition or subtraction of tensors whose scales are powers of two apart: operands are
/// shifted to the right, ties away from zero, and added with saturation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowersS16 {
    /// By how many bits each operand is shifted, in `[0, 31]`.
    pub shifts: [i32; 2],
    /// Subtracts.
    pub subtract: bool,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

/// `a + b` or `a - b`.
pub fn powers_s16(
    p: &PowersS16,
    walk: &Broadcast,
    a: Src<'_, i16>,
    b: Src<'_, i16>,
    y: Dst<'_, i16>,
) {
    binary(walk, a, b, y, |a, b| {
        let a = rounding_shift_right(a as i32, p.shifts[0]);
        let b = rounding_shift_right(b as i32, p.shifts[1]);
        // The bounds are within int16, so that they saturate as well.
        p.clamp.apply(if p.subtract { a - b } else { a + b }) as i16
    });
}

/// Numbers of a multiplication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MulS16 {
    /// Factor of the product.
    pub output: Multiplier,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

/// `a * b`.
pub fn mul_s16(p: &MulS16, walk: &Broadcast, a: Src<'_, i16>, b: Src<'_, i16>, y: Dst<'_, i16>) {
    binary(walk, a, b, y, |a, b| p.clamp.apply(p.output.double(a as i32 * b as i32)) as i16);
}

/// `x` on the output's scale, within bounds.
pub fn relu_s16(factor: Multiplier, clamp: Clamp<i32>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    y.fill_with(x.iter().map(|x| clamp.apply(factor.double(x as i32)) as i16));
}

/// Numbers of a LEAKY_RELU; the mantissa of `negative` may be negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyReluS16 {
    /// Factor for values that are not negative.
    pub positive: Multiplier,
    /// Factor for the others, the slope included.
    pub negative: Multiplier,
}

/// `x >= 0 ? x : alpha * x`.
pub fn leaky_relu_s16(p: &LeakyReluS16, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let clamp = Clamp { min: i16::MIN as i32, max: i16::MAX as i32 };
    y.fill_with(x.iter().map(|x| {
        let factor = if x >= 0 { p.positive } else { p.negative };
        clamp.apply(factor.double(x as i32)) as i16
    }));
}

/// Numbers of a requantization from one integer type to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Requantize {
    /// Minus the input's zero point.
    pub input_offset: i32,
    /// Factor from the input's scale to the output's.
    pub factor: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
    /// The values of the output's type.
    pub clamp: Clamp<i32>,
}

/// `x` on another scale, possibly in another type.
pub fn requantize<T: Element + Into<i32>, U: Element>(
    p: &Requantize,
    x: Src<'_, T>,
    y: Dst<'_, U>,
    narrow: impl Fn(i32) -> U,
) {
    y.fill_with(x.iter().map(|x| {
        let scaled = p.factor.double(x.into().wrapping_add(p.input_offset));
        narrow(p.clamp.apply(scaled.wrapping_add(p.output_offset)))
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [i16; 12] = [-32768, -32767, -20000, -777, -3, -1, 0, 1, 2, 5001, 29000, 32767];
    const CLAMP: Clamp<i32> = Clamp { min: -31000, max: 30000 };

    fn pairs() -> (Vec<i16>, Vec<i16>) {
        let n = VALUES.len();
        (0..n * n).map(|i| (VALUES[i / n], VALUES[i % n])).unzip()
    }

    /// `f` over all pairs of values.
    fn computed(
        f: impl Fn(&Broadcast, Src<'_, i16>, Src<'_, i16>, Dst<'_, i16>),
    ) -> impl Iterator<Item = (f64, f64, i16)> {
        let (a, b) = pairs();
        let dims = [1, 1, 1, 1, 1, a.len()];
        let walk = Broadcast::new(dims, dims, dims).unwrap();
        let mut y = vec![0; a.len()];
        f(&walk, Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        a.into_iter().zip(b).zip(y).map(|((a, b), y)| (f64::from(a), f64::from(b), y))
    }

    fn assert_near(y: i16, exact: f64) {
        let exact = exact.clamp(CLAMP.min.into(), CLAMP.max.into());
        assert!((f64::from(y) - exact).abs() <= 0.51, "{y}, exactly {exact}");
    }

    #[test]
    fn sums_differences_and_products_are_near_the_real_ones() {
        let half = Multiplier { mantissa: 1 << 30, shift: 0 };
        let quarter = Multiplier { mantissa: 1 << 30, shift: -1 };
        // Scales 1 and 1/2, output 3: twice the larger is 2, which over 2^15 * 3 is 0.667 * 2^-15.
        let output = Multiplier { mantissa: 1_431_655_765, shift: -15 };
        let p = AddS16 { factors: [half, quarter], output, clamp: CLAMP };
        for (a, b, y) in computed(|walk, a, b, y| add_s16(&p, walk, a, b, y)) {
            assert_near(y, (a + b / 2.0) / 1.5 / 2.0);
        }
        for (a, b, y) in computed(|walk, a, b, y| sub_s16(&p, walk, a, b, y)) {
            assert_near(y, (a - b / 2.0) / 1.5 / 2.0);
        }
        let p = MulS16 { output: Multiplier { mantissa: 1 << 30, shift: -13 }, clamp: CLAMP };
        for (a, b, y) in computed(|walk, a, b, y| mul_s16(&p, walk, a, b, y)) {
            assert_near(y, a * b / 16384.0);
        }
    }

    #[test]
    fn powers_of_two_are_shifts() {
        for (shifts, subtract) in [([0, 3], false), ([2, 0], true), ([31, 0], false)] {
            let p = PowersS16 { shifts, subtract, clamp: CLAMP };
            for (a, b, y) in computed(|walk, a, b, y| powers_s16(&p, walk, a, b, y)) {
                let (a, b) =
                    ((a / 2f64.powi(shifts[0])).round(), (b / 2f64.powi(shifts[1])).round());
                let exact = if subtract { a - b } else { a + b };
                assert_eq!(f64::from(y), exact.clamp(-31000.0, 30000.0));
            }
        }
    }

    #[test]
    fn values_move_to_other_scales() {
        let factor = Multiplier { mantissa: 1 << 30, shift: -2 };
        let x = [-32768i16, -9, -4, 0, 4, 12, 32767];
        let mut y = [0i16; 7];
        relu_s16(factor, Clamp { min: 0, max: 2 }, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [0, 0, 0, 0, 1, 2, 2]);
        let negative = Multiplier { mantissa: -(1 << 30), shift: 0 };
        let p = LeakyReluS16 { positive: factor, negative };
        leaky_relu_s16(&p, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [16384, 5, 2, 0, 1, 2, 4096]);
        let clamp = Clamp { min: -128, max: 127 };
        let p = Requantize { input_offset: 1, factor, output_offset: -100, clamp };
        let mut narrow = [0i8; 7];
        let (src, dst) = (Src::from(&x[..]), Dst::from(&mut narrow[..]));
        requantize(&p, src, dst, |value| value as i8);
        assert_eq!(narrow, [-128, -101, -100, -100, -99, -98, 127]);
    }
}
