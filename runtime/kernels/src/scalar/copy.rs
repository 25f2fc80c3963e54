//! Copies with strides: slicing, transposing, padding and joining are all this loop.

use crate::{Dst, Element, Src};

/// Dimensions of a copy.
pub const RANK: usize = 6;

/// A box of elements inside a tensor: `count[d]` elements along dimension `d`, `step[d]` elements
/// apart (negative for backwards), from element `start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Elements along each dimension, outermost first.
    pub count: [usize; RANK],
    /// Distance of neighbours along each dimension, in elements.
    pub step: [isize; RANK],
    /// The first element.
    pub start: usize,
}

impl View {
    /// All elements of a contiguous tensor.
    pub fn whole(count: [usize; RANK]) -> Self {
        Self { count, step: contiguous(count), start: 0 }
    }

    /// Number of elements; `None` if it overflows.
    pub fn elements(&self) -> Option<usize> {
        self.count.iter().try_fold(1usize, |product, &n| product.checked_mul(n))
    }

    /// The same elements in the same order, in as few dimensions and as long rows as possible.
    fn merged(&self) -> Self {
        let mut merged = Self { count: [1; RANK], step: [1; RANK], start: self.start };
        let mut into = merged.count.iter_mut().zip(merged.step.iter_mut()).rev();
        let Some((mut count, mut step)) = into.next() else { return *self };
        for (&n, &distance) in self.count.iter().zip(&self.step).rev() {
            if n == 1 {
                continue;
            }
            let reach = (*count as isize).wrapping_mul(*step);
            if *count == 1 {
                (*count, *step) = (n, distance);
            } else if distance == reach {
                *count = count.wrapping_mul(n);
            } else if let Some(next) = into.next() {
                (count, step) = next;
                (*count, *step) = (n, distance);
            }
        }
        merged
    }

    /// Whether every element of the box is inside a tensor of `len` elements.
    pub fn is_inside(&self, len: usize) -> bool {
        if self.count.contains(&0) {
            return true;
        }
        let (mut low, mut high) = (self.start as i64, self.start as i64);
        for (&count, &step) in self.count.iter().zip(&self.step) {
            let Some(reach) = (count as i64 - 1).checked_mul(step as i64) else { return false };
            let end = if reach < 0 { &mut low } else { &mut high };
            let Some(sum) = end.checked_add(reach) else { return false };
            *end = sum;
        }
        low >= 0 && high < len as i64
    }

    /// Calls `f` with the offset of every element, counted from `base`.
    pub fn elements_at(&self, base: usize, mut f: impl FnMut(usize)) {
        let [.., width] = self.count;
        let [.., step] = self.step;
        self.rows(|row| {
            for i in 0..width {
                let offset = row.wrapping_add(step.wrapping_mul(i as isize));
                f(base.wrapping_add(offset as usize));
            }
        });
    }

    /// The offsets of the first elements of all rows (a row is the innermost dimension).
    pub(crate) fn rows(&self, mut f: impl FnMut(isize)) {
        let [n0, n1, n2, n3, n4, _] = self.count;
        let [s0, s1, s2, s3, s4, _] = self.step;
        let mut o0 = self.start as isize;
        for _ in 0..n0 {
            let mut o1 = o0;
            for _ in 0..n1 {
                let mut o2 = o1;
                for _ in 0..n2 {
                    let mut o3 = o2;
                    for _ in 0..n3 {
                        let mut o4 = o3;
                        for _ in 0..n4 {
                            f(o4);
                            o4 = o4.wrapping_add(s4);
                        }
                        o3 = o3.wrapping_add(s3);
                    }
                    o2 = o2.wrapping_add(s2);
                }
                o1 = o1.wrapping_add(s1);
            }
            o0 = o0.wrapping_add(s0);
        }
    }
}

/// Steps of a contiguous tensor of these dimensions.
pub fn contiguous(count: [usize; RANK]) -> [isize; RANK] {
    let mut step = [1isize; RANK];
    let mut product = 1isize;
    for (step, count) in step.iter_mut().rev().zip(count.iter().rev()) {
        *step = product;
        product = product.wrapping_mul(*count as isize);
    }
    step
}

/// Copies the box `view` of `x` to contiguous `y`.
pub fn gather<T: Element>(view: &View, x: Src<'_, T>, y: Dst<'_, T>) {
    let view = view.merged();
    let [.., width] = view.count;
    let [.., step] = view.step;
    let is_inside = view.is_inside(x.len());
    let mut at = 0;
    view.rows(|row| {
        let to = y.slice(at, width);
        at += width;
        if step == 1 {
            to.copy_from(x.slice(row as usize, width));
        } else if is_inside {
            let mut from = x.as_ptr().wrapping_offset(row);
            to.fill_with(core::iter::from_fn(|| {
                // SAFETY: every element of the box is inside `x`, and `to` has as many as the row.
                let value = unsafe { from.read() };
                from = from.wrapping_offset(step);
                Some(value)
            }));
        } else {
            let place = |i: usize| row.wrapping_add(step.wrapping_mul(i as isize)) as usize;
            to.fill_with((0..width).map(|i| x.get(place(i))));
        }
    });
}

/// Copies contiguous `x` to the box `view` of `y`.
pub fn scatter<T: Element>(view: &View, x: Src<'_, T>, y: Dst<'_, T>) {
    let view = view.merged();
    let [.., width] = view.count;
    let [.., step] = view.step;
    let mut at = 0;
    view.rows(|row| {
        let from = x.slice(at, width);
        at += width;
        if step == 1 {
            y.slice(row as usize, width).copy_from(from);
        } else {
            let mut to = row;
            for value in from.iter() {
                y.set(to as usize, value);
                to = to.wrapping_add(step);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposes_and_reverses() {
        let x = [1i8, 2, 3, 4, 5, 6];
        let mut y = [0i8; 6];
        // [2, 3] seen as [3, 2], rows backwards.
        let view = View { count: [1, 1, 1, 1, 3, 2], step: [0, 0, 0, 0, -1, 3], start: 2 };
        assert!(view.is_inside(6));
        gather(&view, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [3, 6, 2, 5, 1, 4]);
        let mut back = [0i8; 6];
        scatter(&view, Src::from(&y[..]), Dst::from(&mut back[..]));
        assert_eq!(back, x);
    }

    #[test]
    fn a_box_outside_is_seen() {
        let inside = View { count: [1, 1, 1, 1, 2, 3], step: [0, 0, 0, 0, 3, 1], start: 0 };
        assert!(inside.is_inside(6) && !inside.is_inside(5));
        assert!(!View { start: 1, ..inside }.is_inside(6));
        assert!(!View { step: [0, 0, 0, 0, -1, 1], ..inside }.is_inside(6));
    }

    #[test]
    fn every_dimension_is_walked_with_its_step() {
        let view = View { count: [2, 3, 1, 2, 2, 3], step: [500, -100, 7, 33, -11, 2], start: 300 };
        assert!(view.is_inside(1000));
        let mut places = Vec::new();
        for i in 0..view.elements().unwrap() {
            let (mut rest, mut at) = (i, view.start as isize);
            for (&n, &step) in view.count.iter().zip(&view.step).rev() {
                at += (rest % n) as isize * step;
                rest /= n;
            }
            places.push(at as usize);
        }
        let x: Vec<i32> = (0..1000).collect();
        let mut y = vec![0; places.len()];
        gather(&view, Src::from(&x[..]), Dst::from(&mut y[..]));
        assert_eq!(y, places.iter().map(|&at| at as i32).collect::<Vec<_>>());
        let mut back = vec![-1; 1000];
        scatter(&view, Src::from(&y[..]), Dst::from(&mut back[..]));
        for (at, &value) in back.iter().enumerate() {
            assert_eq!(value, if places.contains(&at) { at as i32 } else { -1 });
        }
    }

    #[test]
    fn rows_that_follow_each_other_are_one() {
        let whole = View::whole([1, 2, 3, 4, 5, 6]).merged();
        assert_eq!((whole.count, whole.step[RANK - 1]), ([1, 1, 1, 1, 1, 720], 1));
        let part = View { count: [1, 2, 1, 3, 2, 4], step: [9, 48, 7, 16, 4, 1], start: 5 };
        let merged = part.merged();
        assert_eq!((merged.count, merged.step[4..].to_vec()), ([1, 1, 1, 1, 6, 8], vec![16, 1]));
        let empty = View { count: [3, 0, 2, 1, 1, 4], ..part };
        assert_eq!(empty.merged().elements(), Some(0));
    }

    #[test]
    fn a_walk_outside_is_harmless() {
        let view = View { count: [1, 1, 1, 1, 2, 3], step: [0, 0, 0, 0, 9, 1], start: usize::MAX };
        let backwards = View { step: [0, 0, 0, 0, -5, -1], start: 3, ..view };
        let far = View { step: [isize::MAX, 1, 1, 1, isize::MIN, 2], ..view };
        for view in [view, backwards, far] {
            assert!(!view.is_inside(4));
            let (x, mut y) = ([5u8; 4], [7u8; 6]);
            gather(&view, Src::from(&x[..]), Dst::from(&mut y[..]).slice(1, 4));
            assert_eq!([y[0], y[5]], [7, 7]);
            scatter(&view, Src::from(&x[..]), Dst::from(&mut y[..]).slice(1, 4));
            assert_eq!([y[0], y[5]], [7, 7]);
        }
    }

    #[test]
    fn sizes_that_overflow_are_seen() {
        let view = View { count: [1 << 16; RANK], step: [1; RANK], start: 0 };
        assert_eq!(view.elements(), None);
        assert!(!View { step: [isize::MAX; RANK], ..view }.is_inside(usize::MAX >> 1));
        let empty = View { count: [0; RANK], ..view };
        assert!(empty.is_inside(0) && empty.elements() == Some(0), "nothing is inside anything");
    }
}
