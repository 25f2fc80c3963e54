//! REDUCE_ANY: whether any is true over some dimensions of `x -> y`.

use super::reduce;
use crate::{Op, OpCode, Variant};

/// Bool.
pub const BOOL: Op =
    reduce::op(OpCode::ReduceAny, Variant::Bool, |call| reduce::run(call, |a: u8, b: u8| a | b));
