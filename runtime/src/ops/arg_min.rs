//! ARG_MIN: where the smallest element is along an axis of `x -> y`; of equal ones the first.

use super::arg;
use crate::{Op, OpCode, Variant};

/// int8.
pub const S8: Op = arg::op(OpCode::ArgMin, Variant::S8, |call| arg::run(call, |a: i8, b| a < b));

/// int32.
pub const S32: Op = arg::op(OpCode::ArgMin, Variant::S32, |call| arg::run(call, |a: i32, b| a < b));

/// float32.
pub const F32: Op = arg::op(OpCode::ArgMin, Variant::F32, |call| arg::run(call, |a: f32, b| a < b));
