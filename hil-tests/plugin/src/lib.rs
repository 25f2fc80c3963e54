//! A QEMU plugin that counts the instructions a core executes between the markers of
//! `smidge-board`: instructions that do nothing.
//!
//! | marker | Thumb | AArch64 | RISC-V |
//! |---|---|---|---|
//! | an inference starts | `BF60` | `hint #0x60` | `addi x0, x0, 0x111` |
//! | an inference stops | `BF70` | `hint #0x61` | `addi x0, x0, 0x222` |
//! | one of its steps is done | `BF80` | `hint #0x62` | `addi x0, x0, 0x333` |
//!
//! The markers themselves are not counted, instructions that a false condition skips are: they take
//! their place in the program. The numbers are exact, and the same in each run, where the program
//! has one thread.
//!
//! ```text
//! qemu-system-arm … -plugin libsmidge_qemu_plugin.so,out=counts
//! ```
//!
//! The file has one line for each inference: the instructions of the whole, then those of each step
//! in the order of execution, decimal, separated by spaces. What the whole has more than its steps
//! is the work between them.
//!
//! A second file, `counts.profile`, has the first inference by instruction. A line is the number of
//! the step in the order of execution (the work behind the last one has the next number), the
//! address and the bytes of the instruction in hexadecimal, how often it was executed, and how often
//! a branch was taken there. Every change of flow but to the next instruction is a taken branch.
//!
//! QEMU's plugin interface is C, so this crate is not free of unsafe code; all of it is in `qemu`.
//! It speaks version 1 of the interface, which QEMU 4.2 to 8.2 have.

#![cfg(unix)]
#![deny(unsafe_code)]

mod marker;
#[cfg(not(test))]
mod qemu;
mod record;
mod table;
