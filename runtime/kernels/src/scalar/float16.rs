//! IEEE 754 half precision, as bits.

use half::f16;

/// The number that these bits are.
pub fn to_f64(bits: u16) -> f64 {
    f16::from_bits(bits).to_f64()
}

/// The nearest half-precision number, ties to even.
pub fn from_f64(value: f64) -> u16 {
    f16::from_f64(value).to_bits()
}
