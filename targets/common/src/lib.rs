//! What the firmware of all boards shares.
//!
//! - [`serve`]: speaks `smidge-link` on any wire and runs the network in the blob slot.
//! - [`marker`]: instructions that do nothing, between which an emulator counts.
//! - [`semihosting`]: the host's files and console, under QEMU or a debug probe.
//! - [`stack`]: how much stack was ever in use.
//! - A panic handler that no image may need (feature `prove-no-panic`), and a hard-fault handler
//!   that says where it happened and ends the program.
//!
//! The crate also compiles for the host, without semihosting and handlers, so that its tests run
//! there.

#![no_std]

mod handlers;
pub mod marker;
#[cfg(target_arch = "arm")]
pub mod semihosting;
mod server;
pub mod stack;

pub use server::{Identity, serve};

/// Exit codes of the firmware, as the host sees them.
pub mod exit_code {
    /// Everything went well.
    pub const SUCCESS: u32 = 0;
    /// The program was started in the wrong way, or its wire broke.
    pub const FAILURE: u32 = 1;
    /// The processor took a hard fault.
    pub const HARD_FAULT: u32 = 70;
    /// A panic; only without the feature `prove-no-panic`.
    pub const PANIC: u32 = 101;
}
