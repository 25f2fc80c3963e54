//! Means.

use crate::scalar::reduce::{self, MeanS8};
use crate::{Cpu, Dst, Src};

/// See [`reduce::mean_s8`].
#[inline]
pub fn mean_s8(cpu: Cpu, p: &MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    #[cfg(smidge_isa = "mve")]
    if crate::mve::reduce::mean_s8(p, x, y) {
        return;
    }
    reduce::mean_s8(p, x, y);
}
