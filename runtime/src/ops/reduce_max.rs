//! REDUCE_MAX: the largest over some dimensions of `x -> y`. Integers keep their scale.

use super::reduce;
use crate::{Op, OpCode, Variant};

/// int8.
pub const S8: Op = reduce::op(OpCode::ReduceMax, Variant::S8, |call| reduce::run(call, i8::max));

/// int16.
pub const S16: Op = reduce::op(OpCode::ReduceMax, Variant::S16, |call| reduce::run(call, i16::max));

/// int32.
pub const S32: Op = reduce::op(OpCode::ReduceMax, Variant::S32, |call| reduce::run(call, i32::max));

/// int64.
pub const S64: Op = reduce::op(OpCode::ReduceMax, Variant::S64, |call| reduce::run(call, i64::max));

/// float32.
pub const F32: Op = reduce::op(OpCode::ReduceMax, Variant::F32, |call| {
    reduce::run(call, |a: f32, b| if b > a { b } else { a })
});
