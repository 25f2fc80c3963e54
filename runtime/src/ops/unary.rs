//! What operators of one value share. For int8 any of them is a table of 256 bytes, which the
//! converter fills; for float32 it is a function.

use super::bounds::ensure;
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_kernels::native;
use smidge_kernels::scalar::elementwise::map_f32;

/// Entries of a table: one for each int8 value, from -128 up.
pub const TABLE: usize = 256;

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
    map_f32(call.src(0)?, call.dst(0)?, f);
    Ok(())
}
