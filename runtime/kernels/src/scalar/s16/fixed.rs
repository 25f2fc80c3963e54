//! LOGISTIC and TANH in 16-bit fixed point, as recurrent layers of TensorFlow Lite compute them: the
//! exponential of a part of the argument by a polynomial, times the exponentials of powers of two, and
//! a quotient by Newton's method. (Jacob and Warden, gemmlowp, *fixed-point arithmetic*.)

use crate::requant::rounding_shift_right;

const ONE: i16 = i16::MAX;

fn mul(a: i16, b: i16) -> i16 {
    let product = (a as i32 * b as i32 + (1 << 14)) >> 15;
    product.min(i16::MAX as i32) as i16
}

fn saturated(value: i32) -> i16 {
    value.max(i16::MIN as i32).min(i16::MAX as i32) as i16
}

fn add(a: i16, b: i16) -> i16 {
    a.wrapping_add(b)
}

fn shift_right(a: i16, bits: i32) -> i16 {
    rounding_shift_right(a as i32, bits) as i16
}

fn shift_left(a: i16, bits: u32) -> i16 {
    saturated((a as i32) << (bits & 15))
}

/// `exp(a)` in Q0.15 for `a` in `[-1/4, 0)` in Q0.15.
fn exp_near_zero(a: i16) -> i16 {
    /// `exp(-1/8)` and a third.
    const MIDDLE: i16 = 28_918;
    const THIRD: i16 = 10_923;
    let x = add(a, 1 << 12);
    let x2 = mul(x, x);
    let (x3, x4) = (mul(x2, x), mul(x2, x2));
    let tail = add(mul(add(shift_right(x4, 2), x3), THIRD), x2);
    saturated(MIDDLE as i32 + mul(MIDDLE, add(x, shift_right(tail, 1))) as i32)
}

/// `exp(a)` in Q0.15 for `a <= 0` with so many integer bits.
fn exp_of_negative(a: i16, integer_bits: u32) -> i16 {
    /// `exp(-2^k)` for `k` from -2 up.
    const POWERS: [i16; 7] = [25_520, 19_875, 12_055, 4435, 600, 11, 0];
    if a == 0 {
        return ONE;
    }
    let fraction_bits = 15u32.wrapping_sub(integer_bits);
    let quarter = 1i16.wrapping_shl(fraction_bits.wrapping_sub(2));
    let part = (a & quarter.wrapping_sub(1)).wrapping_sub(quarter);
    let mut result = exp_near_zero(shift_left(part, integer_bits));
    let rest = part.wrapping_sub(a);
    for (k, power) in POWERS.iter().enumerate() {
        let bit = fraction_bits.wrapping_sub(2).wrapping_add(k as u32);
        if bit < 15 && rest & 1i16.wrapping_shl(bit) != 0 {
            result = mul(result, *power);
        }
    }
    // Powers end at -16.
    let is_far = integer_bits > 5 && (a as i32) < -(32i32.wrapping_shl(fraction_bits));
    if is_far { 0 } else { result }
}

/// `2 / (1 + x)` in Q2.13 for `x` in `[0, 1]` in Q0.15.
fn twice_reciprocal(x: i16) -> i16 {
    /// 48/17 and -32/17 in Q2.13.
    const START: i16 = 23_130;
    const SLOPE: i16 = -15_420;
    let half = ((x as i32 + ONE as i32 + 1) / 2) as i16;
    let mut value = add(START, mul(half, SLOPE));
    for _ in 0..3 {
        let rest = (1i16 << 13).wrapping_sub(mul(half, value));
        value = add(value, shift_left(mul(value, rest), 2));
    }
    value
}

/// `1 / (1 + exp(-a))` in Q0.15 for `a` in Q3.12.
pub fn logistic_fixed(a: i16) -> i16 {
    if a == 0 {
        return 1 << 14;
    }
    let magnitude = if a > 0 { a.wrapping_neg() } else { a };
    let positive = shift_left(twice_reciprocal(exp_of_negative(magnitude, 3)), 1);
    if a > 0 { positive } else { ONE.wrapping_sub(positive) }
}

/// `tanh(a)` in Q0.15 for `a` with so many integer bits, at most 6.
pub fn tanh_fixed(a: i16, integer_bits: u32) -> i16 {
    if a == 0 {
        return 0;
    }
    let magnitude = if a > 0 { a.wrapping_neg() } else { a };
    let twice = exp_of_negative(magnitude, integer_bits.wrapping_add(1));
    let value = shift_left(twice_reciprocal(twice).wrapping_sub(1 << 13), 2);
    if a > 0 { value } else { value.wrapping_neg() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_near_the_real_ones() {
        for a in i16::MIN..=i16::MAX {
            let real = a as f64 / 4096.0;
            let logistic = 32_768.0 / (1.0 + (-real).exp());
            assert!((logistic_fixed(a) as f64 - logistic).abs() < 12.0, "logistic {real}");
            for bits in 0..=6 {
                let real = a as f64 / f64::from(1 << (15 - bits));
                let tanh = 32_768.0 * real.tanh();
                let got = tanh_fixed(a, bits) as f64;
                assert!((got - tanh).abs() < 60.0, "tanh {real}: {got} {tanh}");
            }
        }
    }
}
