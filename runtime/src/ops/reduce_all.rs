//! REDUCE_ALL: whether all are true over some dimensions of `x -> y`.

use super::reduce;
use crate::{Op, OpCode, Variant};

/// Bool.
pub const BOOL: Op = reduce::op(OpCode::ReduceAll, Variant::Bool, |call| {
    reduce::run(call, |a: u8, b: u8| u8::from(a != 0 && b != 0))
});
