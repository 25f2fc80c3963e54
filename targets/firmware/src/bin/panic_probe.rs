//! An image with a panic path: an index that nobody checked. It must not link; a test sees to that.

#![cfg_attr(target_os = "none", no_std, no_main)]

use smidge_board::slot;

smidge_board::entry!(panic_probe, 16);

fn panic_probe(_arena: &mut [u8]) -> u32 {
    let table = [1, 2, 3, 4];
    let index = slot().first().copied().unwrap_or_default();
    table[usize::from(index)]
}
