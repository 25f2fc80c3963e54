//! EXP: `exp(x) -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Exp);

/// int16: a table of 513 values, interpolated.
pub const S16: Op = unary::s16(OpCode::Exp);

/// float32.
pub const F32: Op = unary::f32(OpCode::Exp, |call| unary::run_f32(call, libm::expf));
