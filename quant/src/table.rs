//! Tables that stand for functions of one int8 value.

use crate::fixed::{exp_on_negative_values, logistic};
use crate::multiplier::{Precision, quantize_multiplier, ratio_factor};
use smidge_kernels::requant::{doubling_high_mul, rounding_shift_right};
use smidge_kernels::{Clamp, Multiplier};

/// Scale and zero point of an int8 tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// Real distance of neighbouring integers, above zero.
    pub scale: f32,
    /// The integer that stands for zero.
    pub zero: i32,
}

/// The table of `f` over all int8 values.
pub fn of_s8(f: impl Fn(i32) -> i32) -> Vec<i8> {
    (-128..=127).map(|x| f(x).clamp(-128, 127) as i8).collect()
}

/// A real function: the value is dequantized, `f` applied in single precision, and the result
/// multiplied by the reciprocal of the output's scale and rounded half away from zero.
pub fn of_real(input: Affine, output: Affine, f: impl Fn(f32) -> f32) -> Vec<i8> {
    let inverse = 1.0 / output.scale;
    of_s8(|x| {
        let real = input.scale * (x - input.zero) as f32;
        let rounded = (f(real) * inverse).round() as i32;
        rounded.saturating_add(output.zero)
    })
}

/// A requantization with bounds: RELU and its relatives.
pub fn requantize(input: Affine, output: Affine, factor: Multiplier, clamp: Clamp<i32>) -> Vec<i8> {
    of_s8(|x| clamp.apply(factor.double(x - input.zero).saturating_add(output.zero)))
}

/// LEAKY_RELU: one factor for values that are not negative, another with the slope for the others.
///
/// With [`Precision::Double`], as TensorFlow Lite Micro computes it, the mantissa of a negative slope
/// is rounded by adding a half and cutting off.
pub fn leaky_relu(input: Affine, output: Affine, alpha: f32, precision: Precision) -> Vec<i8> {
    let [positive, negative] = leaky_factors(input.scale, output.scale, alpha, precision);
    of_s8(|x| {
        let value = x - input.zero;
        let factor = if value >= 0 { positive } else { negative };
        factor.double(value).saturating_add(output.zero)
    })
}

/// Both factors of LEAKY_RELU.
pub fn leaky_factors(input: f32, output: f32, alpha: f32, precision: Precision) -> [Multiplier; 2] {
    let negative = match precision {
        Precision::Single => quantize_multiplier(f64::from(input * alpha / output)),
        Precision::Double => {
            truncated_multiplier(f64::from(input) * f64::from(alpha) / f64::from(output))
        }
    };
    [ratio_factor(input, output, precision), negative]
}

/// A factor whose mantissa `m` becomes the integer part of `m + 1/2`: one more than the nearest
/// integer for negative mantissas, but for those with a fraction below a half.
fn truncated_multiplier(real: f64) -> Multiplier {
    let nearest = quantize_multiplier(real);
    if real >= 0.0 || nearest.mantissa == 0 {
        return nearest;
    }
    let mantissa = real * 2f64.powi(31 - nearest.shift);
    Multiplier { mantissa: (mantissa + 0.5) as i32, ..nearest }
}

/// LOGISTIC in the fixed-point arithmetic of TensorFlow Lite Micro; the output has scale 1/256 and
/// zero point -128.
pub fn logistic_fixed(input: Affine) -> Vec<i8> {
    /// Integer bits of the scaled input: a Q4.27 number.
    const BITS: i32 = 4;
    let factor = quantize_multiplier(f64::from(input.scale) * 2f64.powi(31 - BITS));
    let largest = f64::from((1 << BITS) - 1) * 2f64.powi(31 - BITS);
    let radius = (largest / 2f64.powi(factor.shift)).floor();
    of_s8(|x| {
        let value = x - input.zero;
        if f64::from(value) <= -radius {
            return -128;
        }
        if f64::from(value) >= radius {
            return 127;
        }
        rounding_shift_right(logistic(factor.double(value)), 23) - 128
    })
}

/// RSQRT, with the reference's Newton iteration; the largest value at and below 0.
pub fn inverse_root(input: Affine, output: Affine) -> Vec<i8> {
    /// Bits behind the point of the root.
    const BITS: i32 = 20;
    let scale = 1.0 / f64::from(input.scale.sqrt() * output.scale);
    let factor = quantize_multiplier(scale);
    let factor = Multiplier { shift: factor.shift - BITS, ..factor };
    of_s8(|x| {
        let value = x - input.zero;
        if value <= 0 {
            return i8::MAX.into();
        }
        let root = smidge_kernels::scalar::normalize::inverse_root(value);
        let root = Multiplier { shift: root.shift + BITS, ..root };
        factor.double(root.double(1)).saturating_add(output.zero)
    })
}

/// HARD_SWISH, in the 16-bit fixed-point arithmetic of the reference kernel.
pub fn hard_swish(input: Affine, output: Affine) -> Vec<i8> {
    let high_resolution = (1.0f32 / 128.0) * input.scale;
    let to_output = quantize_multiplier(f64::from(high_resolution / output.scale));
    let three_as_i16 = 3.0f32 / 32768.0;
    let to_gate = quantize_multiplier(f64::from(high_resolution / three_as_i16));
    of_s8(|x| {
        let raised = ((x - input.zero) * 128) as i16;
        let scaled = high_mul_s16(raised, mantissa_s16(to_output));
        let gate = gate_s16(raised, mantissa_s16(to_gate), to_gate.shift);
        let product = (i32::from(gate) * i32::from(scaled) / (1 << 15)).clamp(-32768, 32767);
        let rounded = if to_output.shift < 0 {
            rounding_shift_right(product, -to_output.shift)
        } else {
            saturating_shift_left(product as i16, to_output.shift).into()
        };
        rounded.saturating_add(output.zero)
    })
}

/// `relu6(x + 3) / 6` in Q0.15 for `x` raised by 7 bits: a saturating multiplication that maps
/// `[-3, 3]` to the whole range, and half of it moved up.
fn gate_s16(raised: i16, mantissa: i16, shift: i32) -> i16 {
    let mut value = raised;
    if shift > 0 {
        value = saturating_shift_left(value, shift - 1);
    }
    value = high_mul_s16(value, mantissa);
    if shift > 0 {
        value = saturating_shift_left(value, 1);
    }
    if shift < 0 {
        value = rounding_shift_right(value.into(), -shift) as i16;
    }
    ((i32::from(value) + (1 << 15)) >> 1) as i16
}

/// The mantissa of a factor in Q0.15, rounded half upwards and saturated.
fn mantissa_s16(factor: Multiplier) -> i16 {
    ((i64::from(factor.mantissa) + (1 << 15)) >> 16).min(i64::from(i16::MAX)) as i16
}

/// The high half of `2 * a * b`, rounded half upwards.
fn high_mul_s16(a: i16, b: i16) -> i16 {
    let product = (i32::from(a) * i32::from(b) + (1 << 14)) >> 15;
    product.clamp(-32768, 32767) as i16
}

fn saturating_shift_left(value: i16, bits: i32) -> i16 {
    (i64::from(value) << bits.clamp(0, 31)).clamp(-32768, 32767) as i16
}

/// The exponentials of SOFTMAX: entry `d` is `exp(-beta * scale * d)` in Q0.31. The table ends where
/// the reference kernel takes the exponential for zero.
pub fn softmax_exps(scale: f32, beta: f32) -> Vec<i32> {
    /// Integer bits of the scaled differences: Q5.26 numbers.
    const BITS: u32 = 5;
    let one = f64::from(1u32 << (31 - BITS));
    let real = f64::from(beta) * f64::from(scale) * one;
    let factor = quantize_multiplier(real.min(f64::from(i32::MAX)));
    let radius = f64::from((1 << BITS) - 1) * one;
    let largest = (radius / 2f64.powi(factor.shift)).floor();
    let entries = largest.clamp(0.0, 255.0) as i32 + 1;
    (0..entries)
        .map(|d| {
            let raised = i64::from(-d) << factor.shift.clamp(0, 31);
            exp_on_negative_values(doubling_high_mul(raised as i32, factor.mantissa), BITS)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT: Affine = Affine { scale: 0.05, zero: -3 };
    const OUTPUT: Affine = Affine { scale: 0.04, zero: 7 };

    /// The table is within one step of the real function.
    fn assert_close(table: &[i8], f: impl Fn(f64) -> f64) {
        for (x, &got) in (-128..=127).zip(table) {
            let real = f(f64::from(INPUT.scale) * f64::from(x - INPUT.zero));
            let exact = real / f64::from(OUTPUT.scale) + f64::from(OUTPUT.zero);
            let exact = exact.clamp(-128.0, 127.0);
            assert!((f64::from(got) - exact).abs() <= 1.0, "f({x}) = {got}, exactly {exact}");
        }
    }

    #[test]
    fn tables_follow_their_functions() {
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        assert_close(&of_real(INPUT, OUTPUT, sigmoid), |x| 1.0 / (1.0 + (-x).exp()));
        assert_close(&leaky_relu(INPUT, OUTPUT, 0.2, Precision::Single), |x| {
            if x < 0.0 { 0.2 * x } else { x }
        });
        assert_close(&hard_swish(INPUT, OUTPUT), |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0);
    }

    #[test]
    fn softmax_exponentials_fall_from_one() {
        let exps = softmax_exps(0.05, 1.0);
        assert_eq!((exps.len(), exps[0]), (256, i32::MAX));
        assert!(exps.is_sorted_by(|a, b| a > b));
        assert_eq!(softmax_exps(1.0, 1.0).len(), 16, "the rest counts as zero");
    }
}
