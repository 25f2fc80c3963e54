//! TOPK_V2: the `k` largest elements of each row of `x -> values, positions`, falling; of equal ones
//! the first comes first. `k` is the last dimension of the outputs.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::{Element, scalar::scan};

/// int8.
pub const S8: Op = Op {
    code: OpCode::TopkV2,
    variant: Variant::S8,
    in_place: false,
    check: |call| check(call, DType::I8),
    run: run::<i8>,
};

/// int32.
pub const S32: Op = Op {
    code: OpCode::TopkV2,
    variant: Variant::S32,
    in_place: false,
    check: |call| check(call, DType::I32),
    run: run::<i32>,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::TopkV2,
    variant: Variant::F32,
    in_place: false,
    check: |call| check(call, DType::F32),
    run: run::<f32>,
};

fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(1, 2)?;
    let x = call.input_of(0, dtype)?.shape;
    let (y, positions) = (call.output_of(0, dtype)?.shape, call.output_of(1, DType::I32)?.shape);
    let (depth, k) = (x.last(), y.last());
    let rows = x.elements().checked_div(depth).ok_or(OpError::Shape)?;
    let fits = (1..=depth).contains(&k) && y.elements() == rows * k;
    ensure(fits && positions.elements() == y.elements(), OpError::Shape)
}

fn run<T: Element + PartialOrd>(call: &Call<'_>) -> Result<(), OpError> {
    let size = (call.input(0)?.shape.last(), call.output(0)?.shape.last());
    scan::top::<T>(size, call.src(0)?, call.dst(0)?, call.dst(1)?);
    Ok(())
}
