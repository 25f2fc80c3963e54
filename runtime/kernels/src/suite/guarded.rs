//! Memory with guard bytes on both sides.

use crate::{Dst, Src};
use alloc::{vec, vec::Vec};

/// Bytes on each side.
const GUARD: usize = 64;
/// What guards hold.
const PATTERN: u8 = 0xA5;

/// `len` bytes that start at a multiple of 16, between guards.
pub struct Guarded {
    bytes: Vec<u8>,
    start: usize,
    len: usize,
}

impl Guarded {
    /// Memory that holds `fill`.
    pub fn new(len: usize, fill: u8) -> Self {
        let mut bytes = vec![PATTERN; len + 2 * GUARD + 16];
        let start = GUARD + bytes[GUARD..].as_ptr().align_offset(16);
        bytes[start..start + len].fill(fill);
        Self { bytes, start, len }
    }

    /// Memory that holds these bytes.
    pub fn of(content: &[u8]) -> Self {
        let mut memory = Self::new(content.len(), 0);
        memory.content_mut().copy_from_slice(content);
        memory
    }

    /// Memory that holds these values.
    pub fn of_i8(content: &[i8]) -> Self {
        let bytes: Vec<u8> = content.iter().map(|&value| value as u8).collect();
        Self::of(&bytes)
    }

    pub fn content(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.len]
    }

    pub fn content_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.len]
    }

    pub fn src(&self) -> Src<'_, u8> {
        Src::from(self.content())
    }

    pub fn dst(&mut self) -> Dst<'_, u8> {
        Dst::from(self.content_mut())
    }

    pub fn src_i8(&self) -> Src<'_, i8> {
        self.src().cast().unwrap_or(Src::empty())
    }

    pub fn dst_i8(&mut self) -> Dst<'_, i8> {
        self.dst().cast().unwrap_or(Dst::empty())
    }

    /// Whether the content is these values.
    pub fn is(&self, expected: &[i8]) -> bool {
        self.content().iter().map(|&byte| byte as i8).eq(expected.iter().copied())
    }

    /// Whether nobody wrote to the guards.
    pub fn is_intact(&self) -> bool {
        let end = self.start + self.len;
        self.bytes[..self.start].iter().chain(&self.bytes[end..]).all(|&byte| byte == PATTERN)
    }
}
