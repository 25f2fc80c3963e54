//! The proof that two requantizations are the same function.

use core::ops::RangeInclusive;

/// Whether two functions that never fall as their argument grows agree on a whole range. Requantization
/// is a staircase of at most 256 steps: two staircases are the same if they agree on both sides of
/// each step of one of them and at the ends of the range. So a shorter form of the arithmetic can
/// be proved for all accumulators of a channel with a few thousand evaluations.
pub fn same_steps(
    range: RangeInclusive<i32>,
    reference: impl Fn(i32) -> i32,
    candidate: impl Fn(i32) -> i32,
) -> bool {
    let (low, high) = range.into_inner();
    if low > high {
        return true;
    }
    let agrees = |at: i32| reference(at) == candidate(at);
    let top = reference(high);
    let mut at = low;
    if !agrees(low) || !agrees(high) {
        return false;
    }
    // From step to step: the first argument whose value is above that of `at`.
    while reference(at) < top {
        let (mut below, mut above) = (i64::from(at), i64::from(high));
        let value = reference(at);
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            if reference(middle as i32) > value { above = middle } else { below = middle }
        }
        if !agrees(below as i32) || !agrees(above as i32) {
            return false;
        }
        at = above as i32;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_argument_is_found() {
        let stairs = |x: i32| (x.div_euclid(1000)).clamp(-5, 9);
        assert!(same_steps(-100_000..=100_000, stairs, stairs));
        assert!(same_steps(i32::MIN..=i32::MAX, stairs, stairs));
        for wrong in [-5000, 2000, 8999] {
            let off =
                |x: i32| if x == wrong { stairs(x + 1).max(stairs(x - 1)) } else { stairs(x) };
            let differs = (-10_000..10_000).any(|x| off(x) != stairs(x));
            assert_eq!(same_steps(-10_000..=10_000, stairs, off), !differs, "{wrong}");
        }
        assert!(!same_steps(0..=10, |x| x, |x| x.min(9)));
        assert!(!same_steps(0..=10, |x| x, |x| x.max(1)));
    }
}
