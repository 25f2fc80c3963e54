//! The fastest kernel of this processor for operators that need nothing packed. Integers give the
//! same as [`scalar`](crate::scalar) bit for bit; floats may add in another order.

use crate::scalar::elementwise::Broadcast;
use crate::scalar::{conv, depthwise, elementwise, fully_connected, pool, reduce, softmax};
use crate::{Cpu, Dst, Src};

/// See [`elementwise::table_s8`].
#[inline]
pub fn table_s8(cpu: Cpu, table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::elementwise::table_s8(table, x, y);
    #[cfg(not(smidge_isa = "mve"))]
    elementwise::table_s8(table, x, y);
}

/// See [`elementwise::add_s8`].
#[inline]
pub fn add_s8(
    cpu: Cpu,
    p: &elementwise::AddS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::elementwise::add_s8(p, walk, a, b, y);
    #[cfg(not(smidge_isa = "mve"))]
    elementwise::add_s8(p, walk, a, b, y);
}

/// See [`elementwise::linear_s8`].
#[inline]
pub fn linear_s8(
    cpu: Cpu,
    p: &elementwise::LinearS8,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::elementwise::linear_s8(p, a, b, y);
    #[cfg(not(smidge_isa = "mve"))]
    elementwise::linear_s8(p, a, b, y);
}

/// See [`elementwise::mul_s8`].
#[inline]
pub fn mul_s8(
    cpu: Cpu,
    p: &elementwise::MulS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::elementwise::mul_s8(p, walk, a, b, y);
    #[cfg(not(smidge_isa = "mve"))]
    elementwise::mul_s8(p, walk, a, b, y);
}

/// See [`pool::average_s8`].
#[inline]
pub fn average_s8(
    cpu: Cpu,
    p: &pool::Pool<i32>,
    rounding: pool::AverageRounding,
    x: Src<'_, i8>,
    y: Dst<'_, i8>,
) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::pool::average_s8(p, rounding, x, y);
    #[cfg(not(smidge_isa = "mve"))]
    pool::average_s8(p, rounding, x, y);
}

/// See [`pool::max_s8`].
#[inline]
pub fn max_s8(cpu: Cpu, p: &pool::Pool<i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    crate::mve::pool::max_s8(p, x, y);
    #[cfg(not(smidge_isa = "mve"))]
    pool::max_s8(p, x, y);
}

/// See [`reduce::mean_s8`].
#[inline]
pub fn mean_s8(cpu: Cpu, p: &reduce::MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    reduce::mean_s8(p, x, y);
}

/// See [`softmax::softmax_s8`].
#[inline]
pub fn softmax_s8(cpu: Cpu, exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    softmax::softmax_s8(exps, depth, x, y);
}

/// See [`conv::conv_f32`].
#[inline]
pub fn conv_f32(cpu: Cpu, p: &conv::ConvF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    conv::conv_f32(p, x, y);
}

/// See [`depthwise::depthwise_f32`].
#[inline]
pub fn depthwise_f32(cpu: Cpu, p: &depthwise::DepthwiseF32<'_>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let _ = cpu;
    depthwise::depthwise_f32(p, x, y);
}

/// See [`fully_connected::fully_connected_f32`].
#[inline]
pub fn fully_connected_f32(
    cpu: Cpu,
    p: &fully_connected::FullyConnectedF32<'_>,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
) {
    let _ = cpu;
    fully_connected::fully_connected_f32(p, x, y);
}
