//! EQUAL: `a == b -> y`, broadcasting. int8 operands are brought to a common scale.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int8.
pub const S8: Op =
    binary::comparison(OpCode::Equal, Variant::S8, |call| binary::compare_s8(call, |a, b| a == b));

/// int32.
pub const S32: Op = binary::comparison(OpCode::Equal, Variant::S32, |call| {
    binary::run(call, |a: i32, b| u8::from(a == b))
});

/// int64.
pub const S64: Op = binary::comparison(OpCode::Equal, Variant::S64, |call| {
    binary::run(call, |a: i64, b| u8::from(a == b))
});

/// Bool.
pub const BOOL: Op = binary::comparison(OpCode::Equal, Variant::Bool, |call| {
    binary::run(call, |a: u8, b| u8::from((a != 0) == (b != 0)))
});

/// float32.
pub const F32: Op = binary::comparison(OpCode::Equal, Variant::F32, |call| {
    binary::run(call, |a: f32, b| u8::from(a == b))
});
