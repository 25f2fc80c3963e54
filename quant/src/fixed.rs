//! Functions of fixed-point numbers, bit for bit those of gemmlowp's `fixedpoint`: the reference
//! kernels of TensorFlow Lite use them, so a table of their values is exact.

use smidge_kernels::requant::{doubling_high_mul, rounding_shift_right};

/// Integer bits of the argument of [`exp_on_negative_values`]: a Q5.26 number.
pub const EXP_INTEGER_BITS: i32 = 5;

/// `exp(x)` in Q0.31 for `x <= 0` in Q5.26.
///
/// `x` is split into a part in `[-1/4, 0)`, whose exponential is a polynomial of degree four around
/// -1/8, and a multiple of 1/4, whose bits each multiply by a constant.
pub fn exp_on_negative_values(x: i32) -> i32 {
    const FRACTION_BITS: i32 = 31 - EXP_INTEGER_BITS;
    const QUARTER: i32 = 1 << (FRACTION_BITS - 2);
    /// `exp(-2^k)` in Q0.31 for `k` from -2 up.
    const FACTORS: [i32; 7] =
        [1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242];
    if x == 0 {
        return i32::MAX;
    }
    let part = (x & (QUARTER - 1)) - QUARTER;
    let mut result = exp_on_last_quarter(part << EXP_INTEGER_BITS);
    let rest = part.wrapping_sub(x);
    for (k, factor) in FACTORS.into_iter().enumerate() {
        if rest & (QUARTER << k) != 0 {
            result = doubling_high_mul(result, factor);
        }
    }
    result
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
        for i in 0..20_000 {
            let x = -(i * 107_373);
            let real = (f64::from(x) / f64::from(1 << 26)).exp();
            let got = f64::from(exp_on_negative_values(x)) / f64::from(1u32 << 31);
            assert!((real - got).abs() < 3e-7, "exp({x}): {got} for {real}");
        }
    }
}
