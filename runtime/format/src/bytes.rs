//! Little-endian fields of records, read without a panic path.

/// A fixed-length record whose fields are read by byte offset. Reading past the end gives zero,
/// which cannot happen: every reader names offsets below `N` and the tests cover each field.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a, const N: usize>(pub(crate) &'a [u8; N]);

impl<'a, const N: usize> Record<'a, N> {
    /// The record that starts at `offset`, if all of it is there.
    pub(crate) fn at(bytes: &'a [u8], offset: usize) -> Option<Self> {
        bytes.get(offset..)?.first_chunk::<N>().map(Self)
    }

    pub(crate) fn u8(&self, offset: usize) -> u8 {
        self.0.get(offset).copied().unwrap_or(0)
    }

    pub(crate) fn u16(&self, offset: usize) -> u16 {
        u16_at(self.0, offset).unwrap_or(0)
    }

    pub(crate) fn u32(&self, offset: usize) -> u32 {
        u32_at(self.0, offset).unwrap_or(0)
    }
}

/// The 16-bit field at `offset`.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let field = bytes.get(offset..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*field))
}

/// The 32-bit field at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let field = bytes.get(offset..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*field))
}

/// `bytes[start .. start + len]`, if it is inside.
pub(crate) fn range(bytes: &[u8], start: usize, len: usize) -> Option<&[u8]> {
    bytes.get(start..start.checked_add(len)?)
}
