//! SUM: the sum over some dimensions of `x -> y`.

use super::{mean, reduce};
use crate::{Op, OpCode, Variant};

/// int8, requantized as in MEAN.
pub const S8: Op = Op { code: OpCode::Sum, ..mean::S8 };

/// int16, requantized as in MEAN.
pub const S16: Op = Op { code: OpCode::Sum, ..mean::S16 };

/// int32.
pub const S32: Op =
    reduce::op(OpCode::Sum, Variant::S32, |call| reduce::run(call, i32::wrapping_add));

/// int64.
pub const S64: Op =
    reduce::op(OpCode::Sum, Variant::S64, |call| reduce::run(call, i64::wrapping_add));

/// float32.
pub const F32: Op =
    reduce::op(OpCode::Sum, Variant::F32, |call| reduce::run(call, |a: f32, b| a + b));
