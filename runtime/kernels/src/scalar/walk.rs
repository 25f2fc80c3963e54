//! Several tensors walked at once, with steps that need not have anything to do with each other.

use super::copy::RANK;
use crate::{Dst, Element, Src};

/// Calls `f` with the offset in each tensor for every index of a box, the last dimension first.
/// Offsets wrap; a view gives zero outside.
pub fn each<const N: usize>(
    count: [usize; RANK],
    steps: [[isize; RANK]; N],
    mut f: impl FnMut([usize; N]),
) {
    if count.contains(&0) {
        return;
    }
    let (mut index, mut at) = ([0usize; RANK], [0usize; N]);
    loop {
        f(at);
        let mut more = false;
        for (d, (i, &n)) in index.iter_mut().zip(&count).enumerate().rev() {
            *i += 1;
            more = *i < n;
            let rewind = if more { 0 } else { n as isize };
            for (at, step) in at.iter_mut().zip(&steps) {
                let step = step.get(d).copied().unwrap_or(0);
                let back = step.wrapping_mul(rewind);
                *at = at.wrapping_add(step as usize).wrapping_sub(back as usize);
            }
            if more {
                break;
            }
            *i = 0;
        }
        if !more {
            return;
        }
    }
}

/// `y = condition ? a : b`, all broadcast to `count`; `steps` are those of condition, a and b.
pub fn select<T: Element>(
    count: [usize; RANK],
    steps: [[isize; RANK]; 3],
    condition: Src<'_, u8>,
    a: Src<'_, T>,
    b: Src<'_, T>,
    y: Dst<'_, T>,
) {
    let mut index = 0;
    each(count, steps, |[at_condition, at_a, at_b]| {
        let chosen = if condition.get(at_condition) != 0 { a.get(at_a) } else { b.get(at_b) };
        y.set(index, chosen);
        index += 1;
    });
}

/// Surrounds `x` with its own reflection: of `before[d]` elements in front of dimension `d`, and as many
/// behind as `y` has room for. With `symmetric` the border's elements are repeated.
pub fn mirror_pad<T: Element>(
    (x_count, y_count): ([usize; RANK], [usize; RANK]),
    before: [usize; RANK],
    symmetric: bool,
    x: Src<'_, T>,
    y: Dst<'_, T>,
) {
    let x_steps = super::copy::contiguous(x_count);
    let edge = if symmetric { 1 } else { 0 };
    let mut index = 0;
    // Unit steps give the index itself in each dimension.
    let mut units = [[0isize; RANK]; RANK];
    for (d, unit) in units.iter_mut().enumerate() {
        if let Some(step) = unit.get_mut(d) {
            *step = 1;
        }
    }
    each(y_count, units, |place| {
        let mut at = 0usize;
        for (((&i, n), b), step) in place.iter().zip(x_count).zip(before).zip(x_steps) {
            let inner = if i < b {
                (b - i).wrapping_sub(edge)
            } else if i - b >= n {
                (n + n).wrapping_sub(i - b + 2 - edge)
            } else {
                i - b
            };
            at = at.wrapping_add(inner.wrapping_mul(step as usize));
        }
        y.set(index, x.get(at));
        index += 1;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_is_visited_in_order() {
        let count = [1, 2, 1, 1, 3, 2];
        let plain = crate::scalar::copy::contiguous(count);
        let mut seen = Vec::new();
        each(count, [plain, [0, 10, 0, 0, -1, 0]], |at| seen.push(at));
        let expected: Vec<_> = (0..12)
            .map(|i: usize| {
                let (outer, row) = (i / 6, i / 2 % 3);
                [i, (10 * outer).wrapping_sub(row)]
            })
            .collect();
        assert_eq!(seen, expected);
        each([1, 1, 0, 1, 1, 1], [plain], |_| panic!("there is nothing"));
    }

    #[test]
    fn conditions_choose() {
        let row = [0, 0, 0, 0, 0, 1];
        let (condition, a, b) = ([1u8, 0, 1], [1i16, 2, 3], [9i16]);
        let mut y = [0i16; 3];
        let count = [1, 1, 1, 1, 1, 3];
        let src = Src::from(&condition[..]);
        let (a, b, y_) = (Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        select(count, [row, row, [0; RANK]], src, a, b, y_);
        assert_eq!(y, [1, 9, 3]);
    }

    #[test]
    fn borders_are_reflected() {
        let x = [1i8, 2, 3];
        for (symmetric, expected) in [(false, [3i8, 2, 1, 2, 3, 2]), (true, [2, 1, 1, 2, 3, 3])] {
            let mut y = [0i8; 6];
            let count = |n| [1, 1, 1, 1, 1, n];
            let before = [0, 0, 0, 0, 0, 2];
            let (x, to) = (Src::from(&x[..]), Dst::from(&mut y[..]));
            mirror_pad((count(3), count(6)), before, symmetric, x, to);
            assert_eq!(y, expected);
        }
    }
}
