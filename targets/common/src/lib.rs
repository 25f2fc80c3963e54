//! What the firmware of all boards shares.
//!
//! - [`entry!`]: where a program starts, and what it gets.
//! - [`exit`], [`print`], [`Files`], [`slot`]: what a program asks of the machine around it. On bare
//!   metal that is semihosting, under an emulator or a debug probe; on Linux the system.
//! - [`serve`]: speaks `smidge-link` on any wire, runs the network in the blob [`Slot`], and puts
//!   another one there where firmware programs its flash itself ([`FlashSlot`]).
//! - [`marker`]: instructions that do nothing, between which an emulator counts.
//! - [`stack`]: how much stack was ever in use.
//! - A panic handler that no image may need (feature `prove-no-panic`), and a handler of faults
//!   that says where it happened and ends the program.
//!
//! The crate also compiles for the host, as for any Linux, so that its tests run there.

#![no_std]

#[cfg(not(target_os = "none"))]
extern crate std;

#[cfg(target_os = "none")]
mod bare;
mod entry;
#[cfg(not(target_os = "none"))]
mod linux;
pub mod marker;
mod panel;
mod server;
mod slot;
pub mod stack;
mod text;

#[cfg(all(target_os = "none", feature = "board"))]
pub use bare::board::*;
#[cfg(all(target_os = "none", not(feature = "board")))]
pub use bare::panel;
#[cfg(target_os = "none")]
pub use bare::{Files, argument, exit, prepare, print, slot};
#[cfg(not(target_os = "none"))]
pub use linux::{Files, argument, exit, panel, prepare, print, slot};
#[cfg(feature = "board")]
pub use panel::{ActiveHigh, ActiveLow};
pub use panel::{Counter, Extended, Indicator, Lamp, Panel};
#[cfg(all(target_os = "none", feature = "board"))]
pub use server::serve_board;
pub use server::{Identity, log, serve};
pub use slot::{FlashSlot, Slot, SlotError};
pub use smidge_link::{Record, Transport};
pub use text::{print_hex, print_u32};

/// A file of the host could not be opened, read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileError;

/// Exit codes of the firmware, as the host sees them.
pub mod exit_code {
    /// Everything went well.
    pub const SUCCESS: u32 = 0;
    /// The program was started in the wrong way, or its wire broke.
    pub const FAILURE: u32 = 1;
    /// The processor took a fault.
    pub const HARD_FAULT: u32 = 70;
    /// A panic; only without the feature `prove-no-panic`.
    pub const PANIC: u32 = 101;
}
