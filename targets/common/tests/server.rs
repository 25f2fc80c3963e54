//! The server on the host, with requests in memory and a network that gives its input back.

use smidge::format::{Block, DType, Isa, NONE, Shape, Storage, Subgraph, Tensor};
use smidge_board::{Identity, Panel, serve};
use smidge_format::AlignedBuf;
use smidge_format::write::Builder;
use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, Loaded, Phase, RequestError, Stats, Transport,
};

const IDENTITY: Identity =
    Identity { board: "host", isa: Isa::Portable, firmware: "1.2.3", record: None };

/// Reads from `input`, writes to `output`.
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

/// A board whose counter says 100 after the first inference, 200 after the second.
struct Ticks(u64);

impl Panel for Ticks {
    fn hz(&self) -> u32 {
        1000
    }

    fn begin(&mut self) {
        self.0 += 100;
    }

    fn step(&mut self) {}

    fn end(&mut self) -> Option<u64> {
        Some(self.0)
    }
}

/// A blob without steps: output 0 is input 0, 16 bytes.
fn echo() -> Vec<u8> {
    let mut out = Builder::new(Isa::Portable);
    out.arena_len = 16;
    out.tensors = vec![Tensor {
        dtype: DType::I8,
        shape: Shape::new(&[16]).unwrap(),
        storage: Storage::Arena,
        flags: 0,
        source: NONE,
        quantization: NONE,
        offset: 0,
        len: 16,
        first: 0,
        last: 1,
        origin: NONE,
    }];
    out.blocks = vec![Block { start: 0, end: 0 }];
    let operands = out.operands([0, 0]);
    out.subgraphs = vec![Subgraph { block: 0, inputs: 1, outputs: 1, operands }];
    out.finish().unwrap()
}

fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut wire = Wire::default();
    Link::new(&mut wire).send(header, &[payload]).unwrap();
    wire.output
}

fn request(kind: Kind, payload: &[u8]) -> Vec<u8> {
    frame(Header::new(kind), payload)
}

fn input(offset: u32, bytes: &[u8]) -> Vec<u8> {
    request(Kind::SetInput, &[&offset.to_le_bytes(), bytes].concat())
}

fn load(blob: &[u8]) -> Vec<u8> {
    request(Kind::Load, &(blob.len() as u32).to_le_bytes())
}

/// How the server ends, and its replies: kind, index, payload.
type Talk = (Result<(), LinkError<()>>, Vec<(u8, u16, Vec<u8>)>);

fn talk(blob: &[u8], arena: usize, requests: &[Vec<u8>]) -> Talk {
    let mut wire = Wire { input: requests.concat(), ..Wire::default() };
    let (slot, mut arena) = (AlignedBuf::from(blob), AlignedBuf::zeroed(arena));
    let end = serve(&mut wire, &mut Ticks(0), IDENTITY, &slot[..], &mut arena, smidge::ops::ALL);
    let mut replies = Vec::new();
    let mut back = Wire { input: wire.output, ..Wire::default() };
    let mut link = Link::new(&mut back);
    while let Ok(header) = link.receive() {
        let mut payload = vec![0; header.len as usize];
        link.payload(&mut payload).unwrap();
        link.finish().unwrap();
        replies.push((header.kind, header.index, payload));
    }
    assert_eq!(link.skipped(), 0);
    (end, replies)
}

fn done() -> (u8, u16, Vec<u8>) {
    (Kind::Done as u8, 0, vec![])
}

fn ran(cycles: u64) -> (u8, u16, Vec<u8>) {
    (Kind::Done as u8, 0, cycles.to_le_bytes().to_vec())
}

fn output(bytes: &[u8]) -> (u8, u16, Vec<u8>) {
    (Kind::Output as u8, 0, bytes.to_vec())
}

fn refused(error: RequestError) -> (u8, u16, Vec<u8>) {
    let phase = Phase::Request as u8;
    let fault = Fault { code: error.code(), phase, details: error.details() };
    (Kind::Error as u8, 0, fault.encode().to_vec())
}

#[test]
fn an_inference_from_hello_to_bye() {
    let blob = echo();
    let bytes: Vec<u8> = (0..16).collect();
    let (end, replies) = talk(
        &blob,
        64,
        &[
            request(Kind::Hello, &[]),
            load(&blob),
            input(6, &bytes[6..]),
            input(0, &bytes[..6]),
            request(Kind::Invoke, &[]),
            request(Kind::GetOutput, &[]),
            request(Kind::Reset, &[]),
            request(Kind::GetStats, &[]),
            request(Kind::Bye, &[]),
            request(Kind::Hello, &[]),
        ],
    );
    assert_eq!(end, Ok(()));
    let info = Info::decode(&replies[0].2).unwrap();
    assert_eq!((info.board.as_str(), info.firmware.as_str()), ("host", "1.2.3"));
    assert_eq!((info.arena_capacity, info.slot_capacity as usize), (64, blob.len()));
    let loaded = Loaded { arena_len: 16, inputs: 1, outputs: 1 };
    assert_eq!(replies[1], (Kind::Loaded as u8, 0, loaded.encode().to_vec()));
    assert_eq!(replies[2..7], [done(), done(), ran(100), output(&bytes), done()]);
    let stats = Stats { arena_len: 16, invocations: 1, ..Stats::default() };
    assert_eq!(replies[7], (Kind::Stats as u8, 0, stats.encode().to_vec()));
    // Nothing is answered after the goodbye.
    assert_eq!(replies[8..], [done()]);
}

#[test]
fn wrong_requests_are_refused_and_change_nothing() {
    let blob = echo();
    let mut damaged = request(Kind::Invoke, &[]);
    *damaged.last_mut().unwrap() ^= 1;
    let unknown = Header { kind: 0x40, ..Header::new(Kind::Hello) };
    let far = Header::new(Kind::GetOutput).with_index(1);
    let (end, replies) = talk(
        &blob,
        16,
        &[
            request(Kind::Invoke, &[]),
            load(&blob),
            input(0, &[7; 16]),
            frame(unknown, b"what?"),
            b"noise".to_vec(),
            damaged,
            input(1, &[9; 16]),
            input(u32::MAX, &[9]),
            request(Kind::SetInput, &[0; 3]),
            frame(Header::new(Kind::SetInput).with_index(3), &[0; 4]),
            frame(far, &[]),
            request(Kind::Load, &[0; 5]),
            request(Kind::Invoke, &[]),
            request(Kind::GetOutput, &[]),
            request(Kind::Bye, &[]),
        ],
    );
    assert_eq!(end, Ok(()));
    let expected = [
        refused(RequestError::Unknown { kind: 0x40 }),
        refused(RequestError::Damaged),
        refused(RequestError::Beyond { end: 17, len: 16 }),
        refused(RequestError::Beyond { end: u32::MAX, len: 16 }),
        refused(RequestError::Length { given: 3, wanted: 4 }),
        refused(RequestError::Index { index: 3 }),
        refused(RequestError::Index { index: 1 }),
        refused(RequestError::Length { given: 5, wanted: 4 }),
        ran(100),
        output(&[7; 16]),
        done(),
    ];
    assert_eq!(replies[0], refused(RequestError::NotLoaded));
    assert_eq!(replies[2], done());
    assert_eq!(replies[3..], expected);
}

#[test]
fn a_refused_blob_leaves_no_model() {
    let blob = echo();
    let long = blob.len() as u32 + 1;
    let requests = [
        load(&blob),
        request(Kind::Load, &long.to_le_bytes()),
        request(Kind::GetOutput, &[]),
        load(&blob[..20]),
        request(Kind::GetOutput, &[]),
        load(&blob),
        request(Kind::GetOutput, &[]),
        request(Kind::Bye, &[]),
    ];
    let (end, replies) = talk(&blob, 16, &requests);
    assert_eq!(end, Ok(()));
    assert_eq!(replies[1], refused(RequestError::Slot { blob: long, slot: long - 1 }));
    assert_eq!(replies[2], refused(RequestError::NotLoaded));
    let fault = Fault::decode(&replies[3].2).unwrap();
    assert_eq!((fault.code, fault.phase), (301, Phase::Check as u8));
    assert_eq!(replies[4], refused(RequestError::NotLoaded));
    assert_eq!(replies[6], output(&[0; 16]));

    let (_, replies) = talk(&blob, 8, &requests[..1]);
    let fault = Fault::decode(&replies[0].2).unwrap();
    let expected = Fault { code: 341, phase: Phase::Session as u8, details: [16, 8] };
    assert_eq!(fault, expected);
}

#[test]
fn a_slot_may_hold_several_blobs() {
    let blob = echo();
    let start = blob.len().next_multiple_of(16);
    let mut slot = vec![0; start];
    slot.extend(&blob);
    let load_from = |start: usize| {
        let numbers = [blob.len() as u32, start as u32];
        request(Kind::Load, &numbers.map(u32::to_le_bytes).concat())
    };
    let requests = [
        load_from(start),
        input(0, &[3; 16]),
        request(Kind::Invoke, &[]),
        request(Kind::GetOutput, &[]),
        load_from(start + 16),
        load_from(slot.len() + 1),
        load_from(usize::MAX),
        request(Kind::Bye, &[]),
    ];
    let (end, replies) = talk(&slot, 16, &requests);
    assert_eq!(end, Ok(()));
    assert_eq!((replies[0].0, &replies[3]), (Kind::Loaded as u8, &output(&[3; 16])));
    let refusal = |slot| refused(RequestError::Slot { blob: blob.len() as u32, slot });
    assert_eq!(replies[4], refusal(blob.len() as u32 - 16));
    assert_eq!(replies[5..], [refusal(0), refusal(0), done()]);
}

#[test]
fn requests_that_end_early_end_the_server() {
    let frame = request(Kind::Hello, &[]);
    for len in 0..frame.len() {
        let (end, replies) = talk(&[], 0, &[frame[..len].to_vec()]);
        assert_eq!((end, replies.len()), (Err(LinkError::Ended), 0), "{len} bytes");
    }
}
