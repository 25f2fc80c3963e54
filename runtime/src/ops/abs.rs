//! ABS: `|x| -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Abs);

/// int32.
pub const S32: Op = unary::s32(OpCode::Abs, |call| unary::run::<i32>(call, i32::wrapping_abs));

/// float32.
pub const F32: Op = unary::f32(OpCode::Abs, |call| unary::run_f32(call, f32::abs));
