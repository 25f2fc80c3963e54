//! FLOOR_DIV: `the largest integer not above a / b -> y`, broadcasting. int32 divided by 0 is 0.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int32.
pub const S32: Op =
    binary::plain(OpCode::FloorDiv, Variant::S32, |call| binary::run(call, floor_div));

/// float32.
pub const F32: Op = binary::plain(OpCode::FloorDiv, Variant::F32, |call| {
    binary::run(call, |a: f32, b| libm::floorf(a / b))
});

/// Rounded down, 0 for a division by 0.
fn floor_div(a: i32, b: i32) -> i32 {
    let quotient = a.checked_div(b).unwrap_or(0);
    let is_exact = a.wrapping_sub(quotient.wrapping_mul(b)) == 0;
    if b == 0 || is_exact || (a < 0) == (b < 0) { quotient } else { quotient.wrapping_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::floor_div;

    #[test]
    fn quotients_are_rounded_down() {
        let cases = [(7, 2, 3), (-7, 2, -4), (7, -2, -4), (-7, -2, 3), (6, -3, -2), (5, 0, 0)];
        for (a, b, quotient) in cases {
            assert_eq!(floor_div(a, b), quotient);
        }
    }
}
