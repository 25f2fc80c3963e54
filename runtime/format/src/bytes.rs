//! Little-endian fields of records, read without a panic path, in constants too.

/// A fixed-length record whose fields are read by byte offset. Reading past the end gives zero,
/// which cannot happen: every reader names offsets below `N` and the tests cover each field.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a, const N: usize>(pub(crate) &'a [u8; N]);

impl<'a, const N: usize> Record<'a, N> {
    /// The record that starts at `offset`, if all of it is there.
    #[inline]
    pub(crate) const fn at(bytes: &'a [u8], offset: usize) -> Option<Self> {
        match chunk(bytes, offset) {
            Some(bytes) => Some(Self(bytes)),
            None => None,
        }
    }

    #[inline]
    pub(crate) const fn u8(&self, offset: usize) -> u8 {
        match chunk::<1>(self.0, offset) {
            Some(field) => field[0],
            None => 0,
        }
    }

    #[inline]
    pub(crate) const fn u16(&self, offset: usize) -> u16 {
        match chunk(self.0, offset) {
            Some(field) => u16::from_le_bytes(*field),
            None => 0,
        }
    }

    #[inline]
    pub(crate) const fn u32(&self, offset: usize) -> u32 {
        match chunk(self.0, offset) {
            Some(field) => u32::from_le_bytes(*field),
            None => 0,
        }
    }
}

/// The `N` bytes at `offset`, if they are all inside.
#[inline]
const fn chunk<const N: usize>(bytes: &[u8], offset: usize) -> Option<&[u8; N]> {
    match bytes.split_at_checked(offset) {
        Some((_, rest)) => rest.first_chunk(),
        None => None,
    }
}

/// The 16-bit field at `offset`.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    chunk(bytes, offset).copied().map(u16::from_le_bytes)
}

/// The 32-bit field at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    chunk(bytes, offset).copied().map(u32::from_le_bytes)
}

/// `bytes[start .. start + len]`, if it is inside.
#[inline]
pub(crate) const fn range(bytes: &[u8], start: usize, len: usize) -> Option<&[u8]> {
    match bytes.split_at_checked(start) {
        Some((_, rest)) => match rest.split_at_checked(len) {
            Some((content, _)) => Some(content),
            None => None,
        },
        None => None,
    }
}
