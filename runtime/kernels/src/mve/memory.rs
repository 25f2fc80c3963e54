//! Copying and filling with vectors whose last one is cut to length.

use core::arch::asm;

/// Copies `len` bytes.
///
/// # Safety
/// Both sides hold `len` bytes; `to` is not inside the source.
#[inline]
pub(super) unsafe fn copy(from: *const i8, to: *mut i8, len: usize) {
    // SAFETY: the loop touches `len` bytes on both sides, which the caller vouches for.
    unsafe {
        asm!(
            "wlstp.8 lr, {len}, 3f",
            "2:",
            "vldrb.u8 q0, [{from}], #16",
            "vstrb.8 q0, [{to}], #16",
            "letp lr, 2b",
            "3:",
            len = in(reg) len,
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            out("lr") _,
            out("q0") _,
            options(nostack),
        );
    }
}

/// Sets `len` bytes.
///
/// # Safety
/// `to` holds `len` bytes.
#[inline]
pub(super) unsafe fn fill(to: *mut i8, value: i8, len: usize) {
    // SAFETY: the loop touches `len` bytes, which the caller vouches for.
    unsafe {
        asm!(
            "vdup.8 q0, {value}",
            "wlstp.8 lr, {len}, 3f",
            "2:",
            "vstrb.8 q0, [{to}], #16",
            "letp lr, 2b",
            "3:",
            value = in(reg) i32::from(value),
            len = in(reg) len,
            to = inout(reg) to => _,
            out("lr") _,
            out("q0") _,
            options(nostack),
        );
    }
}

/// Copies `count` columns of `len` bytes that follow each other to columns `step` bytes apart.
///
/// # Safety
/// The source holds `count * len` bytes, the destination `len` bytes at every step; they are apart.
pub(super) unsafe fn columns(
    mut from: *const i8,
    mut to: *mut i8,
    count: usize,
    len: usize,
    step: usize,
) {
    for _ in 0..count {
        // SAFETY: a column of both sides.
        unsafe { copy(from, to, len) };
        from = from.wrapping_add(len);
        to = to.wrapping_add(step);
    }
}
