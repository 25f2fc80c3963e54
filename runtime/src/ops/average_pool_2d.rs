//! AVERAGE_POOL_2D: `x [N,H,W,C] -> y [N,Ho,Wo,C]`, the average over the part of the window that is
//! inside the image.
//!
//! int8 keeps scale and zero point; averages are rounded to nearest, ties away from zero, or upwards
//! for models whose source is unsigned.

use super::bounds::ensure;
use super::pool::Attrs;
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::scalar::pool::{AverageRounding, Pool, average_f32, average_s16};
use smidge_kernels::{Clamp, Window, native};

/// int8.
pub const S8: Op = Op {
    code: OpCode::AveragePool2d,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::AveragePool2d,
    variant: Variant::S16,
    in_place: false,
    check: check_s16,
    run: run_s16,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::AveragePool2d,
    variant: Variant::F32,
    in_place: false,
    check: |call| Attrs::<f32>::decode(call.attrs())?.check(call, DType::F32),
    run: run_f32,
};

/// Most values whose sum, raised by 128 each, has 31 bits.
const MOST_SUMMED_S8: usize = 1 << 22;

/// Fails if a window has more elements than can be summed.
fn check_area(window: &Window, most: usize) -> Result<(), OpError> {
    let inside = |axis: usize| -> Option<usize> {
        Some(*window.kernel.get(axis)?.min(window.input.get(axis)?))
    };
    let area = inside(0).and_then(|height| height.checked_mul(inside(1)?));
    ensure(area.is_some_and(|area| area <= most), OpError::Shape)
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i32>::decode(call.attrs())?;
    attrs.check(call, DType::I8)?;
    check_area(&attrs.infer(call.shape(0)?)?.0, MOST_SUMMED_S8)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i32>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let pool = Pool { window, channels: shape.last(), clamp: attrs.clamp };
    let rounding = if attrs.round_up { AverageRounding::Up } else { AverageRounding::AwayFromZero };
    native::average_s8(call.cpu(), &pool, rounding, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_s16(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i16>::decode(call.attrs())?;
    attrs.check(call, DType::I16)?;
    check_area(&attrs.infer(call.shape(0)?)?.0, s16::MOST_SUMMED)
}

fn run_s16(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<i16>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let clamp = Clamp { min: attrs.clamp.min.into(), max: attrs.clamp.max.into() };
    let pool = Pool { window, channels: shape.last(), clamp };
    average_s16(&pool, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<f32>::decode(call.attrs())?;
    let shape = call.shape(0)?;
    let window = attrs.over(shape)?;
    let pool = Pool { window, channels: shape.last(), clamp: attrs.clamp };
    average_f32(&pool, call.src(0)?, call.dst(0)?);
    Ok(())
}
