//! Mean over some dimensions.

use crate::scalar::reduce::Reduce;
use crate::{Clamp, Dst, Multiplier, Src};

/// The sum of each group by a factor that includes the number of elements, with double rounding. Sums
/// wrap at 32 bits: groups of at most 65,535 elements never do.
pub fn mean_s16(walk: &Reduce, factor: Multiplier, x: Src<'_, i16>, y: Dst<'_, i16>) {
    let clamp = Clamp { min: i16::MIN as i32, max: i16::MAX as i32 };
    let add = |sum: i32, x: i16| sum.wrapping_add(x as i32);
    walk.fold(x, 0i32, add, |at, sum| y.set(at, clamp.apply(factor.double(sum)) as i16));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_columns() {
        let x = [1i16, -30_000, 6, -30_001, 5, 32_767];
        let walk = Reduce::new([1, 1, 1, 1, 3, 2], [false, false, false, false, true, false]);
        // A third.
        let factor = Multiplier { mantissa: 1_431_655_765, shift: -1 };
        let mut y = [0; 2];
        mean_s16(&walk, factor, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [4, -9078]);
    }
}
