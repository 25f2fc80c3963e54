//! Rows of the last dimension brought to a norm or a logarithm of a distribution.

use crate::requant::{doubling_high_mul, rounding_shift_right};
use crate::{Clamp, Dst, Multiplier, Src};

/// `x - log(sum of exp(x))` over rows of `depth`.
pub fn log_softmax_f32(
    depth: usize,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
    exp: impl Fn(f32) -> f32,
    log: impl Fn(f32) -> f32,
) {
    for row in 0..x.len().checked_div(depth).unwrap_or(0) {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let largest = from.iter().fold(f32::MIN, |a, b| if b > a { b } else { a });
        let sum = from.iter().fold(0.0f32, |sum, x| sum + exp(x - largest));
        let log_sum = log(sum);
        to.fill_with(from.iter().map(|x| x - largest - log_sum));
    }
}

/// `x / sqrt(sum of x * x)` over rows of `depth`; the norm is at least 1e-6.
pub fn l2_normalization_f32(
    depth: usize,
    clamp: Clamp<f32>,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
    sqrt: impl Fn(f32) -> f32,
) {
    for row in 0..x.len().checked_div(depth).unwrap_or(0) {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let norm = sqrt(from.iter().fold(0.0f32, |sum, x| sum + x * x));
        let norm = if norm > 1e-6 { norm } else { 1e-6 };
        to.fill_with(from.iter().map(|x| clamp.apply(x / norm)));
    }
}

/// The same for int8; the output has scale 1/128 and zero point 0. A row has at most 2^15 values.
pub fn l2_normalization_s8(depth: usize, input_offset: i32, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
    for row in 0..x.len().checked_div(depth).unwrap_or(0) {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let square = |sum: i32, x: i8| {
            let x = x as i32 + input_offset;
            sum.wrapping_add(x.wrapping_mul(x))
        };
        let Multiplier { mantissa, shift } = inverse_root(from.iter().fold(0, square));
        let factor = Multiplier { mantissa, shift: shift + 7 };
        to.fill_with(
            from.iter()
                .map(|x| clamp.apply(factor.double((x as i32).wrapping_add(input_offset))) as i8),
        );
    }
}

/// `1 / sqrt(x)` as a factor: five steps of Newton's method in Q3.28, as the reference does it.
pub fn inverse_root(x: i32) -> Multiplier {
    if x <= 1 {
        return Multiplier { mantissa: i32::MAX, shift: 0 };
    }
    let (mut input, mut right) = (x, 11i32);
    while input >= 1 << 29 {
        input /= 4;
        right += 1;
    }
    let pairs = (input.leading_zeros() as i32 - 1) / 2 - 1;
    right -= pairs;
    input = input.wrapping_shl((2 * pairs) as u32);
    // From here in Q3.28; a product of two has six integer bits, of three nine.
    let input = input >> 1;
    let half_input = rounding_shift_right(input, 1);
    const HALF_THREE: i32 = (1 << 28) + (1 << 27);
    let mut root = 1 << 28;
    for _ in 0..5 {
        let cube = doubling_high_mul(doubling_high_mul(root, root), root);
        let cube = saturating_shift_left(cube, 6);
        let next =
            doubling_high_mul(HALF_THREE, root).wrapping_sub(doubling_high_mul(half_input, cube));
        root = saturating_shift_left(next, 3);
    }
    const HALF_ROOT_2: i32 = 1_518_500_250;
    let mut mantissa = doubling_high_mul(root, HALF_ROOT_2);
    if right < 0 {
        mantissa = mantissa.wrapping_shl(right.unsigned_abs());
        right = 0;
    }
    Multiplier { mantissa, shift: -right }
}

fn saturating_shift_left(value: i32, bits: u32) -> i32 {
    let wide = (value as i64) << (bits & 31);
    wide.max(i32::MIN as i64).min(i32::MAX as i64) as i32
}

/// Numbers of a local response normalization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalResponse {
    /// Neighbours on each side.
    pub radius: usize,
    /// Added to the sum of squares.
    pub bias: f32,
    /// Factor of the sum of squares.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
}

/// `x / (bias + alpha * sum of the neighbours' squares) ^ beta` over rows of `depth`.
pub fn local_response_f32(
    p: &LocalResponse,
    depth: usize,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
    pow: impl Fn(f32, f32) -> f32,
) {
    for row in 0..x.len().checked_div(depth).unwrap_or(0) {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        for c in 0..depth {
            let (first, end) = (c.saturating_sub(p.radius), (c + p.radius + 1).min(depth));
            let squares = (first..end).fold(0.0f32, |sum, c| sum + from.get(c) * from.get(c));
            to.set(c, from.get(c) * pow(p.bias + p.alpha * squares, -p.beta));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_roots_are_near() {
        for x in [2, 3, 4, 5, 100, 1000, 65_025, 1 << 20, (1 << 29) + 7, i32::MAX] {
            let Multiplier { mantissa, shift } = inverse_root(x);
            let got = mantissa as f64 * 2f64.powi(shift - 31);
            let exact = 1.0 / (x as f64).sqrt();
            assert!((got / exact - 1.0).abs() < 1e-4, "{x}: {got} {exact}");
        }
        assert_eq!(inverse_root(0), inverse_root(1));
    }

    #[test]
    fn rows_have_norm_one() {
        let x = [3.0f32, 4.0, 0.0, 0.0];
        let mut y = [0.0; 4];
        let clamp = Clamp { min: f32::MIN, max: f32::MAX };
        l2_normalization_f32(2, clamp, Src::from(&x[..]), Dst::from(&mut y[..]), f32::sqrt);
        assert_eq!(y, [0.6, 0.8, 0.0, 0.0]);
        let x = [30i8 + 5, 40 + 5];
        let mut y = [0i8; 2];
        l2_normalization_s8(2, -5, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [77, 102]);
    }
}
