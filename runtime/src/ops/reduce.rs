//! What reductions share: MEAN has an attribute for the axes that all others have, too.

use super::bounds::ensure;
pub use super::mean::AttrsF32 as Attrs;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::{Dst, Element, Src};

type Driver = fn(&Call<'_>) -> Result<(), OpError>;

/// A reduction of elements of one type.
pub(crate) const fn op(code: OpCode, variant: Variant, run: Driver) -> Op {
    let check: Driver = match variant {
        Variant::S8 => |call| check(call, DType::I8),
        Variant::S16 => |call| check(call, DType::I16),
        Variant::S32 => |call| check(call, DType::I32),
        Variant::S64 => |call| check(call, DType::I64),
        Variant::Bool => |call| check(call, DType::Bool),
        _ => |call| check(call, DType::F32),
    };
    Op { code, variant, in_place: false, check, run }
}

fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    let axes = Attrs::decode(call.attrs())?.axes;
    axes.check(call, dtype)?;
    ensure(call.input(0)?.shape.elements() > 0, OpError::Shape)
}

/// Folds the elements of each output, the first one being the start.
pub(crate) fn run<T: Element>(call: &Call<'_>, f: impl Fn(T, T) -> T) -> Result<(), OpError> {
    let walk = Attrs::decode(call.attrs())?.axes.over(call.input(0)?.shape);
    let (x, y): (Src<'_, T>, Dst<'_, T>) = (call.src(0)?, call.dst(0)?);
    let start = None;
    walk.fold(
        x,
        start,
        |total, x| Some(total.map_or(x, |total| f(total, x))),
        |at, total| y.set(at, total.unwrap_or_default()),
    );
    Ok(())
}
