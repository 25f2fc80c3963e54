//! The emulated Arm MPS2+ AN386 board: a Cortex-M4F with 4 MB of code memory, whose upper 3 MB are
//! the blob slot, and 4 MB of RAM.

#![no_std]

/// The memory that the host fills with a blob before the firmware starts.
pub fn slot() -> &'static [u8] {
    unsafe extern "C" {
        static _slot_start: u8;
        static _slot_end: u8;
    }
    let (start, end) = (&raw const _slot_start, &raw const _slot_end);
    let len = (end as usize).wrapping_sub(start as usize);
    // SAFETY: the linker script reserves these bytes for the slot, from `_slot_start` to
    // `_slot_end`; they are readable, initialised by the machine, and nothing writes to them.
    unsafe { core::slice::from_raw_parts(start, len) }
}
