//! One end of the wire: finds frames in a stream of bytes and sends them.

use crc::{Digest, NoTable};

use crate::frame::{CRC32, HEADER_LEN, Header, MAX_PAYLOAD};
use crate::{Kind, LinkError};

/// A wire that carries bytes in order.
pub trait Transport {
    /// Why the wire failed.
    type Error: Copy;

    /// Waits for bytes, writes at least one to the start of `dst` and says how many.
    /// Zero means that the stream ended (or that `dst` is empty).
    ///
    /// # Errors
    /// When the wire failed.
    fn read(&mut self, dst: &mut [u8]) -> Result<usize, Self::Error>;

    /// Sends all of `bytes`.
    ///
    /// # Errors
    /// When the wire failed.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
}

impl<T: Transport + ?Sized> Transport for &mut T {
    type Error = T::Error;

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, T::Error> {
        (**self).read(dst)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), T::Error> {
        (**self).write(bytes)
    }
}

/// One end of a wire. Receiving goes in three steps, so that payload bytes can be put where they
/// belong without a buffer between: [`receive`](Self::receive) a header, take its
/// [`payload`](Self::payload) in pieces, [`finish`](Self::finish) the frame.
pub struct Link<T> {
    transport: T,
    /// Checksum of the payload taken so far.
    digest: Digest<'static, u32, NoTable>,
    /// Payload bytes of the present frame that were not taken yet.
    remaining: u32,
    /// Whether the present frame's checksum is still on the wire.
    open: bool,
    skipped: u32,
}

impl<T: Transport> Link<T> {
    /// An end of this wire, between two frames.
    pub fn new(transport: T) -> Self {
        Self { transport, digest: CRC32.digest(), remaining: 0, open: false, skipped: 0 }
    }

    /// The wire.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The wire, mutable.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// Gives the wire back.
    pub fn into_transport(self) -> T {
        self.transport
    }

    /// Bytes that were skipped because they were no frame; stays at the greatest `u32`.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Waits for the next header that can be believed and skips everything before it.
    /// A frame that was not finished is read away first, whatever its checksum.
    ///
    /// # Errors
    /// [`LinkError::Ended`] where no further header comes, [`LinkError::Transport`].
    pub fn receive(&mut self) -> Result<Header, LinkError<T::Error>> {
        match self.finish() {
            Ok(()) | Err(LinkError::Damaged) => {}
            Err(error) => return Err(error),
        }
        let mut window = [0; HEADER_LEN];
        self.fill(&mut window)?;
        loop {
            if let Some(header) = Header::decode(&window) {
                self.digest = CRC32.digest();
                self.remaining = header.len;
                self.open = true;
                return Ok(header);
            }
            self.skipped = self.skipped.saturating_add(1);
            let mut next = [0];
            self.fill(&mut next)?;
            let [next] = next;
            let seen = window;
            window = core::array::from_fn(|i| seen.get(i + 1).copied().unwrap_or(next));
        }
    }

    /// Fills `dst` with the next bytes of the payload. They may be damaged until
    /// [`finish`](Self::finish) says that they are not.
    ///
    /// # Errors
    /// [`LinkError::Short`] if fewer bytes are left (none is taken), [`LinkError::Ended`],
    /// [`LinkError::Transport`].
    pub fn payload(&mut self, dst: &mut [u8]) -> Result<(), LinkError<T::Error>> {
        let taken = u32::try_from(dst.len()).map_err(|_| LinkError::Short)?;
        self.remaining = self.remaining.checked_sub(taken).ok_or(LinkError::Short)?;
        self.fill(dst)?;
        self.digest.update(dst);
        Ok(())
    }

    /// Reads away what is left of the frame and compares the checksum. Does nothing between frames.
    ///
    /// # Errors
    /// [`LinkError::Damaged`] if the payload is not what was sent, [`LinkError::Ended`],
    /// [`LinkError::Transport`].
    pub fn finish(&mut self) -> Result<(), LinkError<T::Error>> {
        if !self.open {
            return Ok(());
        }
        let mut buffer = [0; 32];
        while let Some(piece) = buffer.get_mut(..self.remaining.min(32) as usize) {
            if piece.is_empty() {
                break;
            }
            self.payload(piece)?;
        }
        self.open = false;
        let mut sent = [0; 4];
        self.fill(&mut sent)?;
        let computed = core::mem::replace(&mut self.digest, CRC32.digest()).finalize();
        if computed == u32::from_le_bytes(sent) { Ok(()) } else { Err(LinkError::Damaged) }
    }

    /// Sends a frame whose payload is `parts`, one behind the other; sets the header's length.
    ///
    /// # Errors
    /// [`LinkError::Long`] beyond [`MAX_PAYLOAD`], [`LinkError::Transport`].
    pub fn send(&mut self, header: Header, parts: &[&[u8]]) -> Result<(), LinkError<T::Error>> {
        let len = parts.iter().fold(0usize, |sum, part| sum.saturating_add(part.len()));
        let len = u32::try_from(len).ok().filter(|&len| len <= MAX_PAYLOAD);
        let header = Header { len: len.ok_or(LinkError::Long)?, ..header };
        let mut digest = CRC32.digest();
        self.write(&header.encode())?;
        for part in parts {
            digest.update(part);
            self.write(part)?;
        }
        self.write(&digest.finalize().to_le_bytes())
    }

    /// Sends a frame without payload.
    ///
    /// # Errors
    /// [`LinkError::Transport`].
    pub fn send_plain(&mut self, kind: Kind) -> Result<(), LinkError<T::Error>> {
        self.send(Header::new(kind), &[])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError<T::Error>> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.transport.write(bytes).map_err(LinkError::Transport)
    }

    fn fill(&mut self, mut dst: &mut [u8]) -> Result<(), LinkError<T::Error>> {
        while !dst.is_empty() {
            let count = match self.transport.read(dst) {
                Ok(0) => return Err(LinkError::Ended),
                Ok(count) => count,
                Err(error) => return Err(LinkError::Transport(error)),
            };
            dst = core::mem::take(&mut dst).get_mut(count..).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads from `input`, a few bytes at a time; writes to `output`.
    #[derive(Default)]
    struct Bytes {
        input: Vec<u8>,
        output: Vec<u8>,
        at: usize,
        piece: usize,
    }

    impl Transport for Bytes {
        type Error = ();

        fn read(&mut self, dst: &mut [u8]) -> Result<usize, ()> {
            let rest = &self.input[self.at..];
            let count = rest.len().min(dst.len()).min(self.piece);
            dst[..count].copy_from_slice(&rest[..count]);
            self.at += count;
            Ok(count)
        }

        fn write(&mut self, bytes: &[u8]) -> Result<(), ()> {
            self.output.extend(bytes);
            Ok(())
        }
    }

    fn sent(header: Header, parts: &[&[u8]]) -> Vec<u8> {
        let mut link = Link::new(Bytes::default());
        link.send(header, parts).unwrap();
        link.into_transport().output
    }

    fn input(index: u16, bytes: &[u8]) -> Vec<u8> {
        sent(Header::new(Kind::SetInput).with_index(index), &[&0u32.to_le_bytes(), bytes])
    }

    fn reading(input: Vec<u8>) -> Link<Bytes> {
        Link::new(Bytes { input, piece: 3, ..Bytes::default() })
    }

    /// The indices of all frames that arrive whole.
    fn whole_frames(input: Vec<u8>) -> (Vec<u16>, u32) {
        let mut link = reading(input);
        let mut indices = Vec::new();
        while let Ok(header) = link.receive() {
            if link.finish().is_ok() {
                indices.push(header.index);
            }
        }
        (indices, link.skipped())
    }

    #[test]
    fn golden_frame() {
        let frame = sent(Header::new(Kind::GetOutput).with_index(2), &[]);
        let header = [0xA5, 0x53, 0x4D, 0x47, 6, 0, 2, 0, 0, 0, 0, 0, 0x10, 0xF4, 0xCC, 0x20];
        assert_eq!(frame, [&header[..], &[0, 0, 0, 0]].concat());
        // The checksum of "123456789" is the check value of CRC-32.
        let frame = sent(Header::new(Kind::Output), &[b"1234", b"", b"56789"]);
        assert_eq!(frame[16..], *b"123456789\x26\x39\xF4\xCB");
    }

    #[test]
    fn payload_is_taken_in_pieces() {
        let mut link = reading(input(7, b"abcdef"));
        let header = link.receive().unwrap();
        assert_eq!((header.kind, header.index, header.len), (Kind::SetInput as u8, 7, 10));
        let (mut offset, mut bytes) = ([9; 4], [0; 6]);
        link.payload(&mut offset).unwrap();
        link.payload(&mut bytes).unwrap();
        assert_eq!((offset, &bytes), ([0; 4], b"abcdef"));
        assert_eq!(link.payload(&mut [0]), Err(LinkError::Short));
        assert_eq!(link.finish(), Ok(()));
        assert_eq!(link.receive(), Err(LinkError::Ended));
    }

    #[test]
    fn garbage_between_frames_is_skipped() {
        let garbage = [&crate::SYNC[..], &[0xA5; 5], b"hello", &[0; 40]].concat();
        let stream = [&garbage[..], &input(1, b"x"), &garbage, &input(2, b""), &garbage].concat();
        let (frames, skipped) = whole_frames(stream);
        assert_eq!(frames, [1, 2]);
        // The last 16 bytes may still be the start of a header and are not counted.
        assert_eq!(skipped as usize, 3 * garbage.len() - HEADER_LEN + 1);
    }

    #[test]
    fn a_damaged_byte_costs_one_frame() {
        let (first, second) = (input(1, b"some bytes"), input(2, b"more"));
        for at in 0..first.len() {
            let mut stream = [&first[..], &second].concat();
            stream[at] ^= 0x40;
            assert_eq!(whole_frames(stream).0, [2], "byte {at}");
        }
    }

    #[test]
    fn a_lost_byte_costs_two_frames_at_most() {
        let frames = [input(1, b"some bytes"), input(2, b"more"), input(3, b"last")];
        for at in 0..frames[0].len() {
            let mut stream = frames.concat();
            stream.remove(at);
            let (whole, _) = whole_frames(stream);
            assert!(whole == [2, 3] || whole == [3], "byte {at}: {whole:?}");
        }
    }

    #[test]
    fn a_cut_stream_ends_without_a_whole_frame() {
        let frame = input(1, b"some bytes");
        for len in 0..frame.len() {
            let (whole, _) = whole_frames(frame[..len].to_vec());
            assert!(whole.is_empty(), "{len} bytes");
        }
    }

    #[test]
    fn random_bytes_are_no_frames() {
        let mut state = 12345u32;
        let noise = core::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let mut stream: Vec<u8> = noise.take(100_000).collect();
        stream.extend(input(9, b"signal"));
        assert_eq!(whole_frames(stream), (vec![9], 100_000));
    }

    #[test]
    fn too_long_payloads_are_not_sent() {
        let half = vec![0; MAX_PAYLOAD as usize / 2 + 1];
        let mut link = Link::new(Bytes::default());
        assert_eq!(link.send(Header::new(Kind::Output), &[&half, &half]), Err(LinkError::Long));
        assert!(link.transport().output.is_empty());
    }
}
