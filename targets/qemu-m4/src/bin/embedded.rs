//! A network inside the firmware: the blob that `SMIDGE_BLOB` names when this is built. Runs it once
//! on zeros and prints which int8 output is the greatest.
//!
//! ```text
//! SMIDGE_BLOB=/path/to/kws.smg cargo run --release --bin embedded
//! ```

#![no_std]
#![no_main]

use smidge::{Arena, Model, Session};
use smidge_board::exit_code;
use smidge_board::semihosting::{exit, print, print_u32};
use smidge_qemu_m4 as _;

include!(concat!(env!("OUT_DIR"), "/ops.rs"));

static BLOB: &[u8] = smidge::include_blob!(concat!(env!("OUT_DIR"), "/embedded.smg"));

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut ARENA: Arena<{ 256 << 10 }> = Arena::new();
    let Some(place) = greatest_output(ARENA) else {
        print("there is no model, or one that does not run here\n");
        exit(exit_code::FAILURE)
    };
    print("greatest output: ");
    print_u32(place as u32);
    print("\n");
    exit(exit_code::SUCCESS)
}

fn greatest_output(arena: &mut [u8]) -> Option<usize> {
    let model = Model::check(BLOB, OPS).ok()?;
    let mut session = Session::new(&model, arena).ok()?;
    session.input_mut::<i8>(0).ok()?.fill(0);
    session.invoke().ok()?;
    let output = session.output::<i8>(0).ok()?;
    output.iter().enumerate().max_by_key(|(_, value)| **value).map(|(place, _)| place)
}
