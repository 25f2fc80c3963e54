//! The header of a frame: 16 bytes that are believed only together.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

/// The four bytes that start every frame.
pub const SYNC: [u8; 4] = [0xA5, b'S', b'M', b'G'];
/// Bytes of a header.
pub const HEADER_LEN: usize = 16;
/// Longest payload in bytes.
pub const MAX_PAYLOAD: u32 = 16 << 20;
/// Flag of [`Kind::Invoke`]: send every tensor that a step writes.
pub const TRACE: u8 = 1;

/// Bit by bit, without a table: the wire is slower, and flash is short.
pub(crate) static CRC32: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// The checksum of these bytes, as frames carry it (CRC-32, ISO-HDLC).
pub fn checksum(bytes: &[u8]) -> u32 {
    CRC32.checksum(bytes)
}

/// What a frame is. Requests are below 0x80, replies from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Asks who is there.
    Hello = 0x01,
    /// Asks to check the blob in the slot and to prepare a session.
    Load = 0x02,
    /// Asks for fresh state.
    Reset = 0x03,
    /// Brings bytes of an input.
    SetInput = 0x04,
    /// Asks for one inference.
    Invoke = 0x05,
    /// Asks for an output.
    GetOutput = 0x06,
    /// Asks for the numbers of the run so far.
    GetStats = 0x07,
    /// Ends the conversation.
    Bye = 0x08,
    /// Asks to erase the slot for a new blob.
    Erase = 0x09,
    /// Brings bytes of a blob.
    Write = 0x0A,
    /// Asks for the checksum of bytes in the slot.
    Sum = 0x0B,
    /// Who the firmware is.
    Info = 0x81,
    /// The blob is good.
    Loaded = 0x82,
    /// The request was carried out.
    Done = 0x83,
    /// The bytes of an output.
    Output = 0x84,
    /// The bytes of a tensor that a step wrote.
    Tensor = 0x85,
    /// Numbers of the run so far.
    Stats = 0x86,
    /// The checksum that was asked for.
    Summed = 0x87,
    /// A line for people.
    Log = 0x88,
    /// The request was refused or failed.
    Error = 0xFF,
}

impl Kind {
    /// The kind with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            0x01 => Self::Hello,
            0x02 => Self::Load,
            0x03 => Self::Reset,
            0x04 => Self::SetInput,
            0x05 => Self::Invoke,
            0x06 => Self::GetOutput,
            0x07 => Self::GetStats,
            0x08 => Self::Bye,
            0x09 => Self::Erase,
            0x0A => Self::Write,
            0x0B => Self::Sum,
            0x81 => Self::Info,
            0x82 => Self::Loaded,
            0x83 => Self::Done,
            0x84 => Self::Output,
            0x85 => Self::Tensor,
            0x86 => Self::Stats,
            0x87 => Self::Summed,
            0x88 => Self::Log,
            0xFF => Self::Error,
            _ => return None,
        })
    }
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Number of the [`Kind`]. A number that nobody knows is no damage: it gets an answer.
    pub kind: u8,
    /// Flags of the kind.
    pub flags: u8,
    /// Index of the input, output or tensor.
    pub index: u16,
    /// Bytes of payload.
    pub len: u32,
}

impl Header {
    /// A header without flags, index and payload.
    pub const fn new(kind: Kind) -> Self {
        Self { kind: kind as u8, flags: 0, index: 0, len: 0 }
    }

    /// The same with an index.
    pub const fn with_index(self, index: u16) -> Self {
        Self { index, ..self }
    }

    /// The same with flags.
    pub const fn with_flags(self, flags: u8) -> Self {
        Self { flags, ..self }
    }

    /// The bytes on the wire, checksum included.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let [s0, s1, s2, s3] = SYNC;
        let [i0, i1] = self.index.to_le_bytes();
        let [l0, l1, l2, l3] = self.len.to_le_bytes();
        let fields = [s0, s1, s2, s3, self.kind, self.flags, i0, i1, l0, l1, l2, l3];
        let [c0, c1, c2, c3] = CRC32.checksum(&fields).to_le_bytes();
        [s0, s1, s2, s3, self.kind, self.flags, i0, i1, l0, l1, l2, l3, c0, c1, c2, c3]
    }

    /// The header in these bytes, if they are one: sync word, length bound and checksum hold.
    pub fn decode(bytes: &[u8; HEADER_LEN]) -> Option<Self> {
        let [s0, s1, s2, s3, kind, flags, i0, i1, l0, l1, l2, l3, c0, c1, c2, c3] = *bytes;
        let fields = bytes.first_chunk::<12>()?;
        let header = Self {
            kind,
            flags,
            index: u16::from_le_bytes([i0, i1]),
            len: u32::from_le_bytes([l0, l1, l2, l3]),
        };
        let believed = [s0, s1, s2, s3] == SYNC
            && header.len <= MAX_PAYLOAD
            && CRC32.checksum(fields).to_le_bytes() == [c0, c1, c2, c3];
        believed.then_some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: [u8; HEADER_LEN] = [
        0xA5, 0x53, 0x4D, 0x47, 0x04, 0x00, 0x02, 0x01, 0x10, 0x00, 0x00, 0x00, 0x42, 0x8D, 0x90,
        0x0F,
    ];
    const HEADER: Header = Header { kind: Kind::SetInput as u8, flags: 0, index: 0x0102, len: 16 };

    #[test]
    fn golden_bytes() {
        assert_eq!(HEADER.encode(), GOLDEN);
        assert_eq!(Header::decode(&GOLDEN), Some(HEADER));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for bit in 0..HEADER_LEN * 8 {
            let mut bytes = GOLDEN;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::decode(&bytes), None, "bit {bit}");
        }
    }

    #[test]
    fn a_length_beyond_the_bound_is_refused() {
        let longest = Header { len: MAX_PAYLOAD, ..HEADER };
        assert_eq!(Header::decode(&longest.encode()), Some(longest));
        let longer = Header { len: MAX_PAYLOAD + 1, ..HEADER };
        assert_eq!(Header::decode(&longer.encode()), None);
    }

    #[test]
    fn kinds_and_their_numbers_agree() {
        let known = (0..=u8::MAX).filter_map(|n| Kind::from_u8(n).map(|kind| (n, kind)));
        let known: Vec<_> = known.collect();
        assert_eq!(known.len(), 20);
        assert!(known.iter().all(|&(number, kind)| kind as u8 == number));
    }
}
