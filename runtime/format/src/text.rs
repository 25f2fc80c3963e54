//! Names and metadata: the parts that people read.

use crate::FormatError;
use crate::bytes::{range, u16_at, u32_at};

/// What a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum NameKind {
    /// A tensor.
    Tensor = 0,
    /// A step.
    Step = 1,
    /// A subgraph; subgraph 0's name is the model's.
    Subgraph = 2,
}

/// A name entry: kind `u16`, index `u16`, length `u16`, then the bytes.
struct Names<'m>(&'m [u8]);

impl<'m> Iterator for Names<'m> {
    type Item = Option<(u16, u16, &'m str)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let rest = core::mem::take(&mut self.0);
        let entry = (|| {
            let (kind, index) = (u16_at(rest, 0)?, u16_at(rest, 2)?);
            let len = u16_at(rest, 4)? as usize;
            let name = core::str::from_utf8(range(rest, 6, len)?).ok()?;
            self.0 = rest.get(6 + len..)?;
            Some((kind, index, name))
        })();
        Some(entry)
    }
}

pub(crate) fn check_names(bytes: &[u8]) -> Result<(), FormatError> {
    if Names(bytes).all(|entry| entry.is_some()) { Ok(()) } else { Err(FormatError::Text) }
}

pub(crate) fn find_name(bytes: &[u8], kind: NameKind, index: u16) -> Option<&str> {
    let mut names = Names(bytes).flatten();
    names.find(|&(k, i, _)| k == kind as u16 && i == index).map(|(_, _, name)| name)
}

/// A metadata entry: key length `u16`, zero `u16`, value length `u32`, key, value.
struct Entries<'m>(&'m [u8]);

impl<'m> Iterator for Entries<'m> {
    type Item = Option<(&'m str, &'m str)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let rest = core::mem::take(&mut self.0);
        let entry = (|| {
            let (key_len, value_len) = (u16_at(rest, 0)? as usize, u32_at(rest, 4)? as usize);
            let key = core::str::from_utf8(range(rest, 8, key_len)?).ok()?;
            let value = core::str::from_utf8(range(rest, 8 + key_len, value_len)?).ok()?;
            self.0 = rest.get((8 + key_len).checked_add(value_len)?..)?;
            Some((key, value))
        })();
        Some(entry)
    }
}

pub(crate) fn check_metadata(bytes: &[u8]) -> Result<(), FormatError> {
    if Entries(bytes).all(|entry| entry.is_some()) { Ok(()) } else { Err(FormatError::Text) }
}

pub(crate) fn entries(bytes: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    Entries(bytes).flatten()
}
