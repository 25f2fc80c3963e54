//! RISC-V in machine mode: start-up, as the linker script of this crate places it, and traps.

use core::arch::global_asm;

// Stack and global pointer, traps, then memory: variables with initial values are copied from flash,
// others are zeroed, and the stack is painted. All bounds are multiples of 4.
global_asm!(
    ".section .init, \"ax\"",
    ".global _start",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, _stack_start",
    "la t0, _trap",
    "csrw mtvec, t0",
    "la a0, _data_start",
    "la a1, _data_end",
    "la a2, _data_load",
    "1: bgeu a0, a1, 2f",
    "lw t0, 0(a2)",
    "sw t0, 0(a0)",
    "addi a0, a0, 4",
    "addi a2, a2, 4",
    "j 1b",
    "2: la a0, _bss_start",
    "la a1, _bss_end",
    "3: bgeu a0, a1, 4f",
    "sw zero, 0(a0)",
    "addi a0, a0, 4",
    "j 3b",
    "4: la a0, _stack_end",
    "li t0, 0xCCCCCCCC",
    "5: bgeu a0, sp, 6f",
    "sw t0, 0(a0)",
    "addi a0, a0, 4",
    "j 5b",
    "6: j main",
    // The address must be a multiple of 4.
    ".balign 4",
    "_trap:",
    "csrr a0, mepc",
    "j {trap}",
    trap = sym trap,
);

/// Nothing: the start-up code has done everything.
pub fn prepare() {}

/// There are no interrupts, so a trap is a fault of the program.
extern "C" fn trap(address: u32) -> ! {
    super::fault(address)
}
