//! Elements that other elements name.

use crate::{Dst, Element, Src};

/// Integers that count elements.
pub trait Index: Element {
    /// The index into a dimension of `len` elements, negative ones from its end; what is outside is
    /// outside.
    fn resolve(self, len: usize) -> usize;
}

macro_rules! index {
    ($($type:ty),*) => { $(impl Index for $type {
        fn resolve(self, len: usize) -> usize {
            let at = if self < 0 { (self as i64).wrapping_add(len as i64) } else { self as i64 };
            usize::try_from(at).ok().filter(|&at| at < len).unwrap_or(usize::MAX)
        }
    })* };
}

index!(i8, i16, i32, i64);

/// Shape of a gather: `x` is `[batch, outer, len, inner]`, indices `[batch, count]`, `y`
/// `[batch, outer, count, inner]`. `inner` is in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gather {
    /// Leading elements that x and indices share.
    pub batch: usize,
    /// Elements before the axis.
    pub outer: usize,
    /// Elements along the axis.
    pub len: usize,
    /// Bytes behind the axis.
    pub inner: usize,
    /// Indices of a batch.
    pub count: usize,
}

/// Copies the rows that indices name; zeros for an index outside.
pub fn gather_rows<I: Index>(p: &Gather, x: Src<'_, u8>, index: Src<'_, I>, y: Dst<'_, u8>) {
    let mut at = 0;
    for batch in 0..p.batch {
        for outer in 0..p.outer {
            let block = (batch * p.outer + outer) * p.len;
            for i in 0..p.count {
                let row = index.get(batch * p.count + i).resolve(p.len);
                copy_row(x, block.saturating_add(row).saturating_mul(p.inner), y, at, p.inner);
                at += p.inner;
            }
        }
    }
}

/// Copies `len` bytes from `from` to `to`; zeros where they are not all inside.
fn copy_row(x: Src<'_, u8>, from: usize, y: Dst<'_, u8>, to: usize, len: usize) {
    let (source, target) = (x.slice(from, len), y.slice(to, len));
    if source.len() == len { target.copy_from(source) } else { target.fill(0) }
}

/// Copies rows of `inner` bytes that tuples of `dims.len()` indices name; zeros for one outside.
pub fn gather_nd<I: Index>(
    dims: &[u32],
    inner: usize,
    x: Src<'_, u8>,
    index: Src<'_, I>,
    y: Dst<'_, u8>,
) {
    let tuples = index.len().checked_div(dims.len()).unwrap_or(0);
    for tuple in 0..tuples {
        let row = dims.iter().enumerate().try_fold(0usize, |row, (k, &dim)| {
            let at = index.get(tuple * dims.len() + k).resolve(dim as usize);
            (at != usize::MAX).then(|| row * dim as usize + at)
        });
        let from = row.map_or(usize::MAX, |row| row.saturating_mul(inner));
        copy_row(x, from, y, tuple * inner, inner);
    }
}

/// Makes `y` a copy of `x` and puts `join(element, update)` where `index` names rows of `inner`
/// elements; a row outside is left out. Updates are `[index.len(), inner]`, taken in their order.
pub fn scatter_rows<T: Element>(
    inner: usize,
    x: Src<'_, T>,
    index: Src<'_, i32>,
    updates: Src<'_, T>,
    y: Dst<'_, T>,
    join: impl Fn(T, T) -> T,
) {
    y.copy_from(x);
    let rows = y.len().checked_div(inner).unwrap_or(0);
    for i in 0..index.len() {
        let row = index.get(i).resolve(rows);
        if row != usize::MAX {
            for k in 0..inner {
                let at = row * inner + k;
                y.set(at, join(y.as_src().get(at), updates.get(i * inner + k)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_from_both_ends() {
        let x = [1u8, 2, 3, 4, 5, 6];
        let mut y = [9u8; 8];
        let p = Gather { batch: 1, outer: 1, len: 3, inner: 2, count: 4 };
        gather_rows(&p, Src::from(&x[..]), Src::from(&[2i32, -3, 3, 1][..]), Dst::from(&mut y[..]));
        assert_eq!(y, [5, 6, 1, 2, 0, 0, 3, 4]);
    }

    #[test]
    fn every_batch_has_its_own_indices() {
        let x = [1u8, 2, 3, 4, 5, 6, 7, 8];
        let mut y = [0u8; 4];
        let p = Gather { batch: 2, outer: 2, len: 2, inner: 1, count: 1 };
        gather_rows(&p, Src::from(&x[..]), Src::from(&[1i64, 0][..]), Dst::from(&mut y[..]));
        assert_eq!(y, [2, 4, 5, 7]);
    }

    #[test]
    fn tuples_name_elements() {
        let x = [1u8, 2, 3, 4, 5, 6];
        let mut y = [9u8; 3];
        let index = [1i32, 2, 0, 1, 2, 0];
        gather_nd(&[2, 3], 1, Src::from(&x[..]), Src::from(&index[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [6, 2, 0]);
    }

    #[test]
    fn rows_are_written_in_the_order_of_their_updates() {
        let (x, mut y) = ([1i32, 2, 3, 4, 5, 6], [0i32; 6]);
        let (index, updates) = ([2i32, -3, 7, 2], [10i32, 20, 30, 40, 50, 60, 70, 80]);
        let (index, updates) = (Src::from(&index[..]), Src::from(&updates[..]));
        let y_view = Dst::from(&mut y[..]);
        scatter_rows(2, Src::from(&x[..]), index, updates, y_view, |old, new| old + new);
        assert_eq!(y, [31, 42, 3, 4, 5 + 10 + 70, 6 + 20 + 80]);
    }
}
