//! Four bytes at a time.

/// Whether words may start anywhere.
const ANYWHERE: bool = cfg!(any(
    all(target_arch = "arm", not(smidge_isa = "armv6m")),
    target_arch = "aarch64",
    target_arch = "x86_64"
));

/// Whether words may be read at an address and at all others in these steps.
#[inline]
pub(super) fn may_read(start: *const i8, steps: [usize; 2]) -> bool {
    ANYWHERE || (start.addr() | steps[0] | steps[1]).is_multiple_of(4)
}

/// The four bytes from `from`, the first one lowest.
///
/// # Safety
/// They can be read, and [`may_read`] agrees.
#[inline(always)]
pub(super) unsafe fn read(from: *const i8) -> u32 {
    // SAFETY: the caller vouches for the bytes; where words must be aligned, they are.
    let word = unsafe {
        if ANYWHERE { from.cast::<u32>().read_unaligned() } else { from.cast::<u32>().read() }
    };
    u32::from_le(word)
}

/// Byte `at` of a word.
#[inline(always)]
pub(super) fn byte(word: u32, at: u32) -> i32 {
    i32::from((word >> (8 * at)) as i8)
}

/// The largest of each pair of bytes.
#[inline(always)]
pub(super) fn max(a: u32, b: u32) -> u32 {
    cfg_select! {
        smidge_isa = "armv7em" => {
            let mut largest = a;
            // SAFETY: the instructions read and write registers only.
            unsafe {
                core::arch::asm!("ssub8 {t}, {a}, {b}", "sel {a}, {a}, {b}", t = out(reg) _,
                    a = inout(reg) largest, b = in(reg) b, options(pure, nomem, nostack));
            }
            largest
        }
        _ => {
            let at = |i: u32| (byte(a, i).max(byte(b, i)) as u32 & 0xFF) << (8 * i);
            at(0) | at(1) | at(2) | at(3)
        }
    }
}
