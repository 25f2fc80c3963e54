//! Bounds of output bytes that are narrower than 8 bits, applied afterwards.

use crate::{Clamp, Dst};
use core::arch::asm;

/// Limits all values to the bounds, which are within `[-128, 127]`.
pub(crate) fn clamp(y: Dst<'_, i8>, bounds: Clamp<i32>) {
    if bounds.min <= -128 && bounds.max >= 127 {
        return;
    }
    let words = y.len() / 4;
    let rest = y.slice(4 * words, y.len() - 4 * words);
    rest.fill_with(rest.as_src().iter().map(|value| bounds.apply(i32::from(value)) as i8));
    if words == 0 {
        return;
    }
    let four = |bound: i32| u32::from(bound as u8) * 0x0101_0101;
    // SAFETY: reads and writes `words` words, which need not be aligned.
    unsafe {
        asm!(
            "2: ldr {v}, [{y}]
             ssub8 {t}, {v}, {min}
             sel {v}, {v}, {min}
             ssub8 {t}, {max}, {v}
             sel {v}, {v}, {max}
             str {v}, [{y}], #4
             subs {n}, #1
             bne 2b",
            y = inout(reg) y.as_mut_ptr() => _, n = inout(reg) words => _,
            min = in(reg) four(bounds.min), max = in(reg) four(bounds.max),
            v = out(reg) _, t = out(reg) _,
            options(nostack)
        );
    }
}
