//! LOGICAL_NOT: `not x -> y`, elementwise.

use super::unary::{self, check_same};
use crate::{Op, OpCode, Variant};
use smidge_format::DType;

/// Bool.
pub const BOOL: Op = Op {
    code: OpCode::LogicalNot,
    variant: Variant::Bool,
    in_place: true,
    check: |call| {
        call.expect(1, 1)?;
        check_same(call, DType::Bool)
    },
    run: |call| unary::run(call, |x: u8| u8::from(x == 0)),
};
