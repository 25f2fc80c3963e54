//! CAST: `x -> y`, elementwise: numbers of another type.
//!
//! Integers keep their low bits; floats are cut off at the point and saturate; Bool is whether x is
//! not 0.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::scalar::float16;
use smidge_kernels::{Dst, Src};

/// Any of int8, uint8, int16, int32, int64, Bool and float32 to any other.
pub const ANY: Op = Op { code: OpCode::Cast, variant: Variant::Any, in_place: false, check, run };

/// float16 or float64 to or from any of these, by way of float64.
pub const F64: Op = Op {
    code: OpCode::Cast,
    variant: Variant::F64,
    in_place: false,
    check: check_f64,
    run: run_f64,
};

fn check(call: &Call<'_>) -> Result<(), OpError> {
    let known = |dtype| !matches!(dtype, DType::F16 | DType::F64);
    ensure(known(call.input(0)?.dtype) && known(call.output(0)?.dtype), OpError::Type)?;
    check_f64(call)
}

fn check_f64(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.dtype != DType::I4 && y.dtype != DType::I4, OpError::Type)?;
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

fn run_f64(call: &Call<'_>) -> Result<(), OpError> {
    match call.input(0)?.dtype {
        DType::F64 => floats(call, &mut call.src::<u64>(0)?.iter().map(f64::from_bits)),
        DType::F32 => floats(call, &mut call.src::<f32>(0)?.iter().map(f64::from)),
        DType::F16 => floats(call, &mut call.src::<u16>(0)?.iter().map(float16::to_f64)),
        DType::I8 => floats(call, &mut call.src::<i8>(0)?.iter().map(f64::from)),
        DType::U8 | DType::Bool => floats(call, &mut call.src::<u8>(0)?.iter().map(f64::from)),
        DType::I16 => floats(call, &mut call.src::<i16>(0)?.iter().map(f64::from)),
        DType::I32 => floats(call, &mut call.src::<i32>(0)?.iter().map(f64::from)),
        _ => floats(call, &mut call.src::<i64>(0)?.iter().map(|v| v as f64)),
    }
}

fn floats(call: &Call<'_>, values: &mut dyn Iterator<Item = f64>) -> Result<(), OpError> {
    match call.output(0)?.dtype {
        DType::F64 => put(call, values, |y: Dst<'_, u64>, i, v| y.set(i, v.to_bits())),
        DType::F32 => put(call, values, |y: Dst<'_, f32>, i, v| y.set(i, v as f32)),
        DType::F16 => put(call, values, |y: Dst<'_, u16>, i, v| y.set(i, float16::from_f64(v))),
        DType::Bool => put(call, values, |y: Dst<'_, u8>, i, v| y.set(i, u8::from(v != 0.0))),
        DType::I8 => put(call, values, |y: Dst<'_, i8>, i, v| y.set(i, v as i8)),
        DType::U8 => put(call, values, |y: Dst<'_, u8>, i, v| y.set(i, v as u8)),
        DType::I16 => put(call, values, |y: Dst<'_, i16>, i, v| y.set(i, v as i16)),
        DType::I32 => put(call, values, |y: Dst<'_, i32>, i, v| y.set(i, v as i32)),
        _ => put(call, values, |y: Dst<'_, i64>, i, v| y.set(i, v as i64)),
    }
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let (from, to) = (call.input(0)?.dtype, call.output(0)?.dtype);
    if from == DType::F32 {
        let x: Src<'_, f32> = call.src(0)?;
        return match to {
            DType::F32 => put(call, x.iter(), |y: Dst<'_, f32>, i, v| y.set(i, v)),
            DType::Bool => put(call, x.iter(), |y: Dst<'_, u8>, i, v| y.set(i, u8::from(v != 0.0))),
            DType::I8 => put(call, x.iter(), |y: Dst<'_, i8>, i, v| y.set(i, v as i8)),
            DType::U8 => put(call, x.iter(), |y: Dst<'_, u8>, i, v| y.set(i, v as u8)),
            DType::I16 => put(call, x.iter(), |y: Dst<'_, i16>, i, v| y.set(i, v as i16)),
            DType::I32 => put(call, x.iter(), |y: Dst<'_, i32>, i, v| y.set(i, v as i32)),
            _ => put(call, x.iter(), |y: Dst<'_, i64>, i, v| y.set(i, v as i64)),
        };
    }
    match from {
        DType::I8 => integers(call, to, call.src::<i8>(0)?.iter().map(i64::from)),
        DType::U8 | DType::Bool => integers(call, to, call.src::<u8>(0)?.iter().map(i64::from)),
        DType::I16 => integers(call, to, call.src::<i16>(0)?.iter().map(i64::from)),
        DType::I32 => integers(call, to, call.src::<i32>(0)?.iter().map(i64::from)),
        _ => integers(call, to, call.src::<i64>(0)?.iter()),
    }
}

/// Writes integers as elements of the output's type: one loop for all, over a function that writes.
fn integers(
    call: &Call<'_>,
    to: DType,
    mut values: impl Iterator<Item = i64>,
) -> Result<(), OpError> {
    integers_from(call, to, &mut values)
}

fn integers_from(
    call: &Call<'_>,
    to: DType,
    values: &mut dyn Iterator<Item = i64>,
) -> Result<(), OpError> {
    match to {
        DType::F32 => put(call, values, |y: Dst<'_, f32>, i, v| y.set(i, v as f32)),
        DType::Bool => put(call, values, |y: Dst<'_, u8>, i, v| y.set(i, u8::from(v != 0))),
        DType::I8 | DType::U8 => put(call, values, |y: Dst<'_, u8>, i, v| y.set(i, v as u8)),
        DType::I16 => put(call, values, |y: Dst<'_, i16>, i, v| y.set(i, v as i16)),
        DType::I32 => put(call, values, |y: Dst<'_, i32>, i, v| y.set(i, v as i32)),
        _ => put(call, values, |y: Dst<'_, i64>, i, v| y.set(i, v)),
    }
}

fn put<'f, T: smidge_kernels::Element, V>(
    call: &Call<'f>,
    values: impl Iterator<Item = V>,
    set: impl Fn(Dst<'f, T>, usize, V),
) -> Result<(), OpError> {
    let y = call.dst::<T>(0)?;
    for (i, value) in values.enumerate() {
        set(y, i, value);
    }
    Ok(())
}
