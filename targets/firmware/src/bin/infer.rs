//! Runs whatever blob is in the slot, for a host that speaks `smidge-link` through files.

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge_board::{Files, exit_code, panel, print, serve, slot};

include!(concat!(env!("OUT_DIR"), "/board.rs"));
include!(concat!(env!("OUT_DIR"), "/ops.rs"));

smidge_board::entry!(infer, ARENA_LEN);

fn infer(arena: &mut [u8]) -> u32 {
    let Ok(files) = Files::from_command_line() else {
        print("usage: two file names on the command line, requests and replies\n");
        return exit_code::FAILURE;
    };
    match serve(files, &mut panel(), IDENTITY, slot(), arena, OPS) {
        Ok(()) => exit_code::SUCCESS,
        Err(_) => {
            print("the requests ended without a goodbye\n");
            exit_code::FAILURE
        }
    }
}
