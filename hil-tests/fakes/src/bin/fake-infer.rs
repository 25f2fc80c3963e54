//! The Linux program of boards behind `ssh`, for this computer: blob, requests and replies are files.

use std::process::ExitCode;

use smidge_board::{Files, slot};
use smidge_fakes::{ARENA, serve_once};

fn main() -> ExitCode {
    let Ok(files) = Files::from_command_line() else { return ExitCode::FAILURE };
    match serve_once(files, "fake-ssh", slot(), ARENA) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
