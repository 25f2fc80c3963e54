//! Softmax over the last dimension.

use crate::requant::{doubling_high_mul, rounding_shift_right};
use crate::{Dst, Element, Src};

/// Integer bits of the sum of exponentials: a Q12.19 number.
const SUM_BITS: i32 = 12;

/// int8 softmax of rows of `depth` values, output scale 1/256 and zero point -128.
///
/// `exps[d]` is `exp(-beta * scale * d)` in Q0.31, for differences `d` to the row's largest value;
/// differences past its end count as zero. The reciprocal of the sum is found by three
/// Newton-Raphson steps, as in gemmlowp.
pub fn softmax_s8(exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let narrow = |share: i32| (share - 128).clamp(-128, 127) as i8;
    softmax(exps, depth, x, y, 8, narrow);
}

/// The same with int16 output, scale 1/65536 and zero point -32768.
pub fn softmax_s8_s16(exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i16>) {
    let narrow = |share: i32| (share - 32_768).clamp(-32_768, 32_767) as i16;
    softmax(exps, depth, x, y, 16, narrow);
}

/// Softmax whose output has `bits` bits.
#[inline]
fn softmax<T: Element>(
    exps: Src<'_, i32>,
    depth: usize,
    x: Src<'_, i8>,
    y: Dst<'_, T>,
    bits: i32,
    narrow: impl Fn(i32) -> T,
) {
    let rows = x.len().checked_div(depth).unwrap_or(0);
    for row in 0..rows {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let largest = from.iter().fold(i8::MIN as i32, |m, x| m.max(x as i32));
        let exp = |x: i8| exps.get((largest - x as i32) as usize);
        let sum = from
            .iter()
            .fold(0i32, |sum, x| sum.wrapping_add(rounding_shift_right(exp(x), SUM_BITS)));
        let headroom = sum.leading_zeros();
        let reciprocal = reciprocal(sum.wrapping_shl(headroom).wrapping_sub(i32::MIN));
        let exponent = SUM_BITS - headroom as i32 + 31 - bits;
        to.fill_with(from.iter().map(|x| {
            let share = doubling_high_mul(reciprocal, exp(x));
            // The sum is above 512: every share is below half a step of the output.
            let share = if exponent > 31 { 0 } else { rounding_shift_right(share, exponent) };
            narrow(share)
        }));
    }
}

/// 48/17 and -32/17 in Q2.29: the line that starts the iteration.
pub(crate) const START: i32 = 1_515_870_810;
pub(crate) const SLOPE: i32 = -1_010_580_540;

/// `1 / (1 + x)` for `x` in `[0, 1)`, both Q0.31: three Newton-Raphson steps, as in gemmlowp.
pub const fn reciprocal(x: i32) -> i32 {
    const ONE: i32 = 1 << 29;
    let half = ((x as i64 + i32::MAX as i64 + 1) >> 1) as i32;
    let mut estimate = START.wrapping_add(doubling_high_mul(half, SLOPE));
    let mut steps = 0;
    while steps < 3 {
        let error = ONE.wrapping_sub(doubling_high_mul(half, estimate));
        let correction = doubling_high_mul(estimate, error);
        estimate = estimate.wrapping_add(correction.saturating_mul(4));
        steps += 1;
    }
    estimate.saturating_mul(2)
}

/// float softmax of rows of `depth` values: `exp(beta * (x - largest)) / sum`.
pub fn softmax_f32(
    beta: f32,
    depth: usize,
    x: Src<'_, f32>,
    y: Dst<'_, f32>,
    exp: impl Fn(f32) -> f32,
) {
    let rows = x.len().checked_div(depth).unwrap_or(0);
    for row in 0..rows {
        let (from, to) = (x.slice(row * depth, depth), y.slice(row * depth, depth));
        let largest = from.iter().fold(f32::MIN, f32::max);
        to.fill_with(from.iter().map(|x| exp((x - largest) * beta)));
        let sum = to.as_src().iter().fold(0.0, |sum, e| sum + e);
        to.fill_with(to.as_src().iter().map(|e| e / sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    /// `exp(-step * d)` in Q0.31.
    fn table(step: f64) -> Vec<i32> {
        let entry = |d: i32| ((-step * d as f64).exp() * (1u64 << 31) as f64).min(i32::MAX as f64);
        (0..256).map(|d| entry(d) as i32).collect()
    }

    fn int8(exps: &[i32], depth: usize, x: &[i8]) -> Vec<i8> {
        let mut y = vec![0; x.len()];
        softmax_s8(Src::from(exps), depth, Src::from(x), Dst::from(&mut y[..]));
        y
    }

    #[test]
    fn int8_is_near_the_real_share() {
        let mut random = Random(10);
        for (depth, rows, step) in
            [(1, 3, 0.1), (2, 4, 0.01), (7, 3, 0.05), (10, 2, 0.2), (1001, 1, 0.04)]
        {
            let x = random.i8s(depth * rows);
            let y = int8(&table(step), depth, &x);
            for (x, y) in x.chunks(depth).zip(y.chunks(depth)) {
                let sum: f64 = x.iter().map(|&x| (step * x as f64).exp()).sum();
                for (&x, &y) in x.iter().zip(y) {
                    let share = (256.0 * (step * x as f64).exp() / sum - 128.0).min(127.0);
                    assert!((share - y as f64).abs() <= 0.51, "depth {depth}: {share} and {y}");
                }
            }
        }
    }

    #[test]
    fn many_equal_values_have_no_share() {
        let cases = [(255, -127), (256, -127), (511, -127), (512, -128), (513, -128), (4095, -128)];
        for (depth, share) in cases {
            let y = int8(&table(0.1), depth, &vec![5; depth]);
            assert_eq!(y, vec![share; depth], "{depth}");
        }
    }

    #[test]
    fn differences_past_the_table_have_no_share() {
        assert_eq!(int8(&table(0.1)[..10], 3, &[20, 10, 11]), [54, -128, -54]);
        assert_eq!(int8(&[0; 4], 3, &[1, 2, 3]).len(), 3, "not a table of exponentials");
        assert_eq!(int8(&table(0.1), 0, &[1, 2, 3]), [0; 3], "no rows");
    }

    #[test]
    fn float_is_the_share() {
        let mut random = Random(11);
        let x = random.f32s(15);
        let mut y = x.clone();
        let memory = Dst::from(&mut y[..]);
        softmax_f32(0.5, 5, memory.as_src(), memory, f32::exp);
        for (x, y) in x.chunks(5).zip(y.chunks(5)) {
            let sum: f64 = x.iter().map(|&x| (0.5 * x as f64).exp()).sum();
            for (&x, &y) in x.iter().zip(y) {
                assert!(((0.5 * x as f64).exp() / sum - y as f64).abs() < 1e-6);
            }
        }
    }
}
