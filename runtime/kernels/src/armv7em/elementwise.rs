//! Elementwise kernels.

use crate::scalar::elementwise::LinearS8;
use crate::{Dst, Src};
use core::arch::asm;

/// [`LinearS8::apply`] of the first elements, in fours, saturating to 8 bits; returns how many
/// there were. Takes 8 instructions for each.
pub(crate) fn linear_s8(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) -> usize {
    let count = a.len().min(b.len()).min(y.len()) & !3;
    if count == 0 {
        return 0;
    }
    macro_rules! element {
        ($at:literal) => {
            concat!(
                "sxtb {s}, {a}, ror #",
                $at,
                "
                mla {s}, {s}, {f}, {offset}
                sxtb {t}, {b}, ror #",
                $at,
                "
                mla {s}, {t}, {g}, {s}
                asr {s}, {shift}
                ssat {s}, #8, {s}
                strb {s}, [{y}], #1
                "
            )
        };
    }
    // SAFETY: both operands and the output hold `count` elements, a multiple of four, and words may
    // start anywhere.
    unsafe {
        let y = y.as_mut_ptr();
        asm!(
            "2:",
            "ldr {a}, [{pa}], #4",
            "ldr {b}, [{pb}], #4",
            element!("0"),
            element!("8"),
            element!("16"),
            element!("24"),
            "cmp {y}, {end}",
            "bne 2b",
            pa = inout(reg) a.as_ptr() => _,
            pb = inout(reg) b.as_ptr() => _,
            y = inout(reg) y => _,
            end = in(reg) y.add(count),
            f = in(reg) p.factors[0],
            g = in(reg) p.factors[1],
            offset = in(reg) p.offset,
            shift = in(reg) p.shift & 31,
            a = out(reg) _,
            b = out(reg) _,
            s = out(reg) _,
            t = out(reg) _,
            options(nostack),
        );
    }
    count
}
