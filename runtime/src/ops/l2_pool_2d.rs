//! L2_POOL_2D: `x [N,H,W,C] -> y [N,Ho,Wo,C]`, the root of the mean of squares over the part of the
//! window that is inside the image.

use super::pool::Attrs;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::scalar::pool::{Pool, l2_f32};

/// float32.
pub const F32: Op = Op {
    code: OpCode::L2Pool2d,
    variant: Variant::F32,
    in_place: false,
    check: |call| Attrs::<f32>::decode(call.attrs())?.check(call, DType::F32),
    run,
};

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::<f32>::decode(call.attrs())?;
    let shape = call.input(0)?.shape;
    let (window, _) = attrs.infer(shape)?;
    let pool = Pool { window, channels: shape.last(), clamp: attrs.clamp };
    l2_f32(&pool, call.src(0)?, call.dst(0)?, libm::sqrtf);
    Ok(())
}
