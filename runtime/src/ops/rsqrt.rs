//! RSQRT: `1 / sqrt(x) -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Rsqrt);

/// int16: a table of 513 values, interpolated.
pub const S16: Op = unary::s16(OpCode::Rsqrt);

/// float32.
pub const F32: Op =
    unary::f32(OpCode::Rsqrt, |call| unary::run_f32(call, |x| 1.0 / libm::sqrtf(x)));
