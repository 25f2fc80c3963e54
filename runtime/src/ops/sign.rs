//! SIGN: `-1, 0 or 1 -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Sign);

/// int32.
pub const S32: Op = unary::s32(OpCode::Sign, |call| unary::run::<i32>(call, i32::signum));

/// float32.
pub const F32: Op = unary::f32(OpCode::Sign, |call| {
    unary::run_f32(call, |x| {
        if x > 0.0 {
            1.0
        } else if x < 0.0 {
            -1.0
        } else {
            x
        }
    })
});
