//! Copies and fills of short runs, exact to the byte.

use core::arch::aarch64::*;

/// Copies `count` bytes. Where the two overlap the result is unspecified bytes.
///
/// # Safety
/// `count` bytes can be read at `from` and written at `to`.
#[inline(always)]
pub(super) unsafe fn copy(from: *const i8, to: *mut i8, count: usize) {
    // SAFETY: every access is inside `count` bytes; the last may lie over the one before it.
    unsafe {
        if count >= 16 {
            let last = count - 16;
            let mut at = 0;
            while at + 64 <= count {
                vst1q_s8_x4(to.add(at), vld1q_s8_x4(from.add(at)));
                at += 64;
            }
            while at < last {
                vst1q_s8(to.add(at), vld1q_s8(from.add(at)));
                at += 16;
            }
            vst1q_s8(to.add(last), vld1q_s8(from.add(last)));
            return;
        }
        let mut at = 0;
        if count & 8 != 0 {
            to.cast::<u64>().write_unaligned(from.cast::<u64>().read_unaligned());
            at = 8;
        }
        if count & 4 != 0 {
            to.add(at).cast::<u32>().write_unaligned(from.add(at).cast::<u32>().read_unaligned());
            at += 4;
        }
        if count & 2 != 0 {
            to.add(at).cast::<u16>().write_unaligned(from.add(at).cast::<u16>().read_unaligned());
            at += 2;
        }
        if count & 1 != 0 {
            to.add(at).write(from.add(at).read());
        }
    }
}

/// Writes `value` to `count` bytes.
///
/// # Safety
/// `count` bytes can be written at `to`.
#[inline(always)]
pub(super) unsafe fn fill(to: *mut i8, value: i8, count: usize) {
    // SAFETY: every access is inside `count` bytes; the last may lie over the one before it.
    unsafe {
        let wide = vdupq_n_s8(value);
        if count >= 16 {
            let last = count - 16;
            let mut at = 0;
            while at < last {
                vst1q_s8(to.add(at), wide);
                at += 16;
            }
            vst1q_s8(to.add(last), wide);
            return;
        }
        super::gemm::store(to, wide, count);
    }
}
