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
    let rest = libm::fmodf(a, b);
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

#[cfg(test)]
mod tests {
    use super::{floor_mod, floor_mod_f32};

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
