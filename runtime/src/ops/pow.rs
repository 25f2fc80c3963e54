//! POW: `a ^ b -> y`, broadcasting. int32 wraps; a negative exponent gives 0 but for 1 and -1.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int32.
pub const S32: Op =
    binary::plain(OpCode::Pow, Variant::S32, |call| binary::run(call, integer_power));

/// float32.
pub const F32: Op = binary::plain(OpCode::Pow, Variant::F32, |call| binary::run(call, libm::powf));

fn integer_power(base: i32, exponent: i32) -> i32 {
    match (base, u32::try_from(exponent)) {
        (_, Ok(exponent)) => base.wrapping_pow(exponent),
        (1, _) => 1,
        (-1, _) => {
            if exponent & 1 == 0 {
                1
            } else {
                -1
            }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::integer_power;

    #[test]
    fn integers_have_powers() {
        let cases = [(3, 4, 81), (-2, 3, -8), (5, 0, 1), (0, 0, 1), (7, -1, 0), (-1, -3, -1)];
        for (base, exponent, power) in cases {
            assert_eq!(integer_power(base, exponent), power);
        }
    }
}
