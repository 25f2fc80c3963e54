//! Numbers as text, without the formatting machinery of `core`.

use core::str;

use crate::print;

/// Writes a number in decimal digits.
pub fn print_u32(mut value: u32) {
    let mut digits = [b'0'; 10];
    for digit in digits.iter_mut().rev() {
        *digit += (value % 10) as u8;
        value /= 10;
    }
    let zeros = digits.iter().take(9).take_while(|digit| **digit == b'0').count();
    print_ascii(digits.get(zeros..).unwrap_or_default());
}

/// Writes a number as `0x` and eight hexadecimal digits.
pub fn print_hex(value: u32) {
    print("0x");
    for byte in value.to_be_bytes() {
        let digit = |digit| if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
        print_ascii(&[digit(byte >> 4), digit(byte & 15)]);
    }
}

fn print_ascii(bytes: &[u8]) {
    print(str::from_utf8(bytes).unwrap_or_default());
}
