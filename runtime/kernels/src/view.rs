//! Typed views of memory that may overlap.
//!
//! An operator that works in place reads and writes the same bytes, and a planner's mistake must
//! never be more than a wrong number. So kernels do not get `&[T]` and `&mut [T]`, which promise
//! that nothing overlaps, but [`Src`] and [`Dst`]: a pointer, a length, and the semantics of
//! `&[Cell<T>]`. Every access is checked: reading outside gives zero, writing outside does nothing,
//! neither panics. Kernels slice a row once and then run over it without further checks.

use core::cell::Cell;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// Types that any bytes are a valid value of.
///
/// # Safety
/// Every bit pattern is valid, there is no padding, and the alignment is at most 16.
pub unsafe trait Element: Copy + Default + 'static {}

// SAFETY: integers and IEEE 754 numbers accept every bit pattern and have no padding.
unsafe impl Element for i8 {}
// SAFETY: as above.
unsafe impl Element for u8 {}
// SAFETY: as above.
unsafe impl Element for i16 {}
// SAFETY: as above.
unsafe impl Element for u16 {}
// SAFETY: as above.
unsafe impl Element for i32 {}
// SAFETY: as above.
unsafe impl Element for u32 {}
// SAFETY: as above.
unsafe impl Element for i64 {}
// SAFETY: as above.
unsafe impl Element for u64 {}
// SAFETY: as above.
unsafe impl Element for f32 {}
// SAFETY: it is a u16.
unsafe impl Element for crate::scalar::float16::Half {}

/// Memory to read from, which somebody else of this thread may write meanwhile.
pub struct Src<'a, T> {
    start: NonNull<T>,
    len: usize,
    life: PhantomData<&'a Cell<T>>,
}

impl<T> Clone for Src<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Src<'_, T> {}

impl<'a, T: Element> From<&'a [T]> for Src<'a, T> {
    fn from(slice: &'a [T]) -> Self {
        Self { start: NonNull::from(slice).cast(), len: slice.len(), life: PhantomData }
    }
}

impl<'a, T: Element> Src<'a, T> {
    /// Nothing.
    pub fn empty() -> Self {
        Self::from(&[][..])
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Whether the memory starts at a multiple of `bytes`.
    #[inline]
    pub fn is_aligned(self, bytes: usize) -> bool {
        self.start.addr().get().is_multiple_of(bytes)
    }

    /// Where the memory starts: for kernels, which have checked every length before.
    #[inline]
    pub(crate) fn as_ptr(self) -> *const T {
        self.start.as_ptr()
    }

    /// Element `index`, zero outside.
    #[inline]
    pub fn get(self, index: usize) -> T {
        if index < self.len {
            // SAFETY: the index is inside, and whoever made this view vouched for the memory.
            unsafe { self.start.add(index).read() }
        } else {
            T::default()
        }
    }

    /// `len` elements from `start`; empty if they are not all inside.
    #[inline]
    pub fn slice(self, start: usize, len: usize) -> Self {
        match start.checked_add(len) {
            Some(end) if end <= self.len => {
                // SAFETY: `start` is at most the length of the memory.
                let start = unsafe { self.start.add(start) };
                Self { start, len, life: PhantomData }
            }
            _ => Self::empty(),
        }
    }

    /// The elements in order.
    #[inline]
    pub fn iter(self) -> impl ExactSizeIterator<Item = T> + 'a {
        // SAFETY: the range ends at the length.
        (0..self.len).map(move |i| unsafe { self.start.add(i).read() })
    }

    /// The same bytes as elements of another type; `None` if they do not divide or align.
    pub fn cast<U: Element>(self) -> Option<Src<'a, U>> {
        let len = recast::<T, U>(self.start.addr().get(), self.len)?;
        Some(Src { start: self.start.cast(), len, life: PhantomData })
    }
}

/// Memory to write to, which somebody else of this thread may read meanwhile.
pub struct Dst<'a, T> {
    start: NonNull<T>,
    len: usize,
    life: PhantomData<&'a Cell<T>>,
}

impl<T> Clone for Dst<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Dst<'_, T> {}

impl<'a, T: Element> From<&'a mut [T]> for Dst<'a, T> {
    fn from(slice: &'a mut [T]) -> Self {
        Self { len: slice.len(), start: NonNull::from(slice).cast(), life: PhantomData }
    }
}

impl<'a, T: Element> Dst<'a, T> {
    /// `len` elements from `start` on.
    ///
    /// # Safety
    /// They are there, aligned, and stay so as long as this view is used.
    #[cfg(feature = "threads")]
    pub(crate) unsafe fn from_raw(start: NonNull<T>, len: usize) -> Self {
        Self { start, len, life: PhantomData }
    }

    /// Nothing.
    pub fn empty() -> Self {
        Self::from(&mut [][..])
    }

    /// Number of elements.
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Whether the memory starts at a multiple of `bytes`.
    #[inline]
    pub fn is_aligned(self, bytes: usize) -> bool {
        self.start.addr().get().is_multiple_of(bytes)
    }

    /// Where the memory starts: for kernels, which have checked every length before.
    #[inline]
    pub(crate) fn as_mut_ptr(self) -> *mut T {
        self.start.as_ptr()
    }

    /// The same memory, to read from.
    pub fn as_src(self) -> Src<'a, T> {
        Src { start: self.start, len: self.len, life: PhantomData }
    }

    /// Writes element `index`; outside, does nothing.
    #[inline]
    pub fn set(self, index: usize, value: T) {
        if index < self.len {
            // SAFETY: the index is inside, and whoever made this view vouched for the memory.
            unsafe { self.start.add(index).write(value) }
        }
    }

    /// `len` elements from `start`; empty if they are not all inside.
    #[inline]
    pub fn slice(self, start: usize, len: usize) -> Self {
        match start.checked_add(len) {
            Some(end) if end <= self.len => {
                // SAFETY: `start` is at most the length of the memory.
                let start = unsafe { self.start.add(start) };
                Self { start, len, life: PhantomData }
            }
            _ => Self::empty(),
        }
    }

    /// Writes one value after the other until either end. The values may come from memory that
    /// overlaps: each is read before it is written over, if it stands at the same index or later.
    #[inline]
    pub fn fill_with(self, values: impl Iterator<Item = T>) {
        for (i, value) in (0..self.len).zip(values) {
            // SAFETY: the range ends at the length.
            unsafe { self.start.add(i).write(value) }
        }
    }

    /// Writes the same value everywhere.
    pub fn fill(self, value: T) {
        self.fill_with(core::iter::repeat(value));
    }

    /// Copies as many elements as both have; they may overlap.
    pub fn copy_from(self, source: Src<'_, T>) {
        let count = self.len.min(source.len);
        #[cfg(smidge_isa = "mve")]
        // SAFETY: both hold `count` elements.
        if unsafe { crate::mve::copy(source.as_ptr(), self.as_mut_ptr(), count) } {
            return;
        }
        // SAFETY: both hold `count` elements, and `copy` allows overlap.
        unsafe { core::ptr::copy(source.as_ptr(), self.as_mut_ptr(), count) }
    }

    /// The same bytes as elements of another type; `None` if they do not divide or align.
    pub fn cast<U: Element>(self) -> Option<Dst<'a, U>> {
        let len = recast::<T, U>(self.start.addr().get(), self.len)?;
        Some(Dst { start: self.start.cast(), len, life: PhantomData })
    }
}

/// Bytes as elements; `None` if they do not divide or align.
pub fn cast<T: Element>(bytes: &[u8]) -> Option<&[T]> {
    let len = recast::<u8, T>(bytes.as_ptr().addr(), bytes.len())?;
    // SAFETY: the memory is inside `bytes` and borrowed as long; it divides and aligns, and every bit
    // pattern is a valid `T`.
    Some(unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast(), len) })
}

/// Bytes as elements to write; `None` if they do not divide or align.
pub fn cast_mut<T: Element>(bytes: &mut [u8]) -> Option<&mut [T]> {
    let len = recast::<u8, T>(bytes.as_ptr().addr(), bytes.len())?;
    // SAFETY: as in `cast`; the borrow is exclusive, and `T` has no padding, so that the bytes stay
    // initialised.
    Some(unsafe { core::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), len) })
}

/// How many `U` the bytes of `len` elements of `T` at `address` are.
fn recast<T, U>(address: usize, len: usize) -> Option<usize> {
    let bytes = len.checked_mul(size_of::<T>())?;
    let whole = bytes.is_multiple_of(size_of::<U>()) && address.is_multiple_of(align_of::<U>());
    whole.then_some(bytes / size_of::<U>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_stay_inside() {
        let mut bytes = [1i8, 2, 3, 4];
        let dst = Dst::from(&mut bytes[..]);
        dst.set(4, 9);
        dst.slice(3, 2).fill(9);
        dst.slice(usize::MAX, 2).fill(9);
        assert_eq!(dst.as_src().get(4), 0);
        assert_eq!(dst.as_src().slice(2, 2).iter().collect::<Vec<_>>(), [3, 4]);
        assert!(dst.as_src().slice(3, 2).is_empty());
        assert_eq!(bytes, [1, 2, 3, 4]);
    }

    #[test]
    fn copies_overlap_forwards_and_backwards() {
        let mut bytes = [1u8, 2, 3, 4, 5];
        let dst = Dst::from(&mut bytes[..]);
        dst.slice(1, 4).copy_from(dst.as_src());
        assert_eq!(bytes, [1, 1, 2, 3, 4]);
    }

    #[test]
    fn casts_need_alignment_and_whole_elements() {
        let words = [0x0403_0201i32, 5];
        let bytes = Src::from(&words[..]).cast::<u8>().unwrap();
        assert_eq!(bytes.len(), 8);
        assert!(bytes.slice(1, 4).cast::<i32>().is_none());
        assert!(bytes.slice(0, 6).cast::<i32>().is_none());
        assert_eq!(bytes.slice(0, 4).cast::<i32>().unwrap().get(0), 0x0403_0201);
    }
}
