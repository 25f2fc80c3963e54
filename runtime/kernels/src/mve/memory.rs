//! Copying and filling with vectors whose last one is cut to length.

use core::arch::asm;

/// Copies `count` elements; `false` if the destination starts inside the source, nothing is done then.
///
/// # Safety
/// Both sides hold `count` elements.
#[inline]
pub(crate) unsafe fn copy_elements<T>(from: *const T, to: *mut T, count: usize) -> bool {
    let len = count.wrapping_mul(size_of::<T>());
    let behind = to.addr().wrapping_sub(from.addr());
    let apart = behind == 0 || behind >= len;
    if apart {
        // SAFETY: the caller's promise; what is read is not written over before.
        unsafe { copy(from.cast(), to.cast(), len) };
    }
    apart
}

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

/// Copies columns of `len` bytes that follow each other to places `step` bytes apart.
pub(super) struct Columns {
    len: usize,
    step: usize,
    /// Columns that a vector holds, whose places are within its offsets of 8 bits; at most 1 for
    /// columns that are copied one by one.
    together: usize,
    offsets: [u8; 16],
}

impl Columns {
    pub(super) fn new(len: usize, step: usize) -> Self {
        let mut columns = Self { len, step, together: 0, offsets: [0; 16] };
        let (mut start, mut within) = (0, 0);
        for offset in &mut columns.offsets {
            if start + within > 255 || len > 16 {
                break;
            }
            *offset = (start + within) as u8;
            within += 1;
            if within == len {
                (start, within) = (start + step, 0);
                columns.together += 1;
            }
        }
        columns
    }

    /// Copies `count` columns.
    ///
    /// # Safety
    /// The source holds `count * len` bytes, the destination `len` bytes at every step; they are
    /// apart.
    pub(super) unsafe fn copy(&self, mut from: *const i8, mut to: *mut i8, count: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            match self.len {
                16 => vectors::<1>(from, to, self.step, count),
                32 => vectors::<2>(from, to, self.step, count),
                64 => vectors::<4>(from, to, self.step, count),
                _ if self.together > 1 => self.scatter(from, to, count),
                _ => {
                    for _ in 0..count {
                        copy(from, to, self.len);
                        from = from.wrapping_add(self.len);
                        to = to.wrapping_add(self.step);
                    }
                }
            }
        }
    }

    /// As [`copy`](Self::copy), as many columns at a time as a vector holds.
    ///
    /// # Safety
    /// As for [`copy`](Self::copy).
    #[inline(never)]
    unsafe fn scatter(&self, from: *const i8, to: *mut i8, count: usize) {
        let loops = count.checked_div(self.together).unwrap_or(0);
        let bytes = self.together * self.len;
        // SAFETY: vectors are cut to whole columns, of which there are `count` on both sides.
        unsafe {
            asm!(
                "vldrb.u8 q1, [{offsets}]",
                "vctp.8 {bytes}",
                "wls lr, {loops}, 3f",
                "2:",
                "vpstt",
                "vldrbt.u8 q0, [{from}]",
                "vstrbt.8 q0, [{to}, q1]",
                "add {from}, {bytes}",
                "add {to}, {step}",
                "le lr, 2b",
                "3:",
                "vctp.8 {rest}",
                "vpstt",
                "vldrbt.u8 q0, [{from}]",
                "vstrbt.8 q0, [{to}, q1]",
                offsets = in(reg) &self.offsets,
                bytes = in(reg) bytes,
                loops = in(reg) loops,
                rest = in(reg) (count - loops * self.together) * self.len,
                step = in(reg) self.together * self.step,
                from = inout(reg) from => _,
                to = inout(reg) to => _,
                out("lr") _,
                out("q0") _, out("q1") _,
                options(nostack),
            );
        }
    }
}

/// Copies columns of as many vectors, up to 4.
///
/// # Safety
/// As for [`Columns::copy`].
unsafe fn vectors<const VECTORS: u8>(from: *const i8, to: *mut i8, step: usize, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        asm!(
            "wls lr, {count}, 3f",
            "2:",
            "vldrb.u8 q0, [{from}], #16",
            ".if {vectors} > 1",
            "vldrb.u8 q1, [{from}], #16",
            ".endif",
            ".if {vectors} > 2",
            "vldrb.u8 q2, [{from}], #16",
            "vldrb.u8 q3, [{from}], #16",
            ".endif",
            "vstrb.8 q0, [{to}]",
            ".if {vectors} > 1",
            "vstrb.8 q1, [{to}, #16]",
            ".endif",
            ".if {vectors} > 2",
            "vstrb.8 q2, [{to}, #32]",
            "vstrb.8 q3, [{to}, #48]",
            ".endif",
            "add {to}, {step}",
            "le lr, 2b",
            "3:",
            vectors = const VECTORS,
            step = in(reg) step,
            count = in(reg) count,
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            out("lr") _,
            out("q0") _, out("q1") _, out("q2") _, out("q3") _,
            options(nostack),
        );
    }
}
