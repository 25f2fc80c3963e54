//! Real factors as mantissa and shift.

use smidge_kernels::Multiplier;
use smidge_kernels::requant::{RealFactor, SHIFT_MAX, SHIFT_MIN};

/// In which precision a reference computes a factor from scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// float32 throughout: TensorFlow Lite.
    Single,
    /// float64 throughout: TensorFlow Lite Micro.
    Double,
}

/// The fixed-point form of a finite factor: a mantissa of 31 bits, rounded half away from zero.
///
/// Factors below 2^-32 become zero, factors of 2^30 and more the largest representable one. A
/// negative factor (the slope of LEAKY_RELU may be one) has a negative mantissa.
pub fn quantize_multiplier(real: f64) -> Multiplier {
    if real == 0.0 || !real.is_finite() {
        return Multiplier::default();
    }
    let (fraction, mut shift) = split_exponent(real);
    let mut mantissa = (fraction * (1i64 << 31) as f64).round() as i64;
    if mantissa.abs() == 1 << 31 {
        mantissa /= 2;
        shift += 1;
    }
    if shift < SHIFT_MIN {
        return Multiplier::default();
    }
    if shift > SHIFT_MAX {
        return Multiplier { mantissa: i32::MAX, shift: SHIFT_MAX };
    }
    Multiplier { mantissa: mantissa as i32, shift }
}

/// The fixed-point form of a real factor that keeps every bit of it. Factors that are negative,
/// 2^30 or more, or subnormal are held to the range.
pub fn real_factor(real: f64) -> RealFactor {
    if real.is_nan() || real < f64::MIN_POSITIVE {
        return RealFactor::default();
    }
    let (fraction, shift) = split_exponent(real.min(f64::from(1u32 << 30).next_down()));
    RealFactor { mantissa: (fraction * 2f64.powi(53)) as u64, shift }
}

/// `value` as `fraction * 2^exponent` with the fraction's magnitude in `[0.5, 1)`.
fn split_exponent(value: f64) -> (f64, i32) {
    const BIAS: i32 = 1022;
    let field = |v: f64| (v.to_bits() >> 52 & 0x7FF) as i32;
    if field(value) == 0 {
        // Subnormal: scale it up first.
        let (fraction, exponent) = split_exponent(value * (1u64 << 54) as f64);
        return (fraction, exponent - 54);
    }
    let exponent = field(value) - BIAS;
    let bits = value.to_bits() & !(0x7FF << 52) | (BIAS as u64) << 52;
    (f64::from_bits(bits), exponent)
}

/// The factor from the accumulator of a layer with weights to its output: `input * weights /
/// output`, computed in double precision.
pub fn conv_factor(input: f32, weights: f32, output: f32) -> Multiplier {
    quantize_multiplier(f64::from(input) * f64::from(weights) / f64::from(output))
}

/// The factor of an int8 fully connected layer: with single rounding it gives what the reference
/// gives, which multiplies by the real number `real`, for every sum of magnitude up to `reach`, as
/// far as outputs differ by at most `steps` from their zero point.
///
/// The nearest mantissa does so for nearly every layer. Where a sum lies so near to the middle
/// between two outputs that it does not, one of its neighbours does, unless sums are beyond some
/// 10^7: then there may be none, and a sum exactly there is rounded to the other side.
pub fn dense_factor(real: f64, reach: i64, steps: i32) -> Multiplier {
    let nearest = quantize_multiplier(real);
    let neighbour = |distance: i32| {
        let mantissa = nearest.mantissa.checked_add(distance)?;
        (mantissa >= 1 << 30).then_some(Multiplier { mantissa, ..nearest })
    };
    let near = [0, 1, -1, 2, -2, 3, -3].into_iter().filter_map(neighbour);
    near.into_iter().find(|&factor| agrees(factor, real, reach, steps)).unwrap_or(nearest)
}

/// Whether single rounding gives the rounded product for all sums of magnitude up to `reach`. Both
/// are odd and do not decrease: that the steps from one output to the next are at the same sums is
/// enough.
fn agrees(factor: Multiplier, real: f64, reach: i64, steps: i32) -> bool {
    let reach = reach.min(i64::from(i32::MAX));
    for step in 1..=steps {
        // The first sum that is rounded to `step`, about; products round it to a neighbour.
        let middle = (f64::from(step) - 0.5) / real;
        if middle > reach as f64 + 2.0 {
            break;
        }
        let middle = middle as i64;
        let around = (middle - 2..=middle + 2).filter(|sum| (0..=reach).contains(sum));
        for sum in around {
            let reached = (sum as f64 * real).round() >= f64::from(step);
            if reached != (factor.single(sum as i32) >= step) {
                return false;
            }
        }
    }
    true
}

/// The same for a convolution of unsigned bytes: the product of the scales is rounded to single
/// precision first.
pub fn unsigned_conv_factor(input: f32, weights: f32, output: f32) -> Multiplier {
    quantize_multiplier(f64::from(input * weights) / f64::from(output))
}

/// The factor from a product of two tensors to the output: `a * b / output`.
pub fn product_factor(a: f32, b: f32, output: f32, precision: Precision) -> Multiplier {
    quantize_multiplier(match precision {
        Precision::Single => f64::from(a * b / output),
        Precision::Double => f64::from(a) * f64::from(b) / f64::from(output),
    })
}

/// The factor from one scale to another: `input / output`.
pub fn ratio_factor(input: f32, output: f32, precision: Precision) -> Multiplier {
    product_factor(input, 1.0, output, precision)
}

/// Factors of an int8 squared difference: both operands to twice the larger scale, and the square,
/// which has 14 more bits, to the output's.
pub fn squared_difference_factors(a: f32, b: f32, output: f32) -> ([Multiplier; 2], Multiplier) {
    let common = 2.0 * f64::from(a.max(b));
    let operands = [a, b].map(|scale| quantize_multiplier(f64::from(scale) / common));
    let real = common * common / (f64::from(output) * f64::from(1 << 14));
    (operands, quantize_multiplier(real))
}

/// Bits of headroom of int8 addition.
pub const ADD_LEFT_SHIFT: u8 = 20;

/// Factors of an addition or subtraction of tensors with scales `a` and `b`: both operands to twice
/// the larger scale, and the sum to the output's.
pub fn add_factors(a: f32, b: f32, output: f32) -> ([Multiplier; 2], Multiplier) {
    let twice_largest = f64::from(2.0 * a.max(b));
    let operand = |scale: f32| quantize_multiplier(f64::from(scale) / twice_largest);
    let headroom = f64::from(1u32 << ADD_LEFT_SHIFT);
    let sum = quantize_multiplier(twice_largest / (headroom * f64::from(output)));
    ([operand(a), operand(b)], sum)
}

/// Bits of headroom of int16 addition.
pub const ADD_LEFT_SHIFT_S16: u32 = 15;

/// Factors of an addition or subtraction of int16 tensors, as [`add_factors`]; the last is the
/// sum's.
pub fn add_factors_s16(a: f32, b: f32, output: f32) -> [Multiplier; 3] {
    let twice_largest = f64::from(2.0 * a.max(b));
    let operand = |scale: f32| quantize_multiplier(f64::from(scale) / twice_largest);
    let headroom = f64::from(1u32 << ADD_LEFT_SHIFT_S16);
    [operand(a), operand(b), quantize_multiplier(twice_largest / (headroom * f64::from(output)))]
}

/// The exponent of a scale that is a power of two, or so near to one that TensorFlow Lite takes it
/// for one.
pub fn power_of_two(scale: f32) -> Option<i32> {
    let log2 = scale.log2();
    let rounded = log2.round();
    ((log2 - rounded).abs() < 1e-3).then_some(rounded as i32)
}

/// The factor from a sum of `count` values to their mean on the output's scale: the ratio of scales
/// is made a mantissa first and then divided by the count, with as many bits as fit.
pub fn mean_factor(input: f32, output: f32, count: usize) -> Multiplier {
    let Multiplier { mantissa, shift } = quantize_multiplier(f64::from(input) / f64::from(output));
    let count = count.max(1) as u64;
    let bits = (63 - count.leading_zeros() as i32).min(32).min(31 + shift).max(0);
    let mantissa = ((mantissa as i64) << bits) / count as i64;
    Multiplier { mantissa: mantissa as i32, shift: shift - bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mantissa_and_shift_stand_for_the_factor() {
        for real in [1.0, 0.5, 0.75, 3.1, 1e-6, 0.999_999_999_9, 123.456, -0.3] {
            let Multiplier { mantissa, shift } = quantize_multiplier(real);
            let back = f64::from(mantissa) * 2f64.powi(shift - 31);
            assert!((back - real).abs() <= real.abs() * 2f64.powi(-31), "{real}: {back}");
            assert!(mantissa.unsigned_abs() >= 1 << 30, "{real} is normalized");
        }
    }

    #[test]
    fn factors_out_of_range_become_zero_or_the_largest() {
        assert_eq!(quantize_multiplier(0.0), Multiplier::default());
        assert_eq!(quantize_multiplier(1e-12), Multiplier::default());
        assert_eq!(quantize_multiplier(f64::MIN_POSITIVE / 8.0), Multiplier::default());
        assert_eq!(quantize_multiplier(1e12), Multiplier { mantissa: i32::MAX, shift: 30 });
        assert_eq!(quantize_multiplier(f64::NAN), Multiplier::default());
    }

    #[test]
    fn real_factors_keep_every_bit() {
        for real in [0.1, 1.0, 1.0 / 3.0, 3e-9, 12345.678, 0.999_999_999_9] {
            let RealFactor { mantissa, shift } = real_factor(real);
            assert_eq!(mantissa as f64 * 2f64.powi(shift - 53), real);
            assert!((1 << 52..1 << 53).contains(&mantissa));
        }
        for real in [0.0, -1.0, f64::NAN, f64::MIN_POSITIVE / 2.0] {
            assert_eq!(real_factor(real), RealFactor::default());
        }
        assert!(real_factor(1e300).is_valid());
    }

    #[test]
    fn scales_near_powers_of_two_are_powers_of_two() {
        assert_eq!(power_of_two(2f32.powi(-12)), Some(-12));
        assert_eq!(power_of_two(0.000_244_2), Some(-12));
        assert_eq!(power_of_two(0.000_25), None);
    }

    #[test]
    fn dense_factors_round_as_real_numbers_do() {
        let mut moved = 0;
        for step in 0..2000 {
            let real = 1.2e-5 + 1e-10 * f64::from(step);
            let (reach, steps) = (7_000_000, 100);
            let factor = dense_factor(real, reach, steps);
            moved += i32::from(factor != quantize_multiplier(real));
            for output in -steps..steps {
                let middle = ((f64::from(output) + 0.5) / real) as i64;
                for sum in (middle - 3..=middle + 3).filter(|sum| sum.abs() <= reach) {
                    let exact = (sum as f64 * real).round() as i32;
                    assert_eq!(factor.single(sum as i32), exact, "{sum} * {real}");
                }
            }
        }
        assert!(moved > 5, "the nearest mantissa was not enough {moved} times");
    }

    #[test]
    fn a_mean_of_one_value_is_a_requantization() {
        assert_eq!(mean_factor(0.3, 0.2, 1), quantize_multiplier(0.3f32 as f64 / 0.2f32 as f64));
        let tenth = mean_factor(1.0, 1.0, 10);
        assert_eq!(tenth.double(1000), 100);
    }
}
