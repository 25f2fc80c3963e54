//! Mean over some dimensions. The input is seen as a box whose kept dimensions come first and whose
//! reduced ones follow, so that each output value is one run over the rest.

use super::copy::{RANK, View};
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// Which elements each output value is the mean of: `kept` walks the outputs, `reduced` the elements
/// of one, relative to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduce {
    /// The first element of each output.
    pub kept: View,
    /// The elements of one output.
    pub reduced: View,
}

impl Reduce {
    /// The walk over an input of these dimensions; `axes[d]` says whether dimension `d` is reduced.
    pub fn new(count: [usize; RANK], axes: [bool; RANK]) -> Self {
        let whole = View::whole(count);
        let select = |reduced: bool| {
            let mut view = whole;
            for (n, axis) in view.count.iter_mut().zip(axes) {
                if axis != reduced {
                    *n = 1;
                }
            }
            view
        };
        Self { kept: select(false), reduced: select(true) }
    }

    /// Folds the elements of each output and calls `write` with its index and the result.
    pub fn fold<T: Element, A: Copy>(
        &self,
        x: Src<'_, T>,
        start: A,
        add: impl Fn(A, T) -> A,
        mut write: impl FnMut(usize, A),
    ) {
        let mut index = 0;
        self.kept.elements_at(0, |first| {
            let mut total = start;
            self.reduced.elements_at(first, |at| total = add(total, x.get(at)));
            write(index, total);
            index += 1;
        });
    }
}

/// float mean: the sum in input order, divided by the count.
pub fn mean_f32(p: &Reduce, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let count = p.reduced.elements().unwrap_or(1) as f32;
    p.fold(x, 0.0f32, |sum, x| sum + x, |at, sum| y.set(at, sum / count));
}

/// Numbers of an int8 mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeanS8 {
    /// Which elements.
    pub walk: Reduce,
    /// Minus the input's zero point.
    pub input_offset: i32,
    /// The output's zero point.
    pub output_offset: i32,
    /// Factor from a sum to the output's scale, the number of elements included.
    pub factor: Multiplier,
}

/// int8 mean: the sum without zero points, requantized with double rounding.
pub fn mean_s8(p: &MeanS8, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let count = p.walk.reduced.elements().unwrap_or(0) as i32;
    let start = p.input_offset.wrapping_mul(count);
    let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
    p.walk.fold(
        x,
        start,
        |sum, x| sum.wrapping_add(x as i32),
        |at, sum| {
            let scaled = p.factor.double(sum).wrapping_add(p.output_offset);
            y.set(at, clamp.apply(scaled) as i8);
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    const COUNT: [usize; RANK] = [1, 2, 1, 3, 2, 5];

    /// The elements of each output, by coordinates.
    fn groups(axes: [bool; RANK]) -> Vec<Vec<usize>> {
        let mut groups = std::collections::BTreeMap::<Vec<usize>, Vec<usize>>::new();
        for i in 0..COUNT.iter().product() {
            let (mut rest, mut kept) = (i, Vec::new());
            for (n, reduced) in COUNT.into_iter().zip(axes).rev() {
                kept.insert(0, if reduced { 0 } else { rest % n });
                rest /= n;
            }
            groups.entry(kept).or_default().push(i);
        }
        groups.into_values().collect()
    }

    #[test]
    fn means_over_any_dimensions() {
        let mut random = Random(13);
        let (x, floats) = (random.i8s(60), random.f32s(60));
        for bits in 0..1u8 << RANK {
            let axes = core::array::from_fn(|d| bits >> d & 1 != 0);
            let (walk, groups) = (Reduce::new(COUNT, axes), groups(axes));
            let mut y = vec![0.0f32; groups.len()];
            mean_f32(&walk, Src::from(&floats[..]), Dst::from(&mut y[..]));
            let mean = |g: &Vec<usize>| g.iter().map(|&i| floats[i]).sum::<f32>() / g.len() as f32;
            assert_eq!(y, groups.iter().map(mean).collect::<Vec<_>>(), "{axes:?}");

            let factor = Multiplier { mantissa: 1_500_000_000, shift: -(bits as i32 % 7) };
            let mean = MeanS8 { walk, input_offset: -5, output_offset: 3, factor };
            let mut y = vec![0i8; groups.len()];
            mean_s8(&mean, Src::from(&x[..]), Dst::from(&mut y[..]));
            let mean = |group: &Vec<usize>| {
                let sum: i32 = group.iter().map(|&i| x[i] as i32 - 5).sum();
                (factor.double(sum) + 3).clamp(-128, 127) as i8
            };
            assert_eq!(y, groups.iter().map(mean).collect::<Vec<_>>(), "{axes:?}");
        }
    }
}
