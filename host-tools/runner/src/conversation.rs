//! What is said to the firmware and what it has to answer. The requests of a job are one list:
//! written before the firmware starts, and walked through again while the replies come.

use std::convert::Infallible;

use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, Loaded, PROTOCOL_VERSION, Stats, TRACE, Transport,
};

use crate::{Counts, Job, Report, TracedTensor};

/// Bytes of input in one frame.
const CHUNK: usize = 1 << 20;

/// A request of a job.
#[derive(Clone, Copy)]
enum Request<'a> {
    Hello,
    Load { len: u32 },
    Reset,
    SetInput { index: u16, offset: u32, bytes: &'a [u8] },
    Invoke { trace: bool },
    GetOutput { index: u16 },
    GetStats,
    Bye,
}

/// All requests of a job, in order.
fn requests<'a>(job: &'a Job<'a>) -> impl Iterator<Item = Request<'a>> {
    let start = [Request::Hello, Request::Load { len: job.blob.len() as u32 }];
    let inferences = job.inferences.iter().enumerate().flat_map(|(number, inference)| {
        let inputs = inference.inputs.iter().zip(0..).flat_map(|(input, index)| {
            let chunks = input.chunks(CHUNK).zip((0..).step_by(CHUNK));
            chunks.map(move |(bytes, offset)| Request::SetInput { index, offset, bytes })
        });
        let invoke = Request::Invoke { trace: job.trace_first && number == 0 };
        let outputs = (0..job.outputs).map(|index| Request::GetOutput { index });
        let reset = inference.reset.then_some(Request::Reset);
        reset.into_iter().chain(inputs).chain([invoke]).chain(outputs)
    });
    start.into_iter().chain(inferences).chain([Request::GetStats, Request::Bye])
}

/// The bytes of all requests of a job.
pub(crate) fn request_bytes(job: &Job<'_>) -> Result<Vec<u8>, LinkError<Infallible>> {
    let mut link = Link::new(Bytes(Vec::new()));
    for request in requests(job) {
        match request {
            Request::Hello => link.send(Header::new(Kind::Hello), &[]),
            Request::Load { len } => link.send(Header::new(Kind::Load), &[&len.to_le_bytes()]),
            Request::Reset => link.send(Header::new(Kind::Reset), &[]),
            Request::SetInput { index, offset, bytes } => {
                let header = Header::new(Kind::SetInput).with_index(index);
                link.send(header, &[&offset.to_le_bytes(), bytes])
            }
            Request::Invoke { trace } => {
                let flags = if trace { TRACE } else { 0 };
                link.send(Header::new(Kind::Invoke).with_flags(flags), &[])
            }
            Request::GetOutput { index } => {
                link.send(Header::new(Kind::GetOutput).with_index(index), &[])
            }
            Request::GetStats => link.send(Header::new(Kind::GetStats), &[]),
            Request::Bye => link.send(Header::new(Kind::Bye), &[]),
        }?;
    }
    Ok(link.into_transport().0)
}

/// A wire that keeps what is sent.
struct Bytes(Vec<u8>);

impl Transport for Bytes {
    type Error = Infallible;

    fn read(&mut self, _dst: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.0.extend(bytes);
        Ok(())
    }
}

/// Why the replies of a job are not complete.
#[derive(Debug)]
pub(crate) enum Interrupted<E> {
    /// The wire ended or failed.
    Wire(LinkError<E>),
    /// The firmware refused a request.
    Refused(Fault),
    /// A reply that is not the one that belongs to the request.
    Wrong(String),
}

impl<E> From<LinkError<E>> for Interrupted<E> {
    fn from(error: LinkError<E>) -> Self {
        Self::Wire(error)
    }
}

/// The replies of a job, as they come.
pub(crate) struct Replies<'a, T> {
    job: &'a Job<'a>,
    link: Link<T>,
    outputs: Vec<Vec<Vec<u8>>>,
    trace: Vec<TracedTensor>,
    cycles: Vec<u64>,
    log: Vec<String>,
}

impl<'a, T: Transport> Replies<'a, T> {
    pub(crate) fn new(job: &'a Job<'a>, transport: T) -> Self {
        let link = Link::new(transport);
        let (outputs, trace, cycles, log) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { job, link, outputs, trace, cycles, log }
    }

    /// Number of inferences that are done.
    pub(crate) fn done(&self) -> usize {
        self.outputs.len()
    }

    pub(crate) fn transport_mut(&mut self) -> &mut T {
        self.link.transport_mut()
    }

    /// Takes all replies; calls `progress` after each inference. Instructions are not counted here.
    pub(crate) fn read(
        &mut self,
        mut progress: impl FnMut(usize),
    ) -> Result<Report, Interrupted<T::Error>> {
        let (mut info, mut loaded, mut stats) = (None, None, None);
        for request in requests(self.job) {
            match request {
                Request::Hello => {
                    let payload = self.closing(Kind::Info, 0)?;
                    info = Some(spoken(decoded(Info::decode(&payload))?)?);
                }
                Request::Load { .. } => {
                    let payload = self.closing(Kind::Loaded, 0)?;
                    loaded = Some(decoded(Loaded::decode(&payload))?);
                }
                Request::Invoke { .. } => {
                    let done = self.closing(Kind::Done, 0)?;
                    let cycles = done.first_chunk().map(|cycles| u64::from_le_bytes(*cycles));
                    self.cycles.extend(cycles);
                    self.outputs.push(Vec::new());
                    progress(self.done());
                }
                Request::GetOutput { index } => {
                    let payload = self.closing(Kind::Output, index)?;
                    self.outputs.last_mut().into_iter().for_each(|all| all.push(payload.clone()));
                }
                Request::GetStats => {
                    let payload = self.closing(Kind::Stats, 0)?;
                    stats = Some(decoded(Stats::decode(&payload))?);
                }
                Request::Reset | Request::SetInput { .. } | Request::Bye => {
                    self.closing(Kind::Done, 0)?;
                }
            }
        }
        Ok(Report {
            info: decoded(info)?,
            loaded: decoded(loaded)?,
            outputs: std::mem::take(&mut self.outputs),
            trace: std::mem::take(&mut self.trace),
            stats: decoded(stats)?,
            counts: Counts::NotCounted("not asked for".into()),
            cycles: std::mem::take(&mut self.cycles),
            log: std::mem::take(&mut self.log),
            profile: Vec::new(),
        })
    }

    /// The payload of the reply that closes a request; keeps the tensors that come before it.
    fn closing(&mut self, kind: Kind, index: u16) -> Result<Vec<u8>, Interrupted<T::Error>> {
        loop {
            let header = self.link.receive()?;
            if self.link.skipped() > 0 {
                return Err(Interrupted::Wrong("there is noise between the replies".into()));
            }
            let mut payload = vec![0; header.len as usize];
            self.link.payload(&mut payload)?;
            self.link.finish()?;
            match Kind::from_u8(header.kind) {
                Some(Kind::Error) => {
                    return Err(Interrupted::Refused(decoded(Fault::decode(&payload))?));
                }
                Some(Kind::Log) => {
                    self.log.push(String::from_utf8_lossy(&payload).trim_end().to_string());
                }
                Some(Kind::Tensor) => {
                    let (step, bytes) = decoded(payload.split_first_chunk())?;
                    let (step, bytes) = (u32::from_le_bytes(*step), bytes.to_vec());
                    self.trace.push(TracedTensor { step, tensor: header.index, bytes });
                }
                Some(found) if found == kind && header.index == index => return Ok(payload),
                _ => {
                    let (found, place) = (header.kind, header.index);
                    return Err(Interrupted::Wrong(format!(
                        "a reply of kind {found:#04x} for {place} came instead of {kind:?} for {index}"
                    )));
                }
            }
        }
    }
}

fn decoded<V, E>(value: Option<V>) -> Result<V, Interrupted<E>> {
    value.ok_or_else(|| Interrupted::Wrong("a reply is too short".into()))
}

fn spoken<E>(info: Info) -> Result<Info, Interrupted<E>> {
    if info.protocol == PROTOCOL_VERSION {
        return Ok(info);
    }
    let (theirs, ours) = (info.protocol, PROTOCOL_VERSION);
    Err(Interrupted::Wrong(format!("it speaks protocol version {theirs}, this program {ours}")))
}
