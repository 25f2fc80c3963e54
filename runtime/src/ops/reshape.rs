//! RESHAPE: the same elements in another shape. In place it does nothing.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Reshape, variant: Variant::Any, in_place: true, check, run };

pub(crate) fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.dtype == y.dtype, OpError::Type)?;
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

pub(crate) fn run(call: &Call<'_>) -> Result<(), OpError> {
    call.dst::<u8>(0)?.copy_from(call.src(0)?);
    Ok(())
}
