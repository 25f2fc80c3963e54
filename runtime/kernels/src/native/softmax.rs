//! Softmax over the last dimension.

use crate::scalar::softmax::{SLOPE, START, reciprocal as definition};
use crate::{Cpu, Dst, Src};

/// See [`softmax_s8`](crate::scalar::softmax::softmax_s8); no entry of the table is negative.
#[inline]
pub fn softmax_s8(cpu: Cpu, exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let _ = cpu;
    rows(exps, depth, x, y);
}

/// The definition without what it does for negative numbers: no exponential is negative.
fn rows(exps: Src<'_, i32>, depth: usize, x: Src<'_, i8>, y: Dst<'_, i8>) {
    if depth == 0 {
        return;
    }
    let mut at = 0;
    while at + depth <= x.len() {
        let (from, to) = (x.slice(at, depth), y.slice(at, depth));
        at += depth;
        let largest = from.iter().fold(i8::MIN, i8::max) as i32;
        let exp = |x: i8| exps.get((largest - x as i32) as usize);
        let sum = from.iter().fold(0i32, |sum, x| sum.wrapping_add(round(exp(x), 12)));
        let headroom = sum.leading_zeros();
        let reciprocal = reciprocal(sum.wrapping_shl(headroom).wrapping_sub(i32::MIN));
        let exponent = 35 - headroom;
        if exponent > 31 {
            to.fill(-128);
            continue;
        }
        to.fill_with(from.iter().map(|x| {
            let product = i64::from(reciprocal) * i64::from(exp(x));
            let share = round(((product + (1 << 30)) >> 31) as i32, exponent);
            (share - 128).min(127) as i8
        }));
    }
}

/// As [`definition`], for numbers below one and `i32::MIN`: no product of its iteration leaves 32
/// bits then, so that nothing saturates, and one factor of each can be doubled first.
fn reciprocal(x: i32) -> i32 {
    const OF_NOTHING: i32 = definition(i32::MIN);
    let high = |twice: i32, b: i32| ((i64::from(twice) * i64::from(b) + (1 << 31)) >> 32) as i32;
    if x < 0 {
        return OF_NOTHING;
    }
    let half = ((x as u32 | 1 << 31) >> 1) as i32;
    let mut estimate = START + high(2 * SLOPE, half);
    for _ in 0..3 {
        let error = (1 << 29) - high(estimate << 1, half);
        estimate += high(estimate << 1, error) << 2;
    }
    estimate.saturating_mul(2)
}

/// `x / 2^bits` for an `x` that is not negative and at least one bit, rounded to nearest, ties up.
#[inline(always)]
fn round(x: i32, bits: u32) -> i32 {
    ((x >> ((bits - 1) & 31)) + 1) >> 1
}

#[cfg(test)]
mod tests {
    use super::{definition, reciprocal};

    #[test]
    fn reciprocals_are_those_of_the_definition() {
        let edges = [i32::MIN, 0, 1, 2, i32::MAX - 1, i32::MAX];
        for x in edges.into_iter().chain((0..i32::MAX).step_by(4_999)) {
            assert_eq!(reciprocal(x), definition(x), "{x}");
        }
    }
}
