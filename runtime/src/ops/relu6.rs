//! RELU6: `min(max(x, 0), 6) -> y`, elementwise; NaN stays NaN.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::s16;
use super::unary::{check_f32, check_s8, run_f32, run_s8};
use crate::{Op, OpCode, Variant};
use smidge_kernels::Clamp;

const CLAMP: Clamp<f32> = Clamp { min: 0.0, max: 6.0 };
/// int8.
pub const S8: Op =
    Op { code: OpCode::Relu6, variant: Variant::S8, in_place: true, check: check_s8, run: run_s8 };

/// int16.
pub const S16: Op = Op {
    code: OpCode::Relu6,
    variant: Variant::S16,
    in_place: true,
    check: s16::unary::check_relu,
    run: s16::unary::run_relu,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Relu6,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: |call| run_f32(call, |x| CLAMP.apply(x)),
};
