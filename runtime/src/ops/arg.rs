//! What ARG_MAX and ARG_MIN share: the axis, and positions as int32 or int64.

use super::bounds::ensure;
use super::lines::{Attrs, lines};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::{Element, scalar::scan};

type Driver = fn(&Call<'_>) -> Result<(), OpError>;

/// An operator on elements of one type.
pub(crate) const fn op(code: OpCode, variant: Variant, run: Driver) -> Op {
    let check: Driver = match variant {
        Variant::S8 => |call| check(call, DType::I8),
        Variant::S32 => |call| check(call, DType::I32),
        _ => |call| check(call, DType::F32),
    };
    Op { code, variant, in_place: false, check, run }
}

fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let x = call.input_of(0, dtype)?.shape;
    let lines = lines(x, Attrs::decode(call.attrs())?)?;
    let y = call.output(0)?;
    ensure(matches!(y.dtype, DType::I32 | DType::I64), OpError::Type)?;
    ensure(lines.len > 0 && y.shape.elements() == lines.outer * lines.inner, OpError::Shape)
}

pub(crate) fn run<T: Element>(
    call: &Call<'_>,
    beats: impl Fn(T, T) -> bool,
) -> Result<(), OpError> {
    let lines = lines(call.input(0)?.shape, Attrs::decode(call.attrs())?)?;
    match call.output(0)?.dtype {
        DType::I64 => scan::arg(&lines, call.src(0)?, call.dst(0)?, beats, |i| i as i64),
        _ => scan::arg(&lines, call.src(0)?, call.dst(0)?, beats, |i| i as i32),
    }
    Ok(())
}
