//! MAX_POOL_2D: `x [N,H,W,C] -> y [N,Ho,Wo,C]`, the maximum over the part of the window that is
//! inside the image. int8 keeps scale and zero point.

use super::pool::Attrs;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::Clamp;
use smidge_kernels::native;
use smidge_kernels::scalar::pool::{Pool, max_f32, max_s16};

/// int8.
pub const S8: Op = Op {
    code: OpCode::MaxPool2d,
    variant: Variant::S8,
    in_place: false,
    check: |call| Attrs::<i32>::decode(call.attrs())?.check(call, DType::I8),
    run: run_s8,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::MaxPool2d,
    variant: Variant::S16,
    in_place: false,
    check: |call| Attrs::<i16>::decode(call.attrs())?.check(call, DType::I16),
    run: run_s16,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::MaxPool2d,
    variant: Variant::F32,
    in_place: false,
    check: |call| Attrs::<f32>::decode(call.attrs())?.check(call, DType::F32),
    run: run_f32,
};

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i32>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let clamp = Clamp { min: attrs.clamp.min as i8, max: attrs.clamp.max as i8 };
    let pool = Pool { window, channels: shape.last(), clamp };
    native::max_s8(call.cpu(), &pool, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_s16(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i16>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let pool = Pool { window, channels: shape.last(), clamp: attrs.clamp };
    max_s16(&pool, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<f32>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let pool = Pool { window, channels: shape.last(), clamp: attrs.clamp };
    max_f32(&pool, call.src(0)?, call.dst(0)?);
    Ok(())
}
