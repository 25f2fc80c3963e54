//! Products of floats.

use crate::scalar::{conv, depthwise, fully_connected};
use crate::{Cpu, Dst, Src};

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
