//! What is said to the firmware and what it has to answer. The requests of jobs are one list: written
//! before the firmware starts, and walked through again while the replies come.

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
    Load { len: u32, start: u32 },
    Reset,
    SetInput { index: u16, offset: u32, bytes: &'a [u8] },
    Invoke { trace: bool },
    GetOutput { index: u16 },
    GetStats,
    Bye,
}

/// A job, and where its blob starts in the slot.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub job: &'a Job<'a>,
    pub start: u32,
}

/// All requests of a job, in order.
fn requests<'a>(placed: Placed<'a>) -> impl Iterator<Item = Request<'a>> {
    let Placed { job, start } = placed;
    let load = Request::Load { len: job.blob.len() as u32, start };
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
    [load].into_iter().chain(inferences).chain([Request::GetStats])
}

/// The bytes of all requests of jobs.
pub(crate) fn request_bytes(jobs: &[Placed<'_>]) -> Result<Vec<u8>, LinkError<Infallible>> {
    let mut link = Link::new(Bytes(Vec::new()));
    let all = jobs.iter().copied().flat_map(requests);
    for request in [Request::Hello].into_iter().chain(all).chain([Request::Bye]) {
        match request {
            Request::Hello => link.send(Header::new(Kind::Hello), &[]),
            Request::Load { len, start: 0 } => {
                link.send(Header::new(Kind::Load), &[&len.to_le_bytes()])
            }
            Request::Load { len, start } => {
                link.send(Header::new(Kind::Load), &[&len.to_le_bytes(), &start.to_le_bytes()])
            }
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

/// The replies of a conversation, as they come.
pub(crate) struct Replies<T> {
    link: Link<T>,
    outputs: Vec<Vec<Vec<u8>>>,
    trace: Vec<TracedTensor>,
    cycles: Vec<u64>,
    log: Vec<String>,
}

impl<T: Transport> Replies<T> {
    pub(crate) fn new(transport: T) -> Self {
        let link = Link::new(transport);
        let (outputs, trace, cycles, log) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { link, outputs, trace, cycles, log }
    }

    /// Number of inferences of the present job that are done.
    pub(crate) fn done(&self) -> usize {
        self.outputs.len()
    }

    pub(crate) fn transport_mut(&mut self) -> &mut T {
        self.link.transport_mut()
    }

    /// Takes the reply that comes before those of all jobs.
    pub(crate) fn hello(&mut self) -> Result<Info, Interrupted<T::Error>> {
        let payload = self.closing(Kind::Info, 0)?;
        spoken(decoded(Info::decode(&payload))?)
    }

    /// Takes the reply that comes after those of all jobs.
    pub(crate) fn bye(&mut self) -> Result<(), Interrupted<T::Error>> {
        self.closing(Kind::Done, 0).map(|_| ())
    }

    /// Takes all replies of a job; calls `progress` after each inference. Instructions are not
    /// counted here. Where the firmware refuses a request, what it answers to the others of this job
    /// is taken, too, so that the next job's replies can be.
    pub(crate) fn read(
        &mut self,
        placed: Placed<'_>,
        info: Info,
        mut progress: impl FnMut(usize),
    ) -> Result<Report, Interrupted<T::Error>> {
        self.outputs.clear();
        self.trace.clear();
        self.cycles.clear();
        self.log.clear();
        let (mut loaded, mut stats, mut refused) = (None, None, None);
        for request in requests(placed) {
            let reply = match request {
                Request::Hello | Request::Bye => continue,
                Request::Load { .. } => self.closing(Kind::Loaded, 0),
                Request::GetOutput { index } => self.closing(Kind::Output, index),
                Request::GetStats => self.closing(Kind::Stats, 0),
                Request::Invoke { .. } | Request::Reset | Request::SetInput { .. } => {
                    self.closing(Kind::Done, 0)
                }
            };
            let payload = match reply {
                Err(Interrupted::Refused(fault)) => {
                    refused.get_or_insert(fault);
                    continue;
                }
                reply => reply?,
            };
            match request {
                Request::Load { .. } => loaded = Some(decoded(Loaded::decode(&payload))?),
                Request::Invoke { .. } => {
                    let cycles = payload.first_chunk().map(|cycles| u64::from_le_bytes(*cycles));
                    self.cycles.extend(cycles);
                    self.outputs.push(Vec::new());
                    progress(self.done());
                }
                Request::GetOutput { .. } => {
                    self.outputs.last_mut().into_iter().for_each(|all| all.push(payload.clone()));
                }
                Request::GetStats => stats = Some(decoded(Stats::decode(&payload))?),
                Request::Hello | Request::Bye | Request::Reset | Request::SetInput { .. } => {}
            }
        }
        match refused {
            Some(fault) => Err(Interrupted::Refused(fault)),
            None => Ok(Report {
                info,
                loaded: decoded(loaded)?,
                outputs: std::mem::take(&mut self.outputs),
                trace: std::mem::take(&mut self.trace),
                stats: decoded(stats)?,
                counts: Counts::NotCounted("not asked for".into()),
                cycles: std::mem::take(&mut self.cycles),
                log: std::mem::take(&mut self.log),
                profile: Vec::new(),
            }),
        }
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
