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
            let (mut largest, b) = (a.to_le_bytes(), b.to_le_bytes());
            for (a, b) in largest.iter_mut().zip(b) {
                *a = (*a as i8).max(b as i8) as u8;
            }
            u32::from_le_bytes(largest)
        }
    }
}

/// Sums of four bytes each, the first and the third in the halves of a register, the second and the
/// fourth in those of another.
#[derive(Clone, Copy, Default)]
pub(super) struct Pairs {
    even: u32,
    odd: u32,
}

impl Pairs {
    /// Adds four bytes: at most 256 times.
    #[inline(always)]
    pub(super) fn add(&mut self, word: u32) {
        cfg_select! {
            smidge_isa = "armv7em" => {
                // SAFETY: the instructions read and write registers only.
                unsafe {
                    core::arch::asm!("sxtab16 {e}, {e}, {w}", "sxtab16 {o}, {o}, {w}, ror #8",
                        e = inout(reg) self.even, o = inout(reg) self.odd, w = in(reg) word,
                        options(pure, nomem, nostack, preserves_flags));
                }
            }
            _ => {
                // Raised by 128, so that nothing is carried between the halves.
                let word = word ^ 0x8080_8080;
                self.even = self.even.wrapping_add(word & 0x00FF_00FF);
                self.odd = self.odd.wrapping_add((word >> 8) & 0x00FF_00FF);
            }
        }
    }

    /// The sums, after `count` additions.
    #[inline(always)]
    pub(super) fn sums(self, count: i32) -> [i32; 4] {
        cfg_select! {
            smidge_isa = "armv7em" => {
                let _ = count;
                let half = |word: u32| i32::from(word as i16);
                [half(self.even), half(self.odd), half(self.even >> 16), half(self.odd >> 16)]
            }
            _ => {
                [self.even, self.odd, self.even >> 16, self.odd >> 16]
                    .map(|half| (half & 0xFFFF) as i32 - 128 * count)
            }
        }
    }
}
