//! What operators of one value share. For int8 any of them is a table of 256 bytes, which the
//! converter fills; for int16 one of 513 values with straight lines between them; for float32 and
//! integers without a scale it is a function.

use super::bounds::ensure;
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::Element;
use smidge_kernels::native;
use smidge_kernels::scalar::elementwise::map;

/// Entries of a table: one for each int8 value, from -128 up.
pub const TABLE: usize = 256;

/// An operator that is a table for int8.
pub(crate) const fn s8(code: OpCode) -> Op {
    Op { code, variant: Variant::S8, in_place: true, check: check_s8, run: run_s8 }
}

/// An operator that is a table for int16.
pub(crate) const fn s16(code: OpCode) -> Op {
    let (check, run) = (s16::unary::check_table, s16::unary::run_table);
    Op { code, variant: Variant::S16, in_place: true, check, run }
}

/// An operator that is a function of float32, without attributes.
pub(crate) const fn f32(code: OpCode, run: fn(&Call<'_>) -> Result<(), OpError>) -> Op {
    Op { code, variant: Variant::F32, in_place: true, check: check_f32, run }
}

/// An operator that is a function of int32 without a scale.
pub(crate) const fn s32(code: OpCode, run: fn(&Call<'_>) -> Result<(), OpError>) -> Op {
    Op { code, variant: Variant::S32, in_place: true, check: check_s32, run }
}

/// Fails unless one input and one output have this type and the same number of elements.
pub(crate) fn check_same(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    let (x, y) = (call.input_of(0, dtype)?, call.output_of(0, dtype)?);
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

/// int8: operands x and the table, a constant.
pub(crate) fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    call.constant::<i8>(1, DType::I8, TABLE)?;
    check_same(call, DType::I8)
}

pub(crate) fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    native::table_s8(call.cpu(), call.src(1)?, call.src(0)?, call.dst(0)?);
    Ok(())
}

/// float32: operand x, no attributes.
pub(crate) fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    check_same(call, DType::F32)
}

pub(crate) fn run_f32(call: &Call<'_>, f: impl Fn(f32) -> f32) -> Result<(), OpError> {
    run(call, f)
}

fn check_s32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    check_same(call, DType::I32)
}

pub(crate) fn run<T: Element>(call: &Call<'_>, f: impl Fn(T) -> T) -> Result<(), OpError> {
    map(call.src(0)?, call.dst(0)?, f);
    Ok(())
}
