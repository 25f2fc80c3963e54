//! ADD and SUB as one linear form, with the proof that nothing changes.
//!
//! The reference rounds each operand and then the sum. Written as
//! `clamp((a * m1 + b * m2 + c) >> s)` the same function takes two multiplications. For given factors
//! every one of the 65,536 pairs of operands says which `c` give its result: an interval. If the
//! intervals of all pairs meet, any `c` of the meeting is exact for all of them.

use smidge_kernels::Multiplier;
use smidge_kernels::scalar::elementwise::{AddS8, LinearS8};

/// How far factors are varied around the rounded ones.
const VARIATION: i32 = 3;
/// How many shifts are tried, from the largest that fits.
const SHIFTS: u32 = 4;

/// The linear form of an addition, or a subtraction with `subtract`; `None` if no factors near the
/// real ones have one.
pub fn linear_form(add: &AddS8, subtract: bool) -> Option<LinearS8> {
    let expected: Vec<i8> = pairs().map(|(a, b)| add.apply(subtract, a, b)).collect();
    let sign = if subtract { -1.0 } else { 1.0 };
    let scale = real(add.output) * f64::from(1u32 << add.left_shift.min(31));
    let factors = [real(add.factors[0]) * scale, sign * real(add.factors[1]) * scale];
    let largest = largest_shift(add, factors)?;
    (0..SHIFTS).filter_map(|step| largest.checked_sub(step)).find_map(|shift| {
        let scaled = factors.map(|factor| (factor * f64::from(1u32 << shift)).round() as i32);
        variations().find_map(|[first, second]| {
            let factors = [scaled[0].checked_add(first)?, scaled[1].checked_add(second)?];
            let form = LinearS8 { factors, offset: 0, shift, clamp: add.clamp };
            let offset = meeting(&form, &expected)?;
            Some(LinearS8 { offset, ..form }).filter(LinearS8::is_valid)
        })
    })
}

fn real(factor: Multiplier) -> f64 {
    f64::from(factor.mantissa) * f64::from(factor.shift - 31).exp2()
}

/// Every pair of int8 values.
fn pairs() -> impl Iterator<Item = (i8, i8)> {
    (i8::MIN..=i8::MAX).flat_map(|a| (i8::MIN..=i8::MAX).map(move |b| (a, b)))
}

/// Small changes of both factors, smallest first.
fn variations() -> impl Iterator<Item = [i32; 2]> {
    let range = -VARIATION..=VARIATION;
    let mut all: Vec<_> = range.clone().flat_map(|a| range.clone().map(move |b| [a, b])).collect();
    all.sort_by_key(|[a, b]| a.abs() + b.abs());
    all.into_iter()
}

/// The largest shift at which products and offset fit 31 bits.
fn largest_shift(add: &AddS8, factors: [f64; 2]) -> Option<u32> {
    let operands: f64 = factors.iter().map(|factor| factor.abs() * 128.0).sum();
    let zeros: f64 = add.offsets.iter().zip(factors).map(|(&o, f)| (f64::from(o) * f).abs()).sum();
    let reach = operands + zeros + f64::from(add.output_offset).abs() + 1.0;
    (1..=28).rev().find(|&shift| reach * f64::from(1u32 << shift) < 2_147_000_000.0)
}

/// The middle of all offsets that are right for every pair.
fn meeting(form: &LinearS8, expected: &[i8]) -> Option<i32> {
    let (mut low, mut high) = (i64::from(i32::MIN), i64::from(i32::MAX));
    for ((a, b), &y) in pairs().zip(expected) {
        let y = i64::from(y);
        let products =
            i64::from(a) * i64::from(form.factors[0]) + i64::from(b) * i64::from(form.factors[1]);
        // From the clamp's bounds outwards every larger, or smaller, sum gives the same.
        if y > i64::from(form.clamp.min) {
            low = low.max((y << form.shift) - products);
        }
        if y < i64::from(form.clamp.max) {
            high = high.min(((y + 1) << form.shift) - 1 - products);
        }
        if low > high {
            return None;
        }
    }
    i32::try_from(low + (high - low) / 2).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multiplier::add_factors;
    use smidge_kernels::Clamp;

    fn add(scales: [f32; 3], zeros: [i32; 3], clamp: Clamp<i32>) -> AddS8 {
        let (factors, output) = add_factors(scales[0], scales[1], scales[2]);
        AddS8 {
            offsets: [-zeros[0], -zeros[1]],
            factors,
            left_shift: 20,
            output,
            output_offset: zeros[2],
            clamp,
        }
    }

    #[test]
    fn what_is_found_is_the_same_function() {
        let clamps = [Clamp { min: -128, max: 127 }, Clamp { min: -3, max: 127 }];
        let mut found = 0;
        for case in 0..40u32 {
            let vary = |n: u32| (case * 37 + n * 101) % 89;
            let scale = |n: u32| 0.01 + vary(n) as f32 * 0.0031;
            let zero = |n: u32| vary(n) as i32 * 2 - 90;
            let add = add(
                [scale(1), scale(2), scale(3)],
                [zero(4), zero(5), zero(6)],
                clamps[case as usize % 2],
            );
            for subtract in [false, true] {
                let Some(form) = linear_form(&add, subtract) else { continue };
                found += 1;
                for (a, b) in pairs() {
                    assert_eq!(form.apply(a, b), add.apply(subtract, a, b), "{case}: {a} {b}");
                }
            }
        }
        assert!(found > 60, "{found} of 80");
    }

    #[test]
    fn a_wrong_form_is_not_taken() {
        let clamp = Clamp { min: -128, max: 127 };
        let add = add([0.05, 0.02, 0.07], [3, -7, 11], clamp);
        let expected: Vec<i8> = pairs().map(|(a, b)| add.apply(false, a, b)).collect();
        let form = linear_form(&add, false).unwrap();
        assert_eq!(meeting(&form, &expected).map(|_| ()), Some(()));
        let off =
            LinearS8 { factors: [form.factors[0] + form.factors[0] / 50, form.factors[1]], ..form };
        assert_eq!(meeting(&off, &expected), None);
    }
}
