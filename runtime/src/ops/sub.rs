//! SUB: `a - b -> y`, broadcasting, with a fused activation. int8 works as in ADD.

use super::add::{AttrsS8, check_linear, check_s8, run_linear};
use super::binary::{self, check_f32, run_f32, walk};
use super::s16;
use crate::{Op, OpCode, Variant};
use smidge_kernels::scalar::elementwise::sub_s8;

/// int8.
pub const S8: Op = Op {
    code: OpCode::Sub,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: |call| {
        let kernel = AttrsS8::decode(call.attrs())?.kernel();
        sub_s8(&kernel, &walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
        Ok(())
    },
};

/// int8 of equal shapes as one linear form; see ADD.
pub const S8_LINEAR: Op = Op {
    code: OpCode::Sub,
    variant: Variant::S8Linear,
    in_place: true,
    check: check_linear,
    run: run_linear,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::Sub,
    variant: Variant::S16,
    in_place: true,
    check: s16::binary::check_add,
    run: |call| s16::binary::run_add(call, true),
};

/// int32 without scales.
pub const S32: Op = binary::s32(OpCode::Sub, |call| binary::run_s32(call, i32::wrapping_sub));

/// float32.
pub const F32: Op = Op {
    code: OpCode::Sub,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: |call| run_f32(call, |a, b| a - b),
};
