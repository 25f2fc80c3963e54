//! The server writes its slot: flash that forgets in units, and a host or a cable that disappears.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};
use smidge::format::{Isa, write::Builder};
use smidge_board::{Counter, Extended, FlashSlot, Identity, Indicator, Panel, serve};
use smidge_format::AlignedBuf;
use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, Loaded, RequestError, Transport, WRITABLE, checksum,
};

const SECTOR: usize = 256;
const PAGE: usize = 16;
const IDENTITY: Identity =
    Identity { board: "host", isa: Isa::Portable, firmware: "1.2.3", record: None };

/// A counter of 32 bits that counts 7 from each call to the next, and soon wraps around.
struct Sevens {
    extended: Extended,
    value: u32,
}

impl Counter for Sevens {
    fn hz(&self) -> u32 {
        1000
    }

    fn now(&mut self) -> u64 {
        self.value = self.value.wrapping_add(7);
        self.extended.at(self.value, 32)
    }
}

fn panel() -> impl Panel {
    Indicator::new((), Sevens { extended: Extended::default(), value: u32::MAX - 10 })
}

/// Flash at an address of its own: bits only become zero until their sector is erased.
struct Chip {
    memory: *mut u8,
    len: usize,
    /// Operations until the power goes.
    power: usize,
}

#[derive(Debug)]
struct Broken;

impl NorFlashError for Broken {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Chip {
    type Error = Broken;
}

impl Chip {
    fn range(&mut self, from: usize, to: usize, unit: usize) -> Result<&mut [u8], Broken> {
        assert!(from.is_multiple_of(unit) && to.is_multiple_of(unit), "{from}..{to}");
        assert!(from <= to && to <= self.len, "{from}..{to} of {}", self.len);
        self.power = self.power.checked_sub(1).ok_or(Broken)?;
        // SAFETY: inside the buffer that the test keeps; no other slice of it is in use now.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.memory.add(from), to - from) })
    }
}

impl ReadNorFlash for Chip {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Broken> {
        let end = offset as usize + bytes.len();
        bytes.copy_from_slice(self.range(offset as usize, end, 1)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.len
    }
}

impl NorFlash for Chip {
    const WRITE_SIZE: usize = PAGE;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Broken> {
        for sector in (from as usize..to as usize).step_by(SECTOR) {
            self.range(sector, sector + SECTOR, SECTOR)?.fill(0xFF);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Broken> {
        let end = offset as usize + bytes.len();
        let there = self.range(offset as usize, end, PAGE)?;
        there.iter_mut().zip(bytes).for_each(|(there, byte)| *there &= byte);
        Ok(())
    }
}

#[derive(Default)]
struct Wire {
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
}

impl Transport for Wire {
    type Error = ();

    fn read(&mut self, dst: &mut [u8]) -> Result<usize, ()> {
        let rest = &self.input[self.at..];
        let count = rest.len().min(dst.len());
        dst[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.output.extend(bytes);
        Ok(())
    }
}

/// A board whose flash lasts from one start to the next: a firmware sector, then the slot.
struct Device {
    memory: AlignedBuf,
}

impl Device {
    fn new(sectors: usize) -> Self {
        let mut memory = AlignedBuf::zeroed((sectors + 1) * SECTOR);
        memory.fill(0xFF);
        memory[..SECTOR].fill(0x11);
        Self { memory }
    }

    /// Serves these requests with the power for so many operations of the flash.
    fn talk(&mut self, power: usize, requests: &[Vec<u8>]) -> Vec<(u8, Vec<u8>)> {
        let (memory, len) = (self.memory.as_mut_ptr(), self.memory.len());
        let chip = Chip { memory, len, power };
        // SAFETY: the slot is behind the first sector, and only the chip writes to it.
        let slot = unsafe {
            FlashSlot::new(chip, SECTOR as u32, memory.add(SECTOR), (len - SECTOR) as u32)
        };
        let mut wire = Wire { input: requests.concat(), ..Wire::default() };
        let mut arena = AlignedBuf::zeroed(SECTOR);
        let end = serve(&mut wire, &mut panel(), IDENTITY, slot, &mut arena, smidge::ops::ALL);
        assert_eq!(end, Err(LinkError::Ended));
        assert!(self.memory[..SECTOR].iter().all(|byte| *byte == 0x11), "the firmware is touched");
        let mut link = Link::new(Wire { input: wire.output, ..Wire::default() });
        let mut replies = Vec::new();
        while let Ok(header) = link.receive() {
            let mut payload = vec![0; header.len as usize];
            link.payload(&mut payload).unwrap();
            link.finish().unwrap();
            replies.push((header.kind, payload));
        }
        replies
    }
}

/// A blob with this many bytes of metadata, so that it takes several sectors.
fn blob(filling: u8) -> Vec<u8> {
    let mut out = Builder::new(Isa::Portable);
    out.arena_len = 16;
    out.tensors = vec![smidge::format::Tensor {
        dtype: smidge::format::DType::I8,
        shape: smidge::format::Shape::new(&[16]).unwrap(),
        storage: smidge::format::Storage::Arena,
        flags: 0,
        source: smidge::format::NONE,
        quantization: smidge::format::NONE,
        offset: 0,
        len: 16,
        first: 0,
        last: 1,
        origin: smidge::format::NONE,
    }];
    out.blocks = vec![smidge::format::Block { start: 0, end: 0 }];
    let operands = out.operands([0, 0]);
    out.subgraphs = vec![smidge::format::Subgraph { block: 0, inputs: 1, outputs: 1, operands }];
    out.attrs(&vec![filling; 700]);
    let mut bytes = out.finish().unwrap();
    bytes.resize(bytes.len().next_multiple_of(PAGE), 0);
    bytes
}

fn request(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut link = Link::new(Wire::default());
    link.send(Header::new(kind), &[payload]).unwrap();
    link.into_transport().output
}

fn number(kind: Kind, value: usize) -> Vec<u8> {
    request(kind, &(value as u32).to_le_bytes())
}

fn write(offset: usize, bytes: &[u8]) -> Vec<u8> {
    request(Kind::Write, &[&(offset as u32).to_le_bytes(), bytes].concat())
}

/// Erases, writes from the second piece on, and the first piece last.
fn install(blob: &[u8]) -> Vec<Vec<u8>> {
    let pieces: Vec<_> = blob.chunks(128).zip((0..).step_by(128)).collect();
    let (first, rest) = pieces.split_first().unwrap();
    let pieces = rest.iter().chain([first]).map(|(bytes, at)| write(*at, bytes));
    [number(Kind::Erase, blob.len())].into_iter().chain(pieces).collect()
}

fn code(reply: &(u8, Vec<u8>)) -> u16 {
    assert_eq!(reply.0, Kind::Error as u8);
    Fault::decode(&reply.1).unwrap().code
}

#[test]
fn a_blob_is_written_summed_and_run() {
    let (mut device, blob) = (Device::new(6), blob(1));
    let mut requests = vec![request(Kind::Hello, &[]), number(Kind::Load, 0)];
    requests.extend(install(&blob));
    requests.extend([number(Kind::Sum, blob.len()), number(Kind::Load, 0)]);
    requests.push(request(Kind::Invoke, &[]));
    let replies = device.talk(usize::MAX, &requests);
    let info = Info::decode(&replies[0].1).unwrap();
    assert_eq!((info.flags, info.hz, info.format), (WRITABLE, 1000, [1, 0]));
    assert_eq!(info.slot_capacity as usize, 6 * SECTOR);
    assert_eq!(code(&replies[1]), RequestError::Empty.code());
    let [sum, loaded, ran] = &replies[replies.len() - 3..] else { panic!() };
    assert_eq!(sum.1, checksum(&blob).to_le_bytes());
    assert_eq!(Loaded::decode(&loaded.1).unwrap().arena_len, 16);
    // The counter wrapped around.
    assert_eq!(ran, &(Kind::Done as u8, 7u64.to_le_bytes().to_vec()));
    // What is there is not written again: the flash is never asked.
    let replies = device.talk(0, &install(&blob)[1..]);
    assert!(replies.iter().all(|reply| reply.0 == Kind::Done as u8));
}

#[test]
fn power_that_goes_at_any_time_leaves_the_old_model_or_none() {
    let (old, new) = (blob(2), blob(3));
    let last = new.len().div_ceil(SECTOR) + new.len().div_ceil(128);
    for power in 0..=last {
        let mut device = Device::new(6);
        device.talk(usize::MAX, &install(&old));
        let replies = device.talk(power, &install(&new));
        if power < last {
            assert!(replies.iter().any(|reply| reply.0 == Kind::Error as u8), "power {power}");
        }
        let after = device.talk(0, &[number(Kind::Load, 0), number(Kind::Sum, new.len())]);
        let sum = u32::from_le_bytes(after[1].1.as_slice().try_into().unwrap());
        match power {
            0 => assert_eq!((after[0].0, sum), (Kind::Loaded as u8, checksum(&old))),
            _ if power == last => {
                assert_eq!((after[0].0, sum), (Kind::Loaded as u8, checksum(&new)));
            }
            _ => assert_eq!(code(&after[0]), RequestError::Empty.code(), "power {power}"),
        }
        // Flashing again repairs it.
        device.talk(usize::MAX, &install(&new));
        let after = device.talk(0, &[number(Kind::Load, 0)]);
        assert_eq!(after[0].0, Kind::Loaded as u8, "power {power}");
    }
}

#[test]
fn what_does_not_fit_or_hold_is_refused() {
    let mut device = Device::new(2);
    let replies = device.talk(
        usize::MAX,
        &[
            number(Kind::Erase, 2 * SECTOR + 1),
            write(2 * SECTOR - 16, &[0; 32]),
            write(usize::MAX, &[0; 16]),
            write(0, &[0; SECTOR + 16]),
            number(Kind::Sum, 2 * SECTOR + 1),
            write(0, &[0; 16]),
            // Bits do not become one again.
            write(0, &[1; 16]),
            request(Kind::Write, &[1]),
            number(Kind::Erase, 2 * SECTOR),
        ],
    );
    let codes: Vec<_> = replies[..5].iter().map(code).collect();
    assert_eq!(codes, [457, 457, 457, 456, 457]);
    assert_eq!(replies[5].0, Kind::Done as u8);
    assert_eq!([code(&replies[6]), code(&replies[7])], [459, 453]);
    assert_eq!(replies[8].0, Kind::Done as u8);
}

#[test]
fn a_slot_that_others_fill_is_read_only() {
    let mut wire =
        Wire { input: [number(Kind::Erase, 1), write(0, &[1])].concat(), ..Wire::default() };
    let mut arena = AlignedBuf::zeroed(16);
    let slot: &[u8] = &[0; 16];
    let end = serve(&mut wire, &mut panel(), IDENTITY, slot, &mut arena, smidge::ops::ALL);
    assert_eq!(end, Err(LinkError::Ended));
    let refused = wire.output.windows(2).filter(|pair| *pair == 458u16.to_le_bytes()).count();
    assert_eq!(refused, 2);
}
