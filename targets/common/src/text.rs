//! Numbers as text, without the formatting machinery of `core`.

use crate::print;

/// Writes a number in decimal digits.
pub fn print_u32(mut value: u32) {
    let mut digits = [0u8; 10];
    for digit in digits.iter_mut().rev() {
        *digit = (value % 10) as u8;
        value /= 10;
    }
    let zeros = digits.iter().take(9).take_while(|digit| **digit == 0).count();
    digits.iter().skip(zeros).copied().for_each(print_digit);
}

/// Writes a number as `0x` and eight hexadecimal digits.
pub fn print_hex(value: u32) {
    print("0x");
    for byte in value.to_be_bytes() {
        print_digit(byte >> 4);
        print_digit(byte & 15);
    }
}

fn print_digit(digit: u8) {
    let digit = usize::from(digit);
    print("0123456789abcdef".get(digit..digit + 1).unwrap_or_default());
}
