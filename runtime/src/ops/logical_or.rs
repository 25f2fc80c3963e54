//! LOGICAL_OR: `a or b -> y`, broadcasting.

use super::binary;
use crate::{Op, OpCode, Variant};

/// Bool.
pub const BOOL: Op = binary::plain(OpCode::LogicalOr, Variant::Bool, |call| {
    binary::run(call, |a: u8, b: u8| u8::from(a != 0 || b != 0))
});
