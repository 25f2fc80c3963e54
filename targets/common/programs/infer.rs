//! The program of every real board: runs whatever blob is in the slot, for a host behind the debug
//! probe's files or at the other end of the board's wire.

#![no_std]
#![no_main]

use smidge_board::{exit_code, serve_board};

include!(concat!(env!("OUT_DIR"), "/board.rs"));
include!(concat!(env!("OUT_DIR"), "/ops.rs"));

smidge_board::entry!(infer, ARENA_LEN);

fn infer(arena: &mut [u8]) -> u32 {
    let Some((mut panel, wire)) = board::start() else { return exit_code::FAILURE };
    serve_board(wire, &mut panel, IDENTITY, arena, OPS)
}
