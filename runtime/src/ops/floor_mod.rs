//! FLOOR_MOD: `a - b * the largest integer not above a / b -> y`, broadcasting. The remainder of a division by 0 is 0.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int32.
pub const S32: Op =
    binary::plain(OpCode::FloorMod, Variant::S32, |call| binary::run(call, floor_mod));

/// int64.
pub const S64: Op =
    binary::plain(OpCode::FloorMod, Variant::S64, |call| binary::run(call, floor_mod_wide));

/// float32.
pub const F32: Op =
    binary::plain(OpCode::FloorMod, Variant::F32, |call| binary::run(call, floor_mod_f32));

fn floor_mod(a: i32, b: i32) -> i32 {
    floor_mod_wide(a.into(), b.into()) as i32
}

fn floor_mod_wide(a: i64, b: i64) -> i64 {
    let rest = a.checked_rem(b).unwrap_or(0);
    if rest != 0 && (rest < 0) != (b < 0) { rest.wrapping_add(b) } else { rest }
}

fn floor_mod_f32(a: f32, b: f32) -> f32 {
    let rest = remainder(a, b);
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// The exact remainder of the quotient that is cut off, with the sign of `a`: the mantissas are divided
/// bit by bit.
fn remainder(a: f32, b: f32) -> f32 {
    const POINT: u32 = 23;
    let (left, right) = (a.abs(), b.abs());
    if left.is_nan() || right.is_nan() || left.is_infinite() || right == 0.0 {
        return f32::NAN;
    }
    if left < right {
        return a;
    }
    let parts = |value: f32| {
        let (exponent, mantissa) = (value.to_bits() >> POINT, value.to_bits() & ((1 << POINT) - 1));
        if exponent == 0 { (1, mantissa) } else { (exponent, mantissa | 1 << POINT) }
    };
    let ((high, mantissa), (low, divisor)) = (parts(left), parts(right));
    let mut rest = mantissa.checked_rem(divisor).unwrap_or(0);
    for _ in low..high {
        rest <<= 1;
        rest = if rest >= divisor { rest - divisor } else { rest };
    }
    let mut exponent = low;
    while rest != 0 && rest < 1 << POINT && exponent > 1 {
        (rest, exponent) = (rest << 1, exponent - 1);
    }
    let bits = if rest < 1 << POINT { rest } else { rest - (1 << POINT) + (exponent << POINT) };
    f32::from_bits(bits).copysign(a)
}

#[cfg(test)]
mod tests {
    use super::{floor_mod, floor_mod_f32, remainder};

    #[test]
    fn remainders_of_floats_are_exact() {
        let values = [0.0, 1.0, 0.3, 7.25, 1e-40, 3e-39, 1e30, 16_777_215.0, 5.5e-8, f32::MAX];
        for &a in &values {
            for &b in &values {
                for (a, b) in [(a, b), (-a, b), (a, -b)] {
                    let (got, exact) = (remainder(a, b), a % b);
                    assert!(got == exact || got.is_nan() && exact.is_nan(), "{a} % {b}: {got}");
                }
            }
        }
    }

    #[test]
    fn remainders_have_the_divisors_sign() {
        for (a, b, rest) in
            [(7, 3, 1), (-7, 3, 2), (7, -3, -2), (-7, -3, -1), (6, -3, 0), (5, 0, 0)]
        {
            assert_eq!(floor_mod(a, b), rest);
            if b != 0 {
                assert_eq!(floor_mod_f32(a as f32, b as f32), rest as f32);
            }
        }
    }
}
