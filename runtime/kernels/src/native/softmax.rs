//! Softmax over the last dimension.

use crate::scalar::softmax::{self};
use crate::{Cpu, Dst, Src};

/// See [`softmax::softmax_s8`].
#[inline]
pub fn softmax_s8(cpu: Cpu, exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    softmax::softmax_s8(exps, depth, x, y);
}
