//! GATHER_ND: the parts of `x` that tuples of indices `[.., K]` name `-> y`. A tuple outside gives
//! zeros; negative indices count from the end.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::{DType, Shape};
use smidge_kernels::scalar::lookup::gather_nd;

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::GatherNd, variant: Variant::Any, in_place: false, check, run };

/// Elements of a part: what is left of x behind the first `k` dimensions.
fn inner(x: Shape, k: usize) -> Result<usize, OpError> {
    let rest = x.dims().get(k..).ok_or(OpError::Shape)?;
    Ok(rest.iter().map(|&dim| dim as usize).product())
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let (x, index, y) = (call.input(0)?, call.input(1)?, call.output(0)?);
    ensure(matches!(index.dtype, DType::I32 | DType::I64) && x.dtype == y.dtype, OpError::Type)?;
    let k = index.shape.last();
    ensure(k > 0, OpError::Shape)?;
    let tuples = index.shape.elements().checked_div(k).ok_or(OpError::Shape)?;
    ensure(tuples.checked_mul(inner(x.shape, k)?) == Some(y.shape.elements()), OpError::Shape)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let (x, index) = (call.input(0)?, call.input(1)?);
    let k = index.shape.last();
    let inner = inner(x.shape, k)? * x.dtype.size();
    let dims = x.shape;
    let dims = dims.dims().get(..k).ok_or(OpError::Shape)?;
    match index.dtype {
        DType::I64 => gather_nd::<i64>(dims, inner, call.src(0)?, call.src(1)?, call.dst(0)?),
        _ => gather_nd::<i32>(dims, inner, call.src(0)?, call.src(1)?, call.dst(0)?),
    }
    Ok(())
}
