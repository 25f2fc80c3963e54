//! Elementwise operators: four values in a vector of 32-bit lanes, the last vector cut to length. A
//! function that cannot compute its call returns `false` and has done nothing.

use crate::requant::Multiplier;
use crate::scalar::elementwise::{AddS8, Broadcast, LinearS8, MulS8};
use crate::{Dst, Src};
use core::arch::asm;

/// See [`table_s8`](crate::scalar::elementwise::table_s8): 16 values look up their entries together.
pub(crate) fn table_s8(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) -> bool {
    if table.len() < 256 {
        return false;
    }
    // SAFETY: as many values as both have, and an entry for each of 256.
    unsafe {
        asm!(
            "vmov.i8 q2, #128",
            "wlstp.8 lr, {count}, 3f",
            "2:",
            "vldrb.u8 q0, [{x}], #16",
            "veor q0, q0, q2",
            "vldrb.u8 q1, [{table}, q0]",
            "vstrb.8 q1, [{y}], #16",
            "letp lr, 2b",
            "3:",
            count = in(reg) x.len().min(y.len()),
            table = in(reg) table.as_ptr(),
            x = inout(reg) x.as_ptr() => _,
            y = inout(reg) y.as_mut_ptr() => _,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _,
            options(nostack),
        );
    }
    true
}

/// See [`linear_s8`](crate::scalar::elementwise::linear_s8).
pub(crate) fn linear_s8(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) -> bool {
    // SAFETY: as many values as all three have.
    unsafe {
        asm!(
            "vdup.32 q4, {factor}",
            "vdup.32 q5, {min}",
            "vdup.32 q6, {max}",
            "wlstp.32 lr, {count}, 3f",
            "2:",
            "vldrb.s32 q0, [r0], #4",
            "vmlas.s32 q0, q4, r12",
            "vldrb.s32 q1, [r1], #4",
            "vmla.s32 q0, q1, {other}",
            "vshl.s32 q0, {shift}",
            "vmax.s32 q0, q0, q5",
            "vmin.s32 q0, q0, q6",
            "vstrb.32 q0, [r2], #4",
            "letp lr, 2b",
            "3:",
            factor = in(reg) p.factors[0],
            min = in(reg) p.clamp.min,
            max = in(reg) p.clamp.max,
            count = in(reg) a.len().min(b.len()).min(y.len()),
            other = in(reg) p.factors[1],
            shift = in(reg) -((p.shift & 31) as i32),
            inout("r0") a.as_ptr() => _,
            inout("r1") b.as_ptr() => _,
            inout("r2") y.as_mut_ptr() => _,
            in("r12") p.offset,
            out("lr") _,
            out("q0") _, out("q1") _, out("q4") _, out("q5") _, out("q6") _,
            options(nostack),
        );
    }
    true
}

/// A factor for the vector form of double rounding: left shift, mantissa, 1 where negative values
/// lose one so that ties go away from zero, right shift as a negative number.
fn parts(factor: Multiplier, left: u32) -> [i32; 4] {
    let shift = factor.shift;
    let more = if shift > 0 { shift } else { 0 };
    [left as i32 + more, factor.mantissa, i32::from(shift < 0), if shift < 0 { shift } else { 0 }]
}

/// Rows of an operation with two operands.
#[derive(Clone, Copy)]
struct Row {
    a: *const i8,
    b: *const i8,
    y: *mut i8,
    count: usize,
    /// Between elements of the operands.
    steps: [usize; 2],
}

/// Calls `f` with every row of a walk; `false` if one is not inside all three.
fn rows(
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
    mut f: impl FnMut(&Row),
) -> bool {
    let [.., count] = walk.count;
    let ([.., step_a], [.., step_b]) = (walk.a, walk.b);
    let ends = |at: usize, step: usize| {
        let reach = count.saturating_sub(1).saturating_mul(step);
        at.saturating_add(reach).saturating_add(1)
    };
    // Steps of operands are those of contiguous tensors, or zero: no farther than the vector's
    // offsets of 8 bits reach.
    let near = |step: isize| (0..=64).contains(&step);
    let mut fits = near(step_a) && near(step_b);
    let steps = [step_a as usize, step_b as usize];
    let mut at = 0;
    walk.rows(|row_a, row_b| {
        fits = fits
            && ends(row_a, steps[0]) <= a.len()
            && ends(row_b, steps[1]) <= b.len()
            && ends(at, 1) <= y.len();
        at += count;
    });
    if !fits || count == 0 {
        return fits;
    }
    let mut to = y.as_mut_ptr();
    walk.rows(|row_a, row_b| {
        let (a, b) = (a.as_ptr().wrapping_add(row_a), b.as_ptr().wrapping_add(row_b));
        f(&Row { a, b, y: to, count, steps });
        to = to.wrapping_add(count);
    });
    true
}

/// See [`add_s8`](crate::scalar::elementwise::add_s8).
pub(crate) fn add_s8(
    p: &AddS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) -> bool {
    let left = p.left_shift & 31;
    let numbers = Add {
        offsets: p.offsets,
        a: parts(p.factors[0], left),
        b: parts(p.factors[1], left),
        output: parts(p.output, 0),
        zero: p.output_offset,
        clamp: [p.clamp.min, p.clamp.max],
    };
    // SAFETY: `rows` gives rows that are inside all three.
    rows(walk, a, b, y, |row| unsafe { add_row(&numbers, row) })
}

/// Numbers of an addition. The kernel's assembly knows the order of the fields.
#[repr(C)]
struct Add {
    offsets: [i32; 2],
    a: [i32; 4],
    b: [i32; 4],
    output: [i32; 4],
    zero: i32,
    clamp: [i32; 2],
}

/// Adds a row.
///
/// # Safety
/// The row is inside its operands and its output; steps are at most 64.
#[inline(never)]
unsafe fn add_row(p: &Add, row: &Row) {
    let offsets = [0, 1, 2, 3];
    let (at_a, at_b) = (offsets.map(|i| i * row.steps[0]), offsets.map(|i| i * row.steps[1]));
    // SAFETY: the caller's promise; vectors are cut to the row's length.
    unsafe {
        asm!(
            "vldrw.u32 q6, [{at_a}]",
            "vldrw.u32 q7, [{at_b}]",
            "ldrd r2, r4, [r12, #60]",
            "vdup.32 q4, r2",
            "vdup.32 q5, r4",
            "wlstp.32 lr, {count}, 3f",
            "2:",
            "vldrb.s32 q0, [{a}, q6]",
            "vldrb.s32 q1, [{b}, q7]",
            "add {a}, {step_a}",
            "add {b}, {step_b}",
            "ldrd r2, r4, [r12]",
            "vadd.i32 q0, q0, r2",
            "vadd.i32 q1, q1, r4",
            "ldrd r2, r4, [r12, #8]",
            "vshl.s32 q0, r2",
            "vqrdmulh.s32 q0, q0, r4",
            "ldrd r2, r4, [r12, #16]",
            "vqdmlah.s32 q0, q0, r2",
            "vrshl.s32 q0, r4",
            "ldrd r2, r4, [r12, #24]",
            "vshl.s32 q1, r2",
            "vqrdmulh.s32 q1, q1, r4",
            "ldrd r2, r4, [r12, #32]",
            "vqdmlah.s32 q1, q1, r2",
            "vrshl.s32 q1, r4",
            "vadd.i32 q0, q0, q1",
            "ldrd r2, r4, [r12, #40]",
            "vshl.s32 q0, r2",
            "vqrdmulh.s32 q0, q0, r4",
            "ldrd r2, r4, [r12, #48]",
            "vqdmlah.s32 q0, q0, r2",
            "vrshl.s32 q0, r4",
            "ldr r2, [r12, #56]",
            "vadd.i32 q0, q0, r2",
            "vmax.s32 q0, q0, q4",
            "vmin.s32 q0, q0, q5",
            "vstrb.32 q0, [r3], #4",
            "letp lr, 2b",
            "3:",
            at_a = in(reg) &at_a,
            at_b = in(reg) &at_b,
            a = inout(reg) row.a => _,
            b = inout(reg) row.b => _,
            step_a = in(reg) 4 * row.steps[0],
            step_b = in(reg) 4 * row.steps[1],
            count = in(reg) row.count,
            in("r12") p,
            inout("r3") row.y => _,
            out("r2") _, out("r4") _, out("lr") _,
            out("q0") _, out("q1") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
            options(nostack),
        );
    }
}

/// See [`mul_s8`](crate::scalar::elementwise::mul_s8).
pub(crate) fn mul_s8(
    p: &MulS8,
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
) -> bool {
    let numbers = Mul {
        offsets: p.offsets,
        output: parts(p.output, 0),
        zero: p.output_offset,
        clamp: [p.clamp.min, p.clamp.max],
    };
    // SAFETY: `rows` gives rows that are inside all three.
    rows(walk, a, b, y, |row| unsafe { mul_row(&numbers, row) })
}

/// Numbers of a multiplication. The kernel's assembly knows the order of the fields.
#[repr(C)]
struct Mul {
    offsets: [i32; 2],
    output: [i32; 4],
    zero: i32,
    clamp: [i32; 2],
}

/// Multiplies a row.
///
/// # Safety
/// As for [`add_row`].
#[inline(never)]
unsafe fn mul_row(p: &Mul, row: &Row) {
    let offsets = [0, 1, 2, 3];
    let (at_a, at_b) = (offsets.map(|i| i * row.steps[0]), offsets.map(|i| i * row.steps[1]));
    // SAFETY: the caller's promise; vectors are cut to the row's length.
    unsafe {
        asm!(
            "vldrw.u32 q6, [{at_a}]",
            "vldrw.u32 q7, [{at_b}]",
            "ldrd r2, r4, [r12, #28]",
            "vdup.32 q4, r2",
            "vdup.32 q5, r4",
            "wlstp.32 lr, {count}, 3f",
            "2:",
            "vldrb.s32 q0, [{a}, q6]",
            "vldrb.s32 q1, [{b}, q7]",
            "add {a}, {step_a}",
            "add {b}, {step_b}",
            "ldrd r2, r4, [r12]",
            "vadd.i32 q0, q0, r2",
            "vadd.i32 q1, q1, r4",
            "vmul.i32 q0, q0, q1",
            "ldrd r2, r4, [r12, #8]",
            "vshl.s32 q0, r2",
            "vqrdmulh.s32 q0, q0, r4",
            "ldrd r2, r4, [r12, #16]",
            "vqdmlah.s32 q0, q0, r2",
            "vrshl.s32 q0, r4",
            "ldr r2, [r12, #24]",
            "vadd.i32 q0, q0, r2",
            "vmax.s32 q0, q0, q4",
            "vmin.s32 q0, q0, q5",
            "vstrb.32 q0, [r3], #4",
            "letp lr, 2b",
            "3:",
            at_a = in(reg) &at_a,
            at_b = in(reg) &at_b,
            a = inout(reg) row.a => _,
            b = inout(reg) row.b => _,
            step_a = in(reg) 4 * row.steps[0],
            step_b = in(reg) 4 * row.steps[1],
            count = in(reg) row.count,
            in("r12") p,
            inout("r3") row.y => _,
            out("r2") _, out("r4") _, out("lr") _,
            out("q0") _, out("q1") _,
            out("q4") _, out("q5") _, out("q6") _, out("q7") _,
            options(nostack),
        );
    }
}
