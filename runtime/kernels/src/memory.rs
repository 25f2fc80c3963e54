//! Small memory functions for firmware that counts bytes: what the compiler calls to copy and to
//! clear, in 200 bytes instead of 2,700, about half as fast on long stretches. For cores that may
//! access words at any address.
//!
//! The names are those of C and of Arm's run-time ABI (IHI 0043); the ones that come with the compiler
//! are weak and give way.

use core::arch::naked_asm;

macro_rules! alias {
    ($($(#[$doc:meta])* $name:ident = $target:ident($($arg:ident: $type:ty),*);)*) => { $(
        $(#[$doc])*
        ///
        /// # Safety
        /// As the function that it is.
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name($($arg: $type),*) {
            naked_asm!("b {}", sym $target)
        }
    )* };
}

/// Copies `count` bytes between places that do not overlap.
///
/// # Safety
/// `count` bytes can be read at `from` and written at `to`.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    naked_asm!(
        "mov r12, r0",
        "b 2f",
        "1:",
        "ldr r3, [r1], #4",
        "str r3, [r12], #4",
        "ldr r3, [r1], #4",
        "str r3, [r12], #4",
        "ldr r3, [r1], #4",
        "str r3, [r12], #4",
        "ldr r3, [r1], #4",
        "str r3, [r12], #4",
        "2:",
        "subs r2, #16",
        "bhs 1b",
        "adds r2, #12",
        "blo 4f",
        "3:",
        "ldr r3, [r1], #4",
        "str r3, [r12], #4",
        "subs r2, #4",
        "bhs 3b",
        "4:",
        "adds r2, #4",
        "5:",
        "subs r2, #1",
        "ittt hs",
        "ldrbhs r3, [r1], #1",
        "strbhs r3, [r12], #1",
        "bhs 5b",
        "bx lr",
    )
}

/// Copies `count` bytes between places that may overlap.
///
/// # Safety
/// As [`memcpy`].
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    naked_asm!(
        // Forwards, unless the target starts inside the source.
        "subs r3, r0, r1",
        "cmp r3, r2",
        "bhs {memcpy}",
        "add r12, r0, r2",
        "add r1, r2",
        "1:",
        "subs r2, #1",
        "ittt hs",
        "ldrbhs r3, [r1, #-1]!",
        "strbhs r3, [r12, #-1]!",
        "bhs 1b",
        "bx lr",
        memcpy = sym memcpy,
    )
}

/// Writes a byte `count` times.
///
/// # Safety
/// `count` bytes can be written at `to`.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    naked_asm!(
        "mov r12, r0",
        "uxtb r1, r1",
        "orr r1, r1, r1, lsl #8",
        "orr r1, r1, r1, lsl #16",
        "1:",
        "subs r2, #4",
        "itt hs",
        "strhs r1, [r12], #4",
        "bhs 1b",
        "adds r2, #4",
        "2:",
        "subs r2, #1",
        "itt hs",
        "strbhs r1, [r12], #1",
        "bhs 2b",
        "bx lr",
    )
}

/// [`memset`] with its last two arguments in the other order.
///
/// # Safety
/// As [`memset`].
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn __aeabi_memset(to: *mut u8, count: usize, byte: i32) {
    naked_asm!("mov r3, r1", "mov r1, r2", "mov r2, r3", "b {}", sym memset)
}

/// Writes zeros.
///
/// # Safety
/// As [`memset`].
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn __aeabi_memclr(to: *mut u8, count: usize) {
    naked_asm!("mov r2, r1", "movs r1, #0", "b {}", sym memset)
}

alias! {
    /// [`memcpy`].
    __aeabi_memcpy = memcpy(to: *mut u8, from: *const u8, count: usize);
    /// [`memcpy`] of words.
    __aeabi_memcpy4 = memcpy(to: *mut u8, from: *const u8, count: usize);
    /// [`memcpy`] of double words.
    __aeabi_memcpy8 = memcpy(to: *mut u8, from: *const u8, count: usize);
    /// [`memmove`].
    __aeabi_memmove = memmove(to: *mut u8, from: *const u8, count: usize);
    /// [`memmove`] of words.
    __aeabi_memmove4 = memmove(to: *mut u8, from: *const u8, count: usize);
    /// [`memmove`] of double words.
    __aeabi_memmove8 = memmove(to: *mut u8, from: *const u8, count: usize);
    /// [`__aeabi_memset`] of words.
    __aeabi_memset4 = __aeabi_memset(to: *mut u8, count: usize, byte: i32);
    /// [`__aeabi_memset`] of double words.
    __aeabi_memset8 = __aeabi_memset(to: *mut u8, count: usize, byte: i32);
    /// [`__aeabi_memclr`] of words.
    __aeabi_memclr4 = __aeabi_memclr(to: *mut u8, count: usize);
    /// [`__aeabi_memclr`] of double words.
    __aeabi_memclr8 = __aeabi_memclr(to: *mut u8, count: usize);
}
