//! What firmware leaves in flash for hosts that find it there, when they cannot talk to it: a debug
//! probe reads memory while nothing runs.

use crate::PROTOCOL_VERSION;

/// How a record begins.
const MAGIC: [u8; 16] = *b"smidge firmware\0";
/// Bytes of a record.
const LEN: usize = 32;

/// A constant of the firmware, at a multiple of 16.
///
/// | from | bytes | field |
/// |---|---|---|
/// | 0 | 16 | `smidge firmware`, zero |
/// | 16 | 2 | protocol version |
/// | 18 | 2 | core, as in a blob's header |
/// | 20 | 4 | major and minor version of the blobs that it reads |
/// | 24 | 4 | bytes of its arena |
/// | 28 | 4 | zero |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub struct Record([u8; LEN]);

impl Record {
    /// The record of firmware for this core, with this arena, that reads blobs of this version.
    pub const fn new(isa: u16, arena: u32, format: [u16; 2]) -> Self {
        let [p0, p1] = PROTOCOL_VERSION.to_le_bytes();
        let [i0, i1] = isa.to_le_bytes();
        let [[j0, j1], [m0, m1]] = [format[0].to_le_bytes(), format[1].to_le_bytes()];
        let [a0, a1, a2, a3] = arena.to_le_bytes();
        let fields = [p0, p1, i0, i1, j0, j1, m0, m1, a0, a1, a2, a3, 0, 0, 0, 0];
        let mut bytes = [0; LEN];
        let (magic, rest) = bytes.split_at_mut(16);
        magic.copy_from_slice(&MAGIC);
        rest.copy_from_slice(&fields);
        Self(bytes)
    }

    /// The first record in flash that starts at a multiple of 16.
    pub fn find(flash: &[u8]) -> Option<Self> {
        let mut places = (0..flash.len()).step_by(16).filter_map(|at| flash.get(at..));
        let own = places.find(|bytes| bytes.starts_with(&MAGIC))?;
        own.first_chunk().map(|bytes| Self(*bytes))
    }

    fn u16(&self, at: usize) -> u16 {
        let bytes = self.0.get(at..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    }

    /// Version of the protocol.
    pub fn protocol(&self) -> u16 {
        self.u16(16)
    }

    /// Number of the core.
    pub fn isa(&self) -> u16 {
        self.u16(18)
    }

    /// Major and minor version of the blobs that it reads.
    pub fn format(&self) -> [u16; 2] {
        [self.u16(20), self.u16(22)]
    }

    /// Bytes of the arena.
    pub fn arena(&self) -> u32 {
        u32::from(self.u16(24)) | u32::from(self.u16(26)) << 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_in_flash() {
        let record = Record::new(5, 0x0006_0000, [1, 3]);
        let bytes = [&[7; 48][..], &record.0, &[9; 5]].concat();
        let found = Record::find(&bytes).unwrap();
        assert_eq!(found, record);
        assert_eq!((found.isa(), found.arena(), found.format()), (5, 0x0006_0000, [1, 3]));
        assert_eq!(found.protocol(), PROTOCOL_VERSION);
        assert_eq!(Record::find(&bytes[..70]), None);
        assert_eq!(Record::find(&bytes[1..]), None);
    }

    #[test]
    fn golden_bytes() {
        let fields = [1, 0, 3, 0, 1, 0, 2, 0, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0];
        let bytes = [&b"smidge firmware\0"[..], &fields].concat();
        assert_eq!(Record::new(3, 0x1234_5678, [1, 2]).0, *bytes);
    }
}
