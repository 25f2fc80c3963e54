//! ROUND: `the integer nearest to x, ties to even -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Round);

/// float32.
pub const F32: Op = unary::f32(OpCode::Round, |call| unary::run_f32(call, libm::rintf));
