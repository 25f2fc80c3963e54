//! A QEMU plugin that counts the instructions a Thumb core executes between the markers of
//! `smidge-board`: hint instructions that do nothing.
//!
//! | marker | Thumb |
//! |---|---|
//! | an inference starts | `BF60` |
//! | an inference stops | `BF70` |
//! | one of its steps is done | `BF80` |
//!
//! The markers themselves are not counted, instructions that a false condition skips are: they take
//! their place in the program. The numbers are exact, and the same in each run.
//!
//! ```text
//! qemu-system-arm … -plugin libsmidge_qemu_plugin.so,out=counts.txt
//! ```
//!
//! The file has one line for each inference: the instructions of the whole, then those of each step
//! in the order of execution, decimal, separated by spaces. What the whole has more than its steps
//! is the work between them.
//!
//! QEMU's plugin interface is C, so this crate is not free of unsafe code; all of it is in `qemu`.
//! It speaks version 1 of the interface, which QEMU 4.2 to 8.2 have.

#![cfg(unix)]
#![deny(unsafe_code)]

#[cfg(not(test))]
mod qemu;
mod record;
