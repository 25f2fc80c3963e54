//! RESIZE_NEAREST_NEIGHBOR: `x [N,H,W,C] -> y [N,Ho,Wo,C]`, every pixel the nearest of the input.
//!
//! Operands: x and the input's rows and columns for each of the output's, constants that the converter
//! computes.

use super::bounds::ensure;
use super::resize::sizes;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::scalar::resize::nearest;

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::ResizeNearestNeighbor, variant: Variant::Any, in_place: false, check, run };

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let sizes = sizes(call)?;
    for (index, (input, output)) in sizes.input.into_iter().zip(sizes.output).enumerate() {
        let table = call.constant::<i32>(1 + index, DType::I32, output)?;
        let inside = |&at: &i32| usize::try_from(at).is_ok_and(|at| at < input);
        ensure(table.iter().all(inside), OpError::Attributes)?;
    }
    Ok(())
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let sizes = sizes(call)?;
    let (rows, columns) = (call.src(1)?, call.src(2)?);
    match call.input(0)?.dtype.size() {
        1 => nearest::<u8>(&sizes, rows, columns, call.src(0)?, call.dst(0)?),
        2 => nearest::<u16>(&sizes, rows, columns, call.src(0)?, call.dst(0)?),
        4 => nearest::<u32>(&sizes, rows, columns, call.src(0)?, call.dst(0)?),
        _ => nearest::<u64>(&sizes, rows, columns, call.src(0)?, call.dst(0)?),
    }
    Ok(())
}
