//! LOG_SOFTMAX: `x - log(sum of exp(x)) -> y`, over the last dimension.

use super::unary;
use crate::{Op, OpCode};
use smidge_kernels::scalar::normalize::log_softmax_f32;

/// float32.
pub const F32: Op = unary::f32(OpCode::LogSoftmax, |call| {
    let depth = call.input(0)?.shape.last();
    log_softmax_f32(depth, call.src(0)?, call.dst(0)?, libm::expf, libm::logf);
    Ok(())
});
