//! Runs whatever blob is in the slot, for a host that speaks `smidge-link` through semihosting.

#![no_std]
#![no_main]

use smidge::Arena;
use smidge::format::Isa;
use smidge_board::semihosting::{Files, exit, print};
use smidge_board::{Identity, exit_code, serve};
use smidge_qemu_m4::slot;

include!(concat!(env!("OUT_DIR"), "/ops.rs"));

/// Bytes of the arena: what RAM leaves beside the stack.
const ARENA_LEN: usize = 3 << 20;
const IDENTITY: Identity =
    Identity { board: "qemu:cortex-m4", isa: Isa::CortexM4, firmware: env!("CARGO_PKG_VERSION") };

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut ARENA: Arena<ARENA_LEN> = Arena::new();
    let Ok(files) = Files::from_command_line() else {
        print("usage: two file names on the command line, requests and replies\n");
        exit(exit_code::FAILURE)
    };
    match serve(files, IDENTITY, slot(), ARENA, OPS) {
        Ok(()) => exit(exit_code::SUCCESS),
        Err(_) => {
            print("the requests ended without a goodbye\n");
            exit(exit_code::FAILURE)
        }
    }
}
