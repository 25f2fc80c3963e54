//! SELECT_V2: `condition ? a : b -> y`, broadcasting.

use super::binary::infer;
use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::scalar::elementwise::Broadcast;
use smidge_kernels::scalar::walk::select;
use smidge_kernels::{Element, Src};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::SelectV2, variant: Variant::Any, in_place: false, check, run };

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let condition = call.input_of(0, DType::Bool)?;
    let (a, b, y) = (call.input(1)?, call.input(2)?, call.output(0)?);
    ensure(a.dtype == y.dtype && b.dtype == y.dtype, OpError::Type)?;
    let shape = infer(condition.shape, infer(a.shape, b.shape)?)?;
    ensure(shape.padded() == y.shape.padded(), OpError::Shape)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    match call.output(0)?.dtype.size() {
        1 => run_as::<u8>(call),
        2 => run_as::<u16>(call),
        4 => run_as::<u32>(call),
        _ => run_as::<u64>(call),
    }
}

fn run_as<T: Element>(call: &Call<'_>) -> Result<(), OpError> {
    let count = call.output(0)?.shape.padded();
    let shapes = [call.input(0)?.shape, call.input(1)?.shape, call.input(2)?.shape];
    let steps = shapes.map(|shape| Broadcast::steps(shape.padded(), count).unwrap_or_default());
    let (a, b): (Src<'_, T>, _) = (call.src(1)?, call.src(2)?);
    select(count, steps, call.src(0)?, a, b, call.dst(0)?);
    Ok(())
}
