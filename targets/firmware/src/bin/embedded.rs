//! A network inside the firmware: the blob that `SMIDGE_BLOB` names when this is built, checked in the
//! build. Runs it once on zeros and prints which int8 output is the greatest.
//!
//! ```text
//! SMIDGE_BLOB=/path/to/kws.smg cargo run --release --bin embedded
//! ```

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge::Session;
use smidge_board::{exit_code, print, print_u32};

include!(concat!(env!("OUT_DIR"), "/model.rs"));

smidge_board::entry!(embedded, 256 << 10);

fn embedded(arena: &mut [u8]) -> u32 {
    let Some(place) = greatest_output(arena) else {
        print("no model that runs here\n");
        return exit_code::FAILURE;
    };
    print("greatest output: ");
    print_u32(place as u32);
    print("\n");
    exit_code::SUCCESS
}

fn greatest_output(arena: &mut [u8]) -> Option<usize> {
    let mut session = Session::new(MODEL.as_ref()?, arena).ok()?;
    session.input_mut::<i8>(0).ok()?.fill(0);
    session.invoke().ok()?;
    let output = session.output::<i8>(0).ok()?;
    output.iter().enumerate().max_by_key(|(_, value)| **value).map(|(place, _)| place)
}
