//! MAXIMUM: `the larger of a and b -> y`, broadcasting. Integers with a scale have one.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int8.
pub const S8: Op = binary::plain(OpCode::Maximum, Variant::S8, |call| binary::run(call, i8::max));

/// int16.
pub const S16: Op =
    binary::plain(OpCode::Maximum, Variant::S16, |call| binary::run(call, i16::max));

/// int32.
pub const S32: Op =
    binary::plain(OpCode::Maximum, Variant::S32, |call| binary::run(call, i32::max));

/// int64.
pub const S64: Op =
    binary::plain(OpCode::Maximum, Variant::S64, |call| binary::run(call, i64::max));

/// float32.
pub const F32: Op = binary::plain(OpCode::Maximum, Variant::F32, |call| {
    binary::run(call, |a: f32, b| if a > b { a } else { b })
});
