//! TANH: `tanh(x) -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::s16;
use super::unary::{check_f32, check_s8, run_f32, run_s8};
use crate::{Op, OpCode, Variant};

/// int8.
pub const S8: Op =
    Op { code: OpCode::Tanh, variant: Variant::S8, in_place: true, check: check_s8, run: run_s8 };

/// int16.
pub const S16: Op = Op {
    code: OpCode::Tanh,
    variant: Variant::S16,
    in_place: true,
    check: s16::unary::check_curve,
    run: s16::unary::run_tanh,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Tanh,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: |call| run_f32(call, libm::tanhf),
};
