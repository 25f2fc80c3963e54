//! As `embedded`, but the device checks the blob, as firmware does whose models come from elsewhere.

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge::{Model, Session};
use smidge_board::{exit_code, print, print_u32};

include!(concat!(env!("OUT_DIR"), "/ops.rs"));

static BLOB: &[u8] = smidge::include_blob!(concat!(env!("OUT_DIR"), "/embedded.smg"));

smidge_board::entry!(checking, 256 << 10);

fn checking(arena: &mut [u8]) -> u32 {
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
    let model = Model::check(BLOB, OPS).ok()?;
    let mut session = Session::new(&model, arena).ok()?;
    session.input_mut::<i8>(0).ok()?.fill(0);
    session.invoke().ok()?;
    let output = session.output::<i8>(0).ok()?;
    output.iter().enumerate().max_by_key(|(_, value)| **value).map(|(place, _)| place)
}
