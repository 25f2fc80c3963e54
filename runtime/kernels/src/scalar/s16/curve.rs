//! LOGISTIC and TANH by one table of the logistic function, with straight lines between its entries.
//! Both are symmetric, so that a table of magnitudes is enough, and `tanh(x) = 2 logistic(2x) - 1`.

use crate::{Dst, Src};

/// Entries of the table: `logistic(i / 24)` in Q0.16.
pub const CURVE: usize = 256;

/// How inputs become positions in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curve {
    /// Factor of an input, in `[0, 32767]`.
    pub multiplier: i32,
    /// Bits that the product is shifted by to the right, ties upwards, in `[0, 31]`.
    pub shift: u32,
}

impl Curve {
    #[inline]
    fn position(self, x: i16) -> i32 {
        let round = if self.shift > 0 { 1i32.wrapping_shl(self.shift - 1) } else { 0 };
        (x as i32).wrapping_mul(self.multiplier).wrapping_add(round).wrapping_shr(self.shift)
    }
}

/// The table at a distance from zero whose lower `bits` bits lie between two entries, in Q0.(16 + bits);
/// `last` past its end.
#[inline]
fn interpolated(table: Src<'_, u16>, distance: u32, bits: u32, last: u32) -> u32 {
    let index = (distance >> bits) as usize;
    if index >= CURVE - 1 {
        return last << bits;
    }
    let (a, b) = (table.get(index) as u32, table.get(index + 1) as u32);
    let between = distance & ((1 << bits) - 1);
    (a << bits).wrapping_add(between.wrapping_mul(b.wrapping_sub(a)))
}

/// LOGISTIC; the output has scale 1/32768.
pub fn logistic_s16(p: Curve, table: Src<'_, u16>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    const BITS: u32 = 9;
    y.fill_with(x.iter().map(|x| {
        let position = p.position(x);
        // The largest value in Q0.16 is twice that of Q0.15.
        let value = interpolated(table, position.unsigned_abs(), BITS, 2 * 0x7FFF);
        let half = 1 << BITS;
        let value = if position >= 0 {
            value.wrapping_add(half)
        } else {
            (1u32 << (16 + BITS)).wrapping_sub(value).wrapping_add(half - 1)
        };
        (value >> (BITS + 1)) as i16
    }));
}

/// TANH; the output has scale 1/32768.
pub fn tanh_s16(p: Curve, table: Src<'_, u16>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    const BITS: u32 = 8;
    y.fill_with(x.iter().map(|x| {
        let position = p.position(x);
        let value = interpolated(table, position.unsigned_abs(), BITS, 0xFFFF) as i32;
        // One half, which is subtracted, and half a step of the output.
        let (middle, half) = (1 << (15 + BITS), 1 << (BITS - 1));
        let value = if position >= 0 {
            value.wrapping_sub(middle).wrapping_add(half)
        } else {
            middle.wrapping_sub(value).wrapping_add(half - 1)
        };
        (value >> BITS) as i16
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<u16> {
        let entry = |i: usize| 65536.0 / (1.0 + (-(i as f64) / 24.0).exp());
        (0..CURVE).map(|i| entry(i).round().min(65535.0) as u16).collect()
    }

    #[test]
    fn every_value_is_near_the_real_one() {
        // Scale 2^-12: 3 / 4096 of the table's 1 / 24 in 512 parts.
        let (p, table) = (Curve { multiplier: 3, shift: 0 }, table());
        let x: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let mut y = vec![0; x.len()];
        logistic_s16(p, Src::from(&table[..]), Src::from(&x[..]), Dst::from(&mut y[..]));
        for (&x, &y) in x.iter().zip(&y) {
            let exact = 32768.0 / (1.0 + (-f64::from(x) / 4096.0).exp());
            assert!((f64::from(y) - exact).abs() < 4.0, "logistic {x}: {y}, {exact}");
        }
        tanh_s16(p, Src::from(&table[..]), Src::from(&x[..]), Dst::from(&mut y[..]));
        for (&x, &y) in x.iter().zip(&y) {
            let exact = 32768.0 * (f64::from(x) / 4096.0).tanh();
            assert!((f64::from(y) - exact).abs() < 9.0, "tanh {x}: {y}, {exact}");
        }
    }

    #[test]
    fn positions_are_rounded_and_never_fail() {
        assert_eq!(Curve { multiplier: 3, shift: 1 }.position(1), 2);
        assert_eq!(Curve { multiplier: 3, shift: 1 }.position(-1), -1);
        for multiplier in [i32::MIN, -1, i32::MAX] {
            for shift in [0, 31, u32::MAX] {
                let p = Curve { multiplier, shift };
                let mut y = [0; 2];
                let x = [i16::MIN, i16::MAX];
                logistic_s16(p, Src::empty(), Src::from(&x[..]), Dst::from(&mut y[..]));
                tanh_s16(p, Src::empty(), Src::from(&x[..]), Dst::from(&mut y[..]));
            }
        }
    }
}
