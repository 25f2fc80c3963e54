//! Attribute bytes of a step: a fixed sequence of little-endian numbers. Each operator defines its
//! own sequence; writer and reader stand side by side in the operator's file.

/// Reads attributes in order. Reading past the end gives zero and clears [`Reader::is_complete`].
pub struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, short: false }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.rest.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.rest = rest;
                *head
            }
            None => {
                self.short = true;
                [0; N]
            }
        }
    }

    /// The next `N` bytes as they are.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take()
    }

    /// The next unsigned byte.
    pub fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.take())
    }

    /// The next unsigned 16-bit number.
    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    /// The next unsigned 32-bit number.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    /// The next signed 32-bit number.
    pub fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.take())
    }

    /// The next single-precision number.
    pub fn f32(&mut self) -> f32 {
        f32::from_le_bytes(self.take())
    }

    /// Whether every read so far was inside, and nothing but zero padding is left.
    pub fn is_complete(&self) -> bool {
        !self.short && self.rest.iter().all(|&b| b == 0)
    }
}

/// Writes attributes in order into `N` bytes; what is not written stays zero.
pub struct Writer<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Default for Writer<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Writer<N> {
    /// An empty writer.
    pub fn new() -> Self {
        Self { bytes: [0; N], at: 0 }
    }

    fn put(&mut self, value: &[u8]) {
        debug_assert!(self.at + value.len() <= N, "attributes longer than declared");
        for (to, from) in self.bytes.iter_mut().skip(self.at).zip(value) {
            *to = *from;
        }
        self.at += value.len();
    }

    /// Appends an unsigned byte.
    pub fn u8(&mut self, value: u8) {
        self.put(&value.to_le_bytes());
    }

    /// Appends an unsigned 16-bit number.
    pub fn u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    /// Appends an unsigned 32-bit number.
    pub fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    /// Appends a signed 32-bit number.
    pub fn i32(&mut self, value: i32) {
        self.put(&value.to_le_bytes());
    }

    /// Appends a single-precision number.
    pub fn f32(&mut self, value: f32) {
        self.put(&value.to_le_bytes());
    }

    /// The bytes.
    pub fn finish(self) -> [u8; N] {
        self.bytes
    }
}
