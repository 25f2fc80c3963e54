//! Products of 16-bit values and 8-bit weights: pairs of values meet pairs of widened weights.

use core::arch::asm;

/// The sums of the products of `x` with two rows of weights. Sums wrap at 32 bits.
///
/// # Safety
/// `x` and both rows have `4 * quads` elements that can be read, and `quads` is not 0.
#[inline(always)]
pub(crate) unsafe fn dots(x: *const i16, rows: [*const i8; 2], quads: usize) -> [i32; 2] {
    let [a, b] = rows;
    let (mut first, mut second) = (0i32, 0i32);
    // SAFETY: each pass reads 8 bytes of `x` and 4 of each row, of which the caller vouches for
    // `quads`; the core loads words from any address. Only the named registers change.
    unsafe {
        asm!(
            "2:",
            "ldr {u}, [{x}], #4",
            "ldr {v}, [{x}], #4",
            "ldr {s}, [{a}], #4",
            // Values 0 and 2, values 1 and 3; weights likewise.
            "pkhbt {t}, {u}, {v}, lsl #16",
            "pkhtb {v}, {v}, {u}, asr #16",
            "sxtb16 {u}, {s}",
            "sxtb16 {s}, {s}, ror #8",
            "smlad {first}, {u}, {t}, {first}",
            "smlad {first}, {s}, {v}, {first}",
            "ldr {s}, [{b}], #4",
            "sxtb16 {u}, {s}",
            "sxtb16 {s}, {s}, ror #8",
            "smlad {second}, {u}, {t}, {second}",
            "smlad {second}, {s}, {v}, {second}",
            "subs {n}, {n}, #1",
            "bne 2b",
            x = inout(reg) x => _,
            a = inout(reg) a => _,
            b = inout(reg) b => _,
            n = inout(reg) quads => _,
            first = inout(reg) first,
            second = inout(reg) second,
            s = out(reg) _,
            t = out(reg) _,
            u = out(reg) _,
            v = out(reg) _,
            options(readonly, nostack),
        );
    }
    [first, second]
}
