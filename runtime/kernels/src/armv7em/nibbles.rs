//! Weights of four bits become words as the kernels read them. A word of eight has those of two
//! words: raised by 8, the first ones in the low halves of its bytes.

use core::arch::asm;

/// Makes `2 * count` words of `count`; `$sub` takes 8 from each byte, with a borrow or without.
macro_rules! widen {
    ($(#[$doc:meta])* $name:ident, $sub:literal) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// `count` words can be read at `from`, and twice as many written at `to`.
        pub(super) unsafe fn $name(from: *const u32, to: *mut u32, count: usize) {
            // SAFETY: the caller's.
            unsafe {
                asm!(
                    "lsrs {n}, #1
                     bcc 3f
                     ldr {a}, [{from}], #4
                     and {b}, {m}, {a}, lsr #4
                     and {a}, {m}, {a}",
                    concat!($sub, " {a}, {a}, {k}"),
                    concat!($sub, " {b}, {b}, {k}"),
                    "strd {a}, {b}, [{to}], #8
                     3: beq 5f
                     4: ldrd {a}, {c}, [{from}], #8
                     and {b}, {m}, {a}, lsr #4
                     and {d}, {m}, {c}, lsr #4
                     and {a}, {m}, {a}
                     and {c}, {m}, {c}",
                    concat!($sub, " {a}, {a}, {k}"),
                    concat!($sub, " {b}, {b}, {k}"),
                    concat!($sub, " {c}, {c}, {k}"),
                    concat!($sub, " {d}, {d}, {k}"),
                    "strd {a}, {b}, [{to}], #8
                     strd {c}, {d}, [{to}], #8
                     subs {n}, #1
                     bne 4b
                     5:",
                    from = inout(reg) from => _, to = inout(reg) to => _,
                    n = inout(reg) count => _,
                    m = in(reg) 0x0F0F_0F0Fu32, k = in(reg) 0x0808_0808u32,
                    a = out(reg) _, b = out(reg) _, c = out(reg) _, d = out(reg) _,
                    options(nostack)
                );
            }
        }
    };
}

widen!(
    /// Superposed weights, `256 b + a` in each half of a word.
    superposed,
    "ssub16"
);
widen!(
    /// Four weights to a word.
    bytes,
    "ssub8"
);
