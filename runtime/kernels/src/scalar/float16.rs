//! IEEE 754 half precision, as bits.

use crate::Element;
use half::f16;

/// The number that these bits are.
pub fn to_f64(bits: u16) -> f64 {
    f16::from_bits(bits).to_f64()
}

/// The nearest half-precision number, ties to even.
pub fn from_f64(value: f64) -> u16 {
    f16::from_f64(value).to_bits()
}

/// The bits of a half-precision number: weights that are stored in half the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Half(pub u16);

impl Half {
    /// The same number; every one is a float32.
    #[inline]
    pub fn to_f32(self) -> f32 {
        f16::from_bits(self.0).to_f32()
    }
}

/// What weights of float layers are stored as.
pub trait RealWeight: Element {
    /// As a float.
    fn real(self) -> f32;
}

impl RealWeight for f32 {
    #[inline(always)]
    fn real(self) -> f32 {
        self
    }
}

impl RealWeight for Half {
    #[inline(always)]
    fn real(self) -> f32 {
        self.to_f32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_what_its_parts_say() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
            let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
            let value = Half(bits).to_f32();
            if exponent == 31 {
                let is_right = if fraction == 0.0 { value.is_infinite() } else { value.is_nan() };
                assert!(is_right && value.is_sign_negative() == (bits >> 15 == 1), "{bits:x}");
                continue;
            }
            let magnitude = match exponent {
                0 => fraction * 2f64.powi(-24),
                _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
            };
            assert_eq!(value.to_bits(), ((sign * magnitude) as f32).to_bits(), "{bits:x}");
        }
    }
}
