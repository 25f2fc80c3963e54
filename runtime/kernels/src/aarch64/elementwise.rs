//! Elementwise kernels: 16 elements at a time. In place is right, because all elements of a vector
//! are read before it is written.

use super::finish::Bounds;
use super::gemm::store;
use crate::scalar::copy::RANK;
use crate::scalar::elementwise::{AddS8, Broadcast, LinearS8, MulS8};
use crate::{Dst, Multiplier, Src};
use core::arch::aarch64::*;

/// Calls `f` with the index of every 16 elements and how many of them there are.
#[inline(always)]
fn vectors(count: usize, mut f: impl FnMut(usize, usize)) {
    let mut at = 0;
    while at + 16 <= count {
        f(at, 16);
        at += 16;
    }
    if at < count {
        f(at, count - at);
    }
}

/// The first `count` of 16 bytes, at most 16.
///
/// # Safety
/// `count` bytes can be read at `x`.
#[inline(always)]
unsafe fn load(x: *const i8, count: usize) -> int8x16_t {
    // SAFETY: the caller's.
    unsafe {
        if count == 16 {
            return vld1q_s8(x);
        }
        let mut bytes = [0i8; 16];
        core::ptr::copy_nonoverlapping(x, bytes.as_mut_ptr(), count);
        vld1q_s8(bytes.as_ptr())
    }
}

/// 16 bytes as words, in order.
#[inline(always)]
fn words(v: int8x16_t) -> [int32x4_t; 4] {
    // SAFETY: every AArch64 processor has NEON.
    unsafe {
        let (low, high) = (vmovl_s8(vget_low_s8(v)), vmovl_high_s8(v));
        [
            vmovl_s16(vget_low_s16(low)),
            vmovl_high_s16(low),
            vmovl_s16(vget_low_s16(high)),
            vmovl_high_s16(high),
        ]
    }
}

/// See [`elementwise::table_s8`](crate::scalar::elementwise::table_s8).
pub(crate) fn table_s8(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    if table.len() < 256 {
        return crate::scalar::elementwise::table_s8(table, x, y);
    }
    let (t, from, to) = (table.as_ptr().cast::<u8>(), x.as_ptr(), y.as_mut_ptr());
    // SAFETY: the table has 256 entries; the elements are inside both.
    unsafe {
        let quarters = [0, 64, 128, 192].map(|at| vld1q_u8_x4(t.add(at)));
        let step = vdupq_n_u8(64);
        vectors(x.len().min(y.len()), |at, count| {
            let mut index =
                veorq_u8(vreinterpretq_u8_s8(load(from.add(at), count)), vdupq_n_u8(128));
            let mut found = vqtbl4q_u8(quarters[0], index);
            for quarter in &quarters[1..] {
                index = vsubq_u8(index, step);
                found = vqtbx4q_u8(found, *quarter, index);
            }
            store(to.add(at), vreinterpretq_s8_u8(found), count);
        });
    }
}

/// See [`elementwise::linear_s8`](crate::scalar::elementwise::linear_s8).
pub(crate) fn linear_s8(p: &LinearS8, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let count = a.len().min(b.len()).min(y.len());
    let (a, b, y) = (a.as_ptr(), b.as_ptr(), y.as_mut_ptr());
    let bounds = Bounds::new(0, p.clamp);
    let shift = p.shift & 31;
    // SAFETY: the elements are inside all three.
    unsafe {
        let factors = p.factors.map(|factor| vdupq_n_s32(factor));
        let offset = vdupq_n_s32(p.offset);
        let sums = |at: usize, count: usize| {
            let (a, b) = (words(load(a.add(at), count)), words(load(b.add(at), count)));
            let sum =
                |i: usize| vmlaq_s32(vmlaq_s32(offset, a[i & 3], factors[0]), b[i & 3], factors[1]);
            [sum(0), sum(1), sum(2), sum(3)]
        };
        if shift >= 16 {
            // The upper halves are the sums shifted by 16.
            let right = vdupq_n_s16(16 - shift as i16);
            vectors(count, |at, count| {
                let v = sums(at, count).map(|v| vreinterpretq_s16_s32(v));
                let (low, high) = (vuzp2q_s16(v[0], v[1]), vuzp2q_s16(v[2], v[3]));
                let bytes = bounds.bytes(vshlq_s16(low, right), vshlq_s16(high, right));
                store(y.add(at), bytes, count);
            });
            return;
        }
        let right = vdupq_n_s32(-(shift as i32));
        vectors(count, |at, count| {
            let v = sums(at, count).map(|v| vshlq_s32(v, right));
            store(y.add(at), bounds.words(v), count);
        });
    }
}

/// A factor for many accumulators, double rounding.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    left: int32x4_t,
    mantissa: int32x4_t,
    right: int32x4_t,
}

impl Scale {
    #[inline(always)]
    pub fn new(factor: Multiplier) -> Self {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            Self {
                left: vdupq_n_s32(factor.shift.max(0)),
                mantissa: vdupq_n_s32(factor.mantissa),
                right: vdupq_n_s32(factor.shift.min(0)),
            }
        }
    }

    /// `v` times the factor, as [`Multiplier::double`] has it.
    #[inline(always)]
    pub fn apply(self, v: int32x4_t) -> int32x4_t {
        // SAFETY: every AArch64 processor has NEON.
        unsafe {
            let high = vqrdmulhq_s32(vshlq_s32(v, self.left), self.mantissa);
            // Minus one for negative values, if there is a shift: ties go away from zero.
            let fixed = vsraq_n_s32::<31>(high, vandq_s32(high, self.right));
            vrshlq_s32(fixed, self.right)
        }
    }
}

/// `y = f(a, b)` with broadcasting, row by row.
#[inline(always)]
fn binary(
    walk: &Broadcast,
    a: Src<'_, i8>,
    b: Src<'_, i8>,
    y: Dst<'_, i8>,
    f: impl Fn(int8x16_t, int8x16_t) -> int8x16_t,
) {
    const LAST: usize = RANK - 1;
    let width = walk.count[LAST];
    let steps = [walk.a[LAST], walk.b[LAST]];
    let mut at = 0;
    walk.rows(|row_a, row_b| {
        // An operand that is broadcast along the row is one element.
        let len = |step| if step == 0 { 1 } else { width };
        let (a, b) = (a.slice(row_a, len(steps[0])), b.slice(row_b, len(steps[1])));
        let y = y.slice(at, width);
        at += width;
        if a.is_empty() || b.is_empty() || y.is_empty() {
            return;
        }
        // SAFETY: operands have as many elements as the row, or one that repeats.
        unsafe {
            let (once_a, once_b) = (vld1q_dup_s8(a.as_ptr()), vld1q_dup_s8(b.as_ptr()));
            vectors(width, |at, count| {
                let operand = |src: Src<'_, i8>, step: isize, once: int8x16_t| {
                    if step == 0 { once } else { load(src.as_ptr().add(at), count) }
                };
                let (a, b) = (operand(a, steps[0], once_a), operand(b, steps[1], once_b));
                store(y.as_mut_ptr().add(at), f(a, b), count);
            });
        }
    });
}

/// See [`elementwise::add_s8`](crate::scalar::elementwise::add_s8).
pub(crate) fn add_s8(p: &AddS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let bounds = Bounds::new(p.output_offset, p.clamp);
    let [scale_a, scale_b] = p.factors.map(Scale::new);
    let output = Scale::new(p.output);
    // SAFETY: every AArch64 processor has NEON.
    let (offsets, left) = unsafe {
        (p.offsets.map(|offset| vdupq_n_s32(offset)), vdupq_n_s32((p.left_shift & 31) as i32))
    };
    binary(walk, a, b, y, |a, b| {
        let (a, b) = (words(a), words(b));
        let sum = |i: usize| {
            // SAFETY: every AArch64 processor has NEON.
            unsafe {
                let a = scale_a.apply(vshlq_s32(vaddq_s32(a[i & 3], offsets[0]), left));
                let b = scale_b.apply(vshlq_s32(vaddq_s32(b[i & 3], offsets[1]), left));
                output.apply(vaddq_s32(a, b))
            }
        };
        bounds.words([sum(0), sum(1), sum(2), sum(3)])
    });
}

/// See [`elementwise::mul_s8`](crate::scalar::elementwise::mul_s8).
pub(crate) fn mul_s8(p: &MulS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let bounds = Bounds::new(p.output_offset, p.clamp);
    let output = Scale::new(p.output);
    // SAFETY: every AArch64 processor has NEON.
    let offsets = unsafe { p.offsets.map(|offset| vdupq_n_s32(offset)) };
    binary(walk, a, b, y, |a, b| {
        let (a, b) = (words(a), words(b));
        let product = |i: usize| {
            // SAFETY: every AArch64 processor has NEON.
            unsafe {
                let (a, b) = (vaddq_s32(a[i & 3], offsets[0]), vaddq_s32(b[i & 3], offsets[1]));
                output.apply(vmulq_s32(a, b))
            }
        };
        bounds.words([product(0), product(1), product(2), product(3)])
    });
}
