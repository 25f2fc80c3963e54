//! Payloads with fields: encoder and decoder side by side.

/// Writes fields one behind the other. What does not fit is left out: every caller's array has the
/// length of its fields, and the tests compare the bytes.
struct Writer<'a>(&'a mut [u8]);

impl Writer<'_> {
    fn put<const N: usize>(&mut self, field: [u8; N]) -> &mut Self {
        if let Some((head, tail)) = core::mem::take(&mut self.0).split_first_chunk_mut() {
            *head = field;
            self.0 = tail;
        }
        self
    }
}

/// Reads fields one behind the other; `None` when the bytes end.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

/// A short text in a field of fixed length, UTF-8, filled up with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    /// The text, without what is beyond `N` bytes.
    pub fn new(text: &str) -> Self {
        let mut bytes = [0; N];
        bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Self(bytes)
    }

    /// The text again; empty if the bytes are none.
    pub fn as_str(&self) -> &str {
        let text = self.0.split(|&byte| byte == 0).next().unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }
}

/// Who the firmware is and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// [`PROTOCOL_VERSION`](crate::PROTOCOL_VERSION) of the firmware.
    pub protocol: u16,
    /// Number of the core that the firmware's kernels are made for, as in a blob's header.
    pub isa: u16,
    /// Bytes of the firmware's arena.
    pub arena_capacity: u32,
    /// Bytes that a blob may have.
    pub slot_capacity: u32,
    /// The board.
    pub board: Text<32>,
    /// Version of the firmware.
    pub firmware: Text<16>,
    /// Major and minor version of the blobs that it reads; zeros where it does not say.
    pub format: [u16; 2],
    /// Cycles of its counter in a second; 0 where it counts none.
    pub hz: u32,
    /// [`WRITABLE`].
    pub flags: u32,
}

/// Flag of [`Info`]: the slot can be written.
pub const WRITABLE: u32 = 1;

impl Info {
    /// Bytes of payload.
    pub const LEN: usize = 72;

    /// The payload: the fields in their order.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        Writer(&mut bytes)
            .put(self.protocol.to_le_bytes())
            .put(self.isa.to_le_bytes())
            .put(self.arena_capacity.to_le_bytes())
            .put(self.slot_capacity.to_le_bytes())
            .put(self.board.0)
            .put(self.firmware.0)
            .put(self.format[0].to_le_bytes())
            .put(self.format[1].to_le_bytes())
            .put(self.hz.to_le_bytes())
            .put(self.flags.to_le_bytes());
        bytes
    }

    /// Reads a payload; `None` if it is too short. Fields behind the texts may be missing.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader(payload);
        Some(Self {
            protocol: fields.u16()?,
            isa: fields.u16()?,
            arena_capacity: fields.u32()?,
            slot_capacity: fields.u32()?,
            board: Text(fields.take()?),
            firmware: Text(fields.take()?),
            format: [fields.u16().unwrap_or(0), fields.u16().unwrap_or(0)],
            hz: fields.u32().unwrap_or(0),
            flags: fields.u32().unwrap_or(0),
        })
    }
}

/// The blob is good, a session is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Bytes of arena that the model needs.
    pub arena_len: u32,
    /// Number of inputs.
    pub inputs: u16,
    /// Number of outputs.
    pub outputs: u16,
}

impl Loaded {
    /// Bytes of payload.
    pub const LEN: usize = 8;

    /// The payload: the fields in their order.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        Writer(&mut bytes)
            .put(self.arena_len.to_le_bytes())
            .put(self.inputs.to_le_bytes())
            .put(self.outputs.to_le_bytes());
        bytes
    }

    /// Reads a payload; `None` if it is too short.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader(payload);
        Some(Self { arena_len: fields.u32()?, inputs: fields.u16()?, outputs: fields.u16()? })
    }
}

/// An inference is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran {
    /// What the board's counter counted, see [`Info::hz`]; on microcontrollers cycles of the core.
    /// None where nothing counts, and where the inference was traced.
    pub cycles: Option<u64>,
}

impl Ran {
    /// Reads a payload; a firmware that counts nothing sends an empty one.
    pub fn decode(payload: &[u8]) -> Self {
        Self { cycles: Reader(payload).take().map(u64::from_le_bytes) }
    }
}

/// Numbers of the run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of arena that the model uses; 0 before a model is loaded.
    pub arena_len: u32,
    /// Most bytes of stack that were ever in use, start-up and this protocol included.
    pub stack_peak: u32,
    /// Bytes of stack that there are.
    pub stack_capacity: u32,
    /// Inferences that were carried out.
    pub invocations: u32,
    /// Bytes that were skipped because they were no frame.
    pub skipped: u32,
}

impl Stats {
    /// Bytes of payload.
    pub const LEN: usize = 20;

    /// The payload: the fields in their order.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        Writer(&mut bytes)
            .put(self.arena_len.to_le_bytes())
            .put(self.stack_peak.to_le_bytes())
            .put(self.stack_capacity.to_le_bytes())
            .put(self.invocations.to_le_bytes())
            .put(self.skipped.to_le_bytes());
        bytes
    }

    /// Reads a payload; `None` if it is too short.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader(payload);
        Some(Self {
            arena_len: fields.u32()?,
            stack_peak: fields.u32()?,
            stack_capacity: fields.u32()?,
            invocations: fields.u32()?,
            skipped: fields.u32()?,
        })
    }
}

/// Where a request failed, and so whose codes and details a [`Fault`] carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// The request itself: [`RequestError`](crate::RequestError).
    Request = 1,
    /// The check of the blob.
    Check = 2,
    /// The preparation of a session: the arena.
    Session = 3,
    /// An inference.
    Invoke = 4,
}

impl Phase {
    /// The phase with this number.
    pub const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            1 => Self::Request,
            2 => Self::Check,
            3 => Self::Session,
            4 => Self::Invoke,
            _ => return None,
        })
    }
}

/// Why a request was refused or failed. Numbers only: the host has the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code of the error.
    pub code: u16,
    /// Number of the [`Phase`].
    pub phase: u8,
    /// Two numbers that say where; their meaning belongs to the code.
    pub details: [u32; 2],
}

impl Fault {
    /// Bytes of payload.
    pub const LEN: usize = 12;

    /// The payload: code, phase, zero, details.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let [a, b] = self.details;
        let mut bytes = [0; Self::LEN];
        Writer(&mut bytes)
            .put(self.code.to_le_bytes())
            .put([self.phase, 0])
            .put(a.to_le_bytes())
            .put(b.to_le_bytes());
        bytes
    }

    /// Reads a payload; `None` if it is too short.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut fields = Reader(payload);
        let code = fields.u16()?;
        let [phase, _] = fields.take()?;
        Some(Self { code, phase, details: [fields.u32()?, fields.u32()?] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: Info = Info {
        protocol: 1,
        isa: 3,
        arena_capacity: 0x0030_0000,
        slot_capacity: 0x0102_0304,
        board: Text(*b"qemu:cortex-m4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        firmware: Text(*b"0.1.0\0\0\0\0\0\0\0\0\0\0\0"),
        format: [1, 2],
        hz: 0x0773_5940,
        flags: WRITABLE,
    };
    const LOADED: Loaded = Loaded { arena_len: 54_000, inputs: 1, outputs: 2 };
    const STATS: Stats = Stats {
        arena_len: 1,
        stack_peak: 0x0200,
        stack_capacity: 0x03_0000,
        invocations: 0x0400_0000,
        skipped: 5,
    };
    const FAULT: Fault = Fault { code: 304, phase: Phase::Check as u8, details: [9, 0x0A0B_0C0D] };

    #[test]
    fn golden_bytes() {
        let mut info = vec![1, 0, 3, 0, 0, 0, 0x30, 0, 4, 3, 2, 1];
        info.extend(b"qemu:cortex-m4");
        info.extend([0; 18]);
        info.extend(b"0.1.0");
        info.extend([0; 11]);
        info.extend([1, 0, 2, 0, 0x40, 0x59, 0x73, 7, 1, 0, 0, 0]);
        assert_eq!(INFO.encode(), *info);
        assert_eq!(LOADED.encode(), [0xF0, 0xD2, 0, 0, 1, 0, 2, 0]);
        assert_eq!(STATS.encode(), [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 5, 0, 0, 0]);
        assert_eq!(FAULT.encode(), [0x30, 1, 2, 0, 9, 0, 0, 0, 0x0D, 0x0C, 0x0B, 0x0A]);
    }

    #[test]
    fn decoding_brings_back_what_was_encoded() {
        assert_eq!(Info::decode(&INFO.encode()), Some(INFO));
        assert_eq!(Loaded::decode(&LOADED.encode()), Some(LOADED));
        assert_eq!(Stats::decode(&STATS.encode()), Some(STATS));
        assert_eq!(Fault::decode(&FAULT.encode()), Some(FAULT));
    }

    #[test]
    fn short_payloads_are_refused_and_longer_ones_are_read() {
        fn lengths(bytes: &[u8], decodes: impl Fn(&[u8]) -> bool) {
            (0..bytes.len()).for_each(|len| assert!(!decodes(&bytes[..len]), "{len} bytes"));
            assert!(decodes(&[bytes, &[7]].concat()));
        }
        lengths(&INFO.encode()[..60], |bytes| Info::decode(bytes).is_some());
        lengths(&LOADED.encode(), |bytes| Loaded::decode(bytes).is_some());
        lengths(&STATS.encode(), |bytes| Stats::decode(bytes).is_some());
        lengths(&FAULT.encode(), |bytes| Fault::decode(bytes).is_some());
    }

    #[test]
    fn an_info_without_the_later_fields_is_read() {
        let info = Info::decode(&INFO.encode()[..60]).unwrap();
        assert_eq!(info, Info { format: [0, 0], hz: 0, flags: 0, ..INFO });
        assert_eq!(Info::decode(&INFO.encode()[..66]).unwrap(), Info { format: [1, 2], ..info });
    }

    #[test]
    fn cycles_may_be_missing() {
        assert_eq!(Ran::decode(&[]), Ran { cycles: None });
        assert_eq!(Ran::decode(&[6, 5, 4, 3, 2, 1, 0, 0]), Ran { cycles: Some(0x0102_0304_0506) });
    }

    #[test]
    fn texts_are_cut_and_filled() {
        assert_eq!(Text::<4>::new("ab").as_str(), "ab");
        assert_eq!(Text::<4>::new("abcd").as_str(), "abcd");
        assert_eq!(Text::<4>::new("abcdef").as_str(), "abcd");
        assert_eq!(Text([0xFF, 0xFE, 0, 0]).as_str(), "");
        assert_eq!(INFO.board, Text::new("qemu:cortex-m4"));
    }

    #[test]
    fn phases_and_their_numbers_agree() {
        let known: Vec<_> = (0..=u8::MAX).filter(|&n| Phase::from_u8(n).is_some()).collect();
        assert_eq!(known, [1, 2, 3, 4]);
        assert_eq!(Phase::from_u8(Phase::Invoke as u8), Some(Phase::Invoke));
    }
}
