//! REDUCE_PROD: the product over some dimensions of `x -> y`.

use super::reduce;
use crate::{Op, OpCode, Variant};

/// int32.
pub const S32: Op =
    reduce::op(OpCode::ReduceProd, Variant::S32, |call| reduce::run(call, i32::wrapping_mul));

/// int64.
pub const S64: Op =
    reduce::op(OpCode::ReduceProd, Variant::S64, |call| reduce::run(call, i64::wrapping_mul));

/// float32.
pub const F32: Op =
    reduce::op(OpCode::ReduceProd, Variant::F32, |call| reduce::run(call, |a: f32, b| a * b));
