//! 16-bit activations: dot products with four rows of weights, eight values at a time.

use core::arch::asm;

/// The sums of `len` products with each of four rows.
///
/// # Safety
/// `x` and all rows have `len` elements that can be read.
#[inline(never)]
pub(crate) unsafe fn dots(x: *const i16, rows: [*const i8; 4], len: usize) -> [i32; 4] {
    let mut sums = [0i32; 4];
    let [a, b, c, d] = rows;
    let [sum_a, sum_b, sum_c, sum_d] = &mut sums;
    // SAFETY: vectors are cut to the elements that there are.
    unsafe {
        asm!(
            "wlstp.16 lr, {len}, 3f",
            "2:",
            "vldrh.u16 q0, [{x}], #16",
            "vldrb.s16 q1, [r0], #8",
            "vmladava.s16 r2, q0, q1",
            "vldrb.s16 q2, [r1], #8",
            "vmladava.s16 r4, q0, q2",
            "vldrb.s16 q1, [r3], #8",
            "vmladava.s16 r8, q0, q1",
            "vldrb.s16 q2, [r5], #8",
            "vmladava.s16 r12, q0, q2",
            "letp lr, 2b",
            "3:",
            len = in(reg) len,
            x = inout(reg) x => _,
            inout("r0") a => _,
            inout("r1") b => _,
            inout("r3") c => _,
            inout("r5") d => _,
            inout("r2") *sum_a,
            inout("r4") *sum_b,
            inout("r8") *sum_c,
            inout("r12") *sum_d,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _,
            options(nostack),
        );
    }
    sums
}
