//! A bound on what an importer copies.

use super::Problem;

/// Bytes that may still be copied out of a file.
///
/// The tables of a FlatBuffer may overlap, so a few kilobytes can describe a network of any size.
/// Converters do not do that: what they write is about as long as what is read from it.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Generous for every honest file of `file_len` bytes.
    pub(super) fn for_file(file_len: usize) -> Self {
        const SMALL_FILE: usize = 64 * 1024;
        const COPIES: usize = 8;
        Self { left: file_len.saturating_mul(COPIES).saturating_add(SMALL_FILE) }
    }

    /// Adds what a file beside the model has.
    pub(super) fn extend(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }

    /// Takes the cost of `count` elements of `size` bytes, before they are copied.
    pub(super) fn charge(&mut self, count: usize, size: usize) -> Result<(), Problem> {
        let left = count.checked_mul(size).and_then(|cost| self.left.checked_sub(cost));
        self.left = left.ok_or(Problem::Inflated)?;
        Ok(())
    }
}
