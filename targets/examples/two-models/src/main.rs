//! Two networks take turns in one arena.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

use smidge_board::{exit_code, print};

smidge::include_model!(fashion);

smidge_board::entry!(program, fashion::ARENA_LEN);

fn program(arena: &'static mut [u8]) -> u32 {
    match classify(arena) {
        Some(label) => {
            print(label);
            print("\n");
            exit_code::SUCCESS
        }
        None => exit_code::FAILURE,
    }
}

fn classify(arena: &mut [u8]) -> Option<&'static str> {
    let mut fashion = fashion::Fashion::new_in(arena).ok()?;
    let scores = fashion.run(&[0; 784]).ok()?;
    let (best, _) =
        scores.iter().zip(fashion::LABELS).max_by_key(|(score, _)| **score).map(|(s, l)| (l, s))?;
    Some(best)
}
