//! An image with a panic path: an index that nobody checked. It must not link; a test sees to that.

#![no_std]
#![no_main]

use smidge_board::semihosting::exit;
use smidge_qemu_m4::slot;

#[cortex_m_rt::entry]
fn main() -> ! {
    let table = [1, 2, 3, 4];
    let index = slot().first().copied().unwrap_or_default();
    exit(table[usize::from(index)])
}
