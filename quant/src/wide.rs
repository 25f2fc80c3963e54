//! Tables and numbers of functions of int16 values.

use crate::multiplier::{power_of_two, quantize_multiplier};
use smidge_kernels::Multiplier;
use smidge_kernels::scalar::s16::{CURVE, Curve, LUT};

/// The table of LOGISTIC and TANH: `logistic(i / 24)` in Q0.16, each entry raised by half of what a
/// straight line to the next one is too low in the middle; the last is where the function ends.
pub fn logistic_curve() -> Vec<u16> {
    let logistic = |at: f64| 65_536.0 / (1.0 + (-at / 24.0).exp());
    let entry = |i: usize| {
        let (here, next) = (logistic(i as f64), logistic(i as f64 + 1.0));
        let too_low = logistic(i as f64 + 0.5) - (here + next) / 2.0;
        (here + too_low / 2.0).round() as u16
    };
    (0..CURVE - 1).map(entry).chain([u16::MAX]).collect()
}

/// How inputs of this scale become positions in the table of LOGISTIC, or with `twice` of TANH.
///
/// Positions are 3 / 4096 of an entry's distance apart. Scales that are powers of two, for TANH two of
/// them, need no rounding; others are multiplied by the largest 15-bit factor that their product with a
/// power of two has.
pub fn curve(scale: f32, twice: bool) -> Curve {
    let exact = if twice { 0..=1 } else { 0..=0 };
    if let Some(shift) = power_of_two(scale).map(|e| e + 12).filter(|s| exact.contains(s)) {
        return Curve { multiplier: 3 << shift, shift: 0 };
    }
    let mut multiplier = f64::from(scale) * 4096.0 * 3.0;
    let mut shift = 0;
    while multiplier <= 32_767.0 / 2.0 && shift <= 30 {
        multiplier *= 2.0;
        shift += 1;
    }
    Curve { multiplier: multiplier.min(32_767.0) as i32, shift }
}

/// Steps of the range of exponents, `[-10, 0]`, that the table of exponentials has.
const EXP_STEP: f64 = 10.0 / 65_535.0;

/// The factor from a difference of inputs to a position in the table of exponentials.
pub fn softmax_factor(scale: f32, beta: f32) -> Multiplier {
    quantize_multiplier(f64::from(scale) * f64::from(beta) / EXP_STEP)
}

/// `exp` from -10 to 0 in Q0.15.
pub fn softmax_exps() -> Vec<i16> {
    samples((-65_535.0 * EXP_STEP as f32, 0.0), 32_768.0, f32::exp)
}

/// `1 / (1 + x)` from 0 to 1 in Q0.15.
pub fn softmax_reciprocals() -> Vec<i16> {
    samples((0.0, 1.0), 32_768.0, |x| 1.0 / (1.0 + x))
}

/// A function of an int16 value, for input and output of these scales.
pub fn table(input: f32, output: f32, f: impl Fn(f32) -> f32) -> Vec<i16> {
    let (low, high) = (input * -32_768.0, input * 32_767.0);
    let scale = 65_536.0 / (output * 32_767.0 - output * -32_768.0);
    samples((low, high), scale, f)
}

/// A function at 512 steps of an interval, and at its end. Each entry is moved by half the error that a
/// straight line to the next one has in the middle.
fn samples((low, high): (f32, f32), scale: f32, f: impl Fn(f32) -> f32) -> Vec<i16> {
    let steps = (LUT - 1) as f32;
    let step = (high - low) / steps;
    let limit = |value: f32| value.clamp(-32_768.0, 32_767.0) as i16;
    let entry = |i: usize| {
        let at = |part: f32| f(low + i as f32 * step + part);
        let sample = (at(0.0) * scale).round();
        let next = f(low + (i + 1) as f32 * step);
        let line = ((next * scale + sample) / 2.0).round();
        let middle = (at(step / 2.0) * scale).round();
        limit(sample - ((line - middle) / 2.0).round())
    };
    let last = limit((f(high) * scale).round());
    (0..LUT - 1).map(entry).chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_near_the_functions() {
        let curve = logistic_curve();
        assert_eq!(curve[..4], [32_768, 33_451, 34_133, 34_813]);
        assert_eq!(curve[253..], [65_534, 65_534, 65_535]);
        for (i, &value) in softmax_exps().iter().enumerate() {
            let exact = 32_768.0 * (10.0 * i as f64 / 512.0 - 10.0).exp();
            assert!((f64::from(value) - exact).abs() < 3.0, "{i}: {value}, {exact}");
        }
        for (i, &value) in softmax_reciprocals().iter().enumerate() {
            let exact = 32_768.0 / (1.0 + i as f64 / 512.0);
            assert!((f64::from(value) - exact).abs() < 2.0, "{i}: {value}, {exact}");
        }
    }

    #[test]
    fn positions_follow_from_the_scale() {
        assert_eq!(curve(2f32.powi(-12), false), Curve { multiplier: 3, shift: 0 });
        assert_eq!(curve(2f32.powi(-11), true), Curve { multiplier: 6, shift: 0 });
        let half = curve(2f32.powi(-13), false);
        assert_eq!(half, Curve { multiplier: 24_576, shift: 14 });
        assert!(curve(1e9, false).multiplier == 32_767);
    }
}
