//! Functions of fixed-point numbers, bit for bit those of gemmlowp's `fixedpoint`: the reference
//! kernels of TensorFlow Lite use them, so a table of their values is exact.

use smidge_kernels::requant::{doubling_high_mul, rounding_shift_right};
use smidge_kernels::scalar::softmax::reciprocal;

/// `exp(x)` in Q0.31 for `x <= 0` with `integer_bits` (4 or 5) integer bits: Q4.27 or Q5.26.
///
/// `x` is split into a part in `[-1/4, 0)`, whose exponential is a polynomial of degree four around
/// -1/8, and a multiple of 1/4, whose bits each multiply by a constant.
pub fn exp_on_negative_values(x: i32, integer_bits: u32) -> i32 {
    /// `exp(-2^k)` in Q0.31 for `k` from -2 up.
    const FACTORS: [i32; 7] =
        [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    let quarter = 1 << (31 - integer_bits - 2);
    if x == 0 {
        return i32::MAX;
    }
    let part = (x & (quarter - 1)) - quarter;
    let mut result = exp_on_last_quarter(part << integer_bits);
    let rest = part.wrapping_sub(x);
    for (k, factor) in FACTORS.into_iter().take(integer_bits as usize + 2).enumerate() {
        if rest & (quarter << k) != 0 {
            result = doubling_high_mul(result, factor);
        }
    }
    result
}

/// `1 / (1 + exp(-x))` in Q0.31 for `x` in Q4.27.
pub fn logistic(x: i32) -> i32 {
    if x == 0 {
        return 1 << 30;
    }
    let of_magnitude = reciprocal(exp_on_negative_values(-x.saturating_abs(), 4));
    if x > 0 { of_magnitude } else { i32::MAX - of_magnitude }
}

/// `exp(x)` for `x` in `[-1/4, 0)`, both Q0.31.
fn exp_on_last_quarter(x: i32) -> i32 {
    /// `exp(-1/8)` and 1/3 in Q0.31.
    const CENTRE: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = x + (1 << 28);
    let x2 = doubling_high_mul(x, x);
    let x3 = doubling_high_mul(x2, x);
    let x4 = doubling_high_mul(x2, x2);
    let high = doubling_high_mul(rounding_shift_right(x4, 2) + x3, THIRD) + x2;
    CENTRE + doubling_high_mul(CENTRE, x + rounding_shift_right(high, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close_everywhere() {
        for integer_bits in [4, 5] {
            for i in 0..20_000 {
                let x = -(i * 107_373);
                let real = (f64::from(x) / 2f64.powi(31 - integer_bits as i32)).exp();
                let got = f64::from(exp_on_negative_values(x, integer_bits)) / 2f64.powi(31);
                assert!((real - got).abs() < 3e-7, "exp({x}): {got} for {real}");
            }
        }
    }

    #[test]
    fn logistic_is_close_everywhere() {
        for i in -10_000..=10_000 {
            let x = i * 214_748;
            let real = 1.0 / (1.0 + (-f64::from(x) / 2f64.powi(27)).exp());
            let got = f64::from(logistic(x)) / 2f64.powi(31);
            assert!((real - got).abs() < 1e-6, "logistic({x}): {got} for {real}");
        }
    }
}
