//! Softmax over the last dimension, by tables of `exp` and `1 / (1 + x)` with straight lines between
//! their entries.

use crate::{Dst, Multiplier, Src};

/// Entries of a table: 512 steps, and the end of the last one.
pub const LUT: usize = 513;

/// Numbers of a softmax.
#[derive(Clone, Copy)]
pub struct SoftmaxS16<'a> {
    /// Factor from a difference of inputs to steps of 10 / 65535.
    pub factor: Multiplier,
    /// `exp` from -10 to 0 in Q0.15, 513 entries.
    pub exps: Src<'a, i16>,
    /// `1 / (1 + x)` from 0 to 1 in Q0.15, 513 entries.
    pub reciprocals: Src<'a, i16>,
}

/// The value of a table that spans all of int16, at `position`.
#[inline]
fn interpolated(table: Src<'_, i16>, position: i32) -> i32 {
    let position = position.max(i16::MIN as i32).min(i16::MAX as i32);
    let index = (256 + (position >> 7)) as usize;
    let (base, next) = (table.get(index) as i32, table.get(index + 1) as i32);
    let slope = (next - base) as i16 as i32;
    (base + ((slope * (position & 0x7F) + 64) >> 7)) as i16 as i32
}

/// Any function of one value, by a table of 513 with straight lines between its entries.
pub fn table_s16(table: Src<'_, i16>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    y.fill_with(x.iter().map(|x| interpolated(table, x as i32) as i16));
}

/// Softmax of rows of `depth` values; the output has scale 1/32768.
pub fn softmax_s16(p: &SoftmaxS16<'_>, depth: usize, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let rows = x.len().checked_div(depth).unwrap_or(0);
    for row in 0..rows {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let largest = from.iter().fold(i16::MIN, i16::max) as i32;
        // Differences end at 0, where the table of exponentials ends.
        let exp = |x: i16| {
            let difference = p.factor.double(x as i32 - largest);
            interpolated(p.exps, difference.saturating_add(i16::MAX as i32))
        };
        let sum = from.iter().fold(0i32, |sum, x| sum.wrapping_add(exp(x)));
        to.fill_with(from.iter().map(|x| exp(x) as i16));
        // The sum is `2^(17 - headroom) * (1 + fraction)`; the fraction has 16 bits.
        let headroom = sum.leading_zeros() as i32;
        let raised = (sum as i64) << (headroom - 1).max(0);
        let fraction = ((raised + (1 << 13)) >> 14) as i32 - (1 << 16);
        let reciprocal = interpolated(p.reciprocals, fraction - (1 << 15)) as i64;
        let shift = (31 - headroom).max(0) as u32;
        let round = if shift > 0 { 1i64 << (shift - 1) } else { 0 };
        to.fill_with(to.as_src().iter().map(|exp| {
            let share = (exp as i64 * reciprocal + round) >> shift;
            share.max(0).min(i16::MAX as i64) as i16
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> [Vec<i16>; 2] {
        let fill = |f: &dyn Fn(f64) -> f64| -> Vec<i16> {
            (0..LUT).map(|i| (f(i as f64 / 512.0) * 32768.0).round().min(32767.0) as i16).collect()
        };
        [fill(&|x| (10.0 * x - 10.0).exp()), fill(&|x| 1.0 / (1.0 + x))]
    }

    #[test]
    fn shares_are_near_the_real_ones() {
        let [exps, reciprocals] = tables();
        let p = SoftmaxS16 {
            // Inputs have scale 2^-12, which is 1.6 steps of 10 / 65535.
            factor: Multiplier { mantissa: 1_717_960_704, shift: 1 },
            exps: Src::from(&exps[..]),
            reciprocals: Src::from(&reciprocals[..]),
        };
        for row in [&[0i16][..], &[0; 7], &[-32768, 32767, 30000], &[5, -900, 4096, 4000, 100]] {
            let mut y = row.to_vec();
            softmax_s16(&p, row.len(), Src::from(row), Dst::from(&mut y[..]));
            let exps: Vec<_> = row.iter().map(|&x| (f64::from(x) / 4096.0).exp()).collect();
            let sum: f64 = exps.iter().sum();
            for (&y, exp) in y.iter().zip(&exps) {
                let exact = (exp / sum * 32768.0).min(32767.0);
                assert!((f64::from(y) - exact).abs() < 12.0, "{row:?}: {y}, exactly {exact}");
            }
        }
    }

    #[test]
    fn missing_tables_have_some_result() {
        let factor = Multiplier { mantissa: i32::MIN, shift: 99 };
        let p = SoftmaxS16 { factor, exps: Src::empty(), reciprocals: Src::empty() };
        let x = [i16::MIN, 0, i16::MAX];
        let mut y = [7; 3];
        softmax_s16(&p, 3, Src::from(&x[..]), Dst::from(&mut y[..]));
        softmax_s16(&p, 0, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [0; 3]);
    }
}
