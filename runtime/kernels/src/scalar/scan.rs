//! What goes along one axis: positions of extremes, running sums, the largest elements.

use crate::{Dst, Element, Src};

/// A tensor seen as `[outer, len, inner]`, with the axis in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Elements before the axis.
    pub outer: usize,
    /// Elements along the axis.
    pub len: usize,
    /// Elements behind the axis.
    pub inner: usize,
}

impl Lines {
    /// Calls `f` with the number and the first element of each line.
    fn each(&self, mut f: impl FnMut(usize, usize)) {
        for outer in 0..self.outer {
            for inner in 0..self.inner {
                f(outer * self.inner + inner, outer * self.len * self.inner + inner);
            }
        }
    }
}

/// Writes the position of the first element of each line that `beats` all others.
pub fn arg<T: Element, I: Element>(
    p: &Lines,
    x: Src<'_, T>,
    y: Dst<'_, I>,
    beats: impl Fn(T, T) -> bool,
    index: impl Fn(usize) -> I,
) {
    p.each(|line, first| {
        let (mut best, mut value) = (0, x.get(first));
        for i in 1..p.len {
            let candidate = x.get(first + i * p.inner);
            if beats(candidate, value) {
                (best, value) = (i, candidate);
            }
        }
        y.set(line, index(best));
    });
}

/// Running sums of each line; without the element itself with `exclusive`, from the end with `reverse`.
pub fn cumulative<T: Element>(
    p: &Lines,
    (exclusive, reverse): (bool, bool),
    x: Src<'_, T>,
    y: Dst<'_, T>,
    add: impl Fn(T, T) -> T,
) {
    p.each(|_, first| {
        let mut sum = T::default();
        for i in 0..p.len {
            let i = if reverse { p.len - 1 - i } else { i };
            let at = first + i * p.inner;
            let next = add(sum, x.get(at));
            y.set(at, if exclusive { sum } else { next });
            sum = next;
        }
    });
}

/// The `k` largest elements of rows of `depth`, falling, and their positions; of equal ones the first
/// comes first.
pub fn top<T: Element + PartialOrd>(
    (depth, k): (usize, usize),
    x: Src<'_, T>,
    values: Dst<'_, T>,
    positions: Dst<'_, i32>,
) {
    for row in 0..x.len().checked_div(depth).unwrap_or(0) {
        let row_values = x.slice(row * depth, depth);
        let mut last: Option<(usize, T)> = None;
        for place in 0..k {
            let mut best: Option<(usize, T)> = None;
            for (i, value) in row_values.iter().enumerate() {
                // What comes behind the last one in the order of values and then of positions.
                let is_left =
                    last.is_none_or(|(at, taken)| value < taken || (i > at && value == taken));
                if is_left && best.is_none_or(|(_, found)| value > found) {
                    best = Some((i, value));
                }
            }
            if let Some((i, value)) = best {
                values.set(row * k + place, value);
                positions.set(row * k + place, i as i32);
            }
            last = best;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: Lines = Lines { outer: 1, len: 3, inner: 2 };

    #[test]
    fn extremes_are_found_along_the_axis() {
        let x = [1i8, 9, 7, 2, 7, 9];
        let mut y = [0i32; 2];
        let (src, dst) = (Src::from(&x[..]), Dst::from(&mut y[..]));
        arg(&LINES, src, dst, |a, b| a > b, |i| i as i32);
        assert_eq!(y, [1, 0]);
    }

    #[test]
    fn sums_run() {
        let x = [1, 10, 2, 20, 3, 30];
        let expected = [
            ((false, false), [1, 10, 3, 30, 6, 60]),
            ((true, false), [0, 0, 1, 10, 3, 30]),
            ((false, true), [6, 60, 5, 50, 3, 30]),
            ((true, true), [5, 50, 3, 30, 0, 0]),
        ];
        for (how, expected) in expected {
            let mut y = [0i32; 6];
            cumulative(&LINES, how, Src::from(&x[..]), Dst::from(&mut y[..]), |a, b| a + b);
            assert_eq!(y, expected);
        }
    }

    #[test]
    fn the_largest_come_first() {
        let x = [3.0f32, 5.0, 5.0, 1.0, -1.0, -2.0, -1.0, -3.0];
        let (mut values, mut positions) = ([0.0; 6], [0; 6]);
        let (v, p) = (Dst::from(&mut values[..]), Dst::from(&mut positions[..]));
        top((4, 3), Src::from(&x[..]), v, p);
        assert_eq!(values, [5.0, 5.0, 3.0, -1.0, -1.0, -2.0]);
        assert_eq!(positions, [1, 2, 0, 0, 2, 1]);
    }
}
