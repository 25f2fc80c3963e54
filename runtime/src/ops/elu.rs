//! ELU: `x, or exp(x) - 1 below zero -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::unary;
use crate::{Op, OpCode};

/// int8.
pub const S8: Op = unary::s8(OpCode::Elu);

/// float32.
pub const F32: Op = unary::f32(OpCode::Elu, |call| {
    unary::run_f32(call, |x| if x < 0.0 { libm::expm1f(x) } else { x })
});
