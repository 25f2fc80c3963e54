//! float16: weights that are stored in half the bytes. As floats they are exact.

use crate::Element;

/// The bits of an IEEE 754 half-precision number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Half(pub u16);

impl Half {
    /// The same number.
    #[inline]
    pub const fn to_f32(self) -> f32 {
        let sign = (self.0 as u32 & 0x8000) << 16;
        let magnitude = self.0 as u32 & 0x7FFF;
        let bits = match magnitude >> 10 {
            // Zero and what is below the smallest normal number: so many times 2^-24.
            0 => return f32::from_bits(sign | (magnitude as f32 * SMALLEST).to_bits()),
            31 => 0x7F80_0000 | magnitude << 13,
            _ => (magnitude << 13) + ((127 - 15) << 23),
        };
        f32::from_bits(sign | bits)
    }
}

/// 2^-24.
const SMALLEST: f32 = 1.0 / (1 << 24) as f32;

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
