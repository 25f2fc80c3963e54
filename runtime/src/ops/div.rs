//! DIV: `a / b -> y`, broadcasting. int32 is cut off, and 0 for a division by 0.

use super::binary;
use crate::{Op, OpCode, Variant};

/// int32, with a fused activation.
pub const S32: Op =
    binary::s32(OpCode::Div, |call| binary::run_s32(call, |a, b| a.checked_div(b).unwrap_or(0)));

/// float32, with a fused activation.
pub const F32: Op = Op {
    code: OpCode::Div,
    variant: Variant::F32,
    in_place: true,
    check: binary::check_f32,
    run: |call| binary::run_f32(call, |a, b| a / b),
};
