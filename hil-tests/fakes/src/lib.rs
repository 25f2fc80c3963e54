//! What stands in for hardware in tests, with the device's own server behind it.
//!
//! - [`Board`]: a board on a serial port, which is a pseudo-terminal of this computer;
//! - the programs `fake-probe-rs`, `fake-ssh` and `fake-espflash`, which take the options that
//!   smidge gives the real ones; [`Bench`] is the folder that they work in;
//! - [`Fault`]: what goes wrong on the way.

mod bench;
mod board;
mod chip;
mod fault;

pub use bench::{Bench, Setup, program};
pub use board::{Board, Options};
pub use chip::{ARENA, Chip, FlashMemory, SECTOR, serve_once};
pub use fault::{Broken, Fault, Faulty};
