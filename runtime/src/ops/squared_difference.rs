//! SQUARED_DIFFERENCE: `(a - b)^2 -> y`, broadcasting.
//!
//! int8: both operands are raised by 7 bits and brought to twice the larger scale; the square of their
//! difference is brought to the output's scale, each with double rounding. Attributes are those of ADD.

use super::add::{AttrsS8, check_s8};
use super::binary;
use crate::{Call, Op, OpCode, OpError, Variant};

/// int8.
pub const S8: Op = Op {
    code: OpCode::SquaredDifference,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: run_s8,
};

/// int32 without scales.
pub const S32: Op = binary::plain(OpCode::SquaredDifference, Variant::S32, |call| {
    binary::run(call, |a: i32, b| {
        let difference = a.wrapping_sub(b);
        difference.wrapping_mul(difference)
    })
});

/// float32.
pub const F32: Op = binary::plain(OpCode::SquaredDifference, Variant::F32, |call| {
    binary::run(call, |a: f32, b| (a - b) * (a - b))
});

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let kernel = AttrsS8::decode(call.attrs())?.kernel();
    let scaled = kernel.scaled();
    binary::run(call, |a, b| {
        let [a, b] = scaled.apply(a, b);
        let difference = a.wrapping_sub(b);
        let square = kernel.output.double(difference.wrapping_mul(difference));
        kernel.clamp.apply(square.wrapping_add(kernel.output_offset)) as i8
    })
}
