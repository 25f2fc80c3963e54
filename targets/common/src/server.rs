//! The firmware's side of `smidge-link`: takes requests one by one and runs the network.

use smidge::format::Isa;
use smidge::{InvokeError, Model, Observer, Op, Progress, Session};
use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, Loaded, PROTOCOL_VERSION, Phase, RequestError,
    Stats, TRACE, Text, Transport,
};

use crate::{marker, stack};

/// What the firmware says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The board, as in its `board.toml`.
    pub board: &'static str,
    /// The core.
    pub isa: Isa,
    /// Version of the firmware.
    pub firmware: &'static str,
}

/// Answers requests until the host says goodbye.
///
/// `slot` is where the host puts blobs, `arena` the memory of the network, `ops` the operators that
/// the firmware has. Both memories start at multiples of 16.
///
/// # Errors
/// When the wire ends or fails before the goodbye. Everything else is answered to the host.
pub fn serve<T: Transport>(
    transport: T,
    identity: Identity,
    slot: &[u8],
    arena: &mut [u8],
    ops: &'static [Op],
) -> Result<(), LinkError<T::Error>> {
    let info = Info {
        protocol: PROTOCOL_VERSION,
        isa: identity.isa as u16,
        arena_capacity: arena.len() as u32,
        slot_capacity: slot.len() as u32,
        board: Text::new(identity.board),
        firmware: Text::new(identity.firmware),
    };
    let mut server = Server { link: Link::new(transport), info, stats: Stats::default() };
    let mut next = server.answer(None)?;
    while let Next::Load { len } = next {
        next = match server.load(slot, len, arena, ops) {
            Ok(next) => next,
            Err(Failure::Wire(error)) => return Err(error),
            Err(Failure::Refused(fault)) => {
                server.reply(Header::new(Kind::Error), &[&fault.encode()])?;
                server.answer(None)?
            }
        };
    }
    Ok(())
}

/// Why the server stops answering with the present model.
enum Next {
    /// Another blob, of this length, is to be loaded.
    Load { len: u32 },
    /// The host said goodbye.
    End,
}

/// Why a request was not carried out.
enum Failure<E> {
    /// The host gets to know why.
    Refused(Fault),
    /// There is no way to tell the host.
    Wire(LinkError<E>),
}

impl<E> Failure<E> {
    fn refused(phase: Phase, code: u16, details: [u32; 2]) -> Self {
        Self::Refused(Fault { code, phase: phase as u8, details })
    }
}

impl<E> From<RequestError> for Failure<E> {
    fn from(error: RequestError) -> Self {
        Self::refused(Phase::Request, error.code(), error.details())
    }
}

impl<E> From<LinkError<E>> for Failure<E> {
    fn from(error: LinkError<E>) -> Self {
        match error {
            LinkError::Damaged => RequestError::Damaged.into(),
            error => Self::Wire(error),
        }
    }
}

struct Server<T> {
    link: Link<T>,
    info: Info,
    stats: Stats,
}

impl<T: Transport> Server<T> {
    /// Checks the blob, prepares a session and answers requests with it.
    fn load(
        &mut self,
        slot: &[u8],
        len: u32,
        arena: &mut [u8],
        ops: &'static [Op],
    ) -> Result<Next, Failure<T::Error>> {
        self.stats.arena_len = 0;
        let too_long = RequestError::Slot { blob: len, slot: self.info.slot_capacity };
        let blob = slot.get(..len as usize).ok_or(too_long)?;
        let model = Model::check(blob, ops)
            .map_err(|error| Failure::refused(Phase::Check, error.code(), error.details()))?;
        let session = Session::new(&model, arena)
            .map_err(|error| Failure::refused(Phase::Session, error.code(), error.details()))?;
        self.stats.arena_len = model.arena_len() as u32;
        let loaded = Loaded {
            arena_len: self.stats.arena_len,
            inputs: model.input_count() as u16,
            outputs: model.output_count() as u16,
        };
        self.reply(Header::new(Kind::Loaded), &[&loaded.encode()])?;
        Ok(self.answer(Some(session))?)
    }

    /// Answers requests until one of them ends the present session.
    fn answer(
        &mut self,
        mut session: Option<Session<'_, '_>>,
    ) -> Result<Next, LinkError<T::Error>> {
        loop {
            let header = self.link.receive()?;
            match self.carry_out(header, session.as_mut()) {
                Ok(Some(next)) => return Ok(next),
                Ok(None) => {}
                Err(Failure::Wire(error)) => return Err(error),
                Err(Failure::Refused(fault)) => {
                    self.reply(Header::new(Kind::Error), &[&fault.encode()])?;
                }
            }
        }
    }

    /// Carries out one request and answers it, unless it ends the session by loading another model.
    fn carry_out(
        &mut self,
        header: Header,
        session: Option<&mut Session<'_, '_>>,
    ) -> Result<Option<Next>, Failure<T::Error>> {
        match Kind::from_u8(header.kind) {
            Some(Kind::Hello) => {
                self.link.finish()?;
                let info = self.info.encode();
                self.reply(Header::new(Kind::Info), &[&info])?;
            }
            Some(Kind::Load) => {
                self.demand(header, 4)?;
                let len = self.take_u32()?;
                self.link.finish()?;
                return Ok(Some(Next::Load { len }));
            }
            Some(Kind::GetStats) => {
                self.link.finish()?;
                let stats = self.stats().encode();
                self.reply(Header::new(Kind::Stats), &[&stats])?;
            }
            Some(Kind::Bye) => {
                self.link.finish()?;
                self.reply(Header::new(Kind::Done), &[])?;
                return Ok(Some(Next::End));
            }
            Some(Kind::Reset) => {
                self.link.finish()?;
                session.ok_or(RequestError::NotLoaded)?.reset();
                self.reply(Header::new(Kind::Done), &[])?;
            }
            Some(Kind::SetInput) => {
                self.set_input(header, session.ok_or(RequestError::NotLoaded)?)?;
            }
            Some(Kind::Invoke) => {
                self.link.finish()?;
                self.invoke(header, session.ok_or(RequestError::NotLoaded)?)?;
            }
            Some(Kind::GetOutput) => {
                self.link.finish()?;
                let session = session.ok_or(RequestError::NotLoaded)?;
                let bytes = session.output_bytes(header.index.into());
                let bytes = bytes.ok_or(RequestError::Index { index: header.index })?;
                self.reply(Header::new(Kind::Output).with_index(header.index), &[bytes])?;
            }
            _ => return Err(RequestError::Unknown { kind: header.kind }.into()),
        }
        Ok(None)
    }

    /// Puts the bytes that come straight into the arena.
    fn set_input(
        &mut self,
        header: Header,
        session: &mut Session<'_, '_>,
    ) -> Result<(), Failure<T::Error>> {
        let count = header.len.checked_sub(4);
        let count = count.ok_or(RequestError::Length { given: header.len, wanted: 4 })?;
        let offset = self.take_u32()?;
        let input = session.input_bytes_mut(header.index.into());
        let input = input.ok_or(RequestError::Index { index: header.index })?;
        let (end, len) = (offset.saturating_add(count), input.len() as u32);
        let place = input.get_mut(offset as usize..end as usize);
        self.link.payload(place.ok_or(RequestError::Beyond { end, len })?)?;
        self.link.finish()?;
        Ok(self.reply(Header::new(Kind::Done), &[])?)
    }

    fn invoke(
        &mut self,
        header: Header,
        session: &mut Session<'_, '_>,
    ) -> Result<(), Failure<T::Error>> {
        let outcome =
            if header.flags & TRACE == 0 { run_marked(session) } else { self.run_traced(session)? };
        outcome.map_err(|error| Failure::refused(Phase::Invoke, error.code(), error.details()))?;
        self.stats.invocations = self.stats.invocations.saturating_add(1);
        Ok(self.reply(Header::new(Kind::Done), &[])?)
    }

    /// One inference that sends what each step wrote. It is not counted: sending is not inference.
    fn run_traced(
        &mut self,
        session: &mut Session<'_, '_>,
    ) -> Result<Result<(), InvokeError>, LinkError<T::Error>> {
        if let Err(error) = session.begin(0) {
            return Ok(Err(error));
        }
        loop {
            match session.step() {
                Ok(Progress::Ran { step }) => self.send_outputs(session, step)?,
                Ok(Progress::Done) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn send_outputs(
        &mut self,
        session: &Session<'_, '_>,
        index: u16,
    ) -> Result<(), LinkError<T::Error>> {
        let blob = session.model().blob();
        let Some(step) = blob.step(index) else { return Ok(()) };
        for tensor in blob.step_outputs(&step) {
            if let Some(bytes) = session.tensor_bytes(tensor) {
                let header = Header::new(Kind::Tensor).with_index(tensor);
                self.reply(header, &[&u32::from(index).to_le_bytes(), bytes])?;
            }
        }
        Ok(())
    }

    fn stats(&self) -> Stats {
        Stats {
            stack_peak: stack::peak(),
            stack_capacity: stack::capacity(),
            skipped: self.link.skipped(),
            ..self.stats
        }
    }

    fn demand(&self, header: Header, wanted: u32) -> Result<(), RequestError> {
        let given = header.len;
        if given == wanted { Ok(()) } else { Err(RequestError::Length { given, wanted }) }
    }

    fn take_u32(&mut self) -> Result<u32, LinkError<T::Error>> {
        let mut bytes = [0; 4];
        self.link.payload(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn reply(&mut self, header: Header, parts: &[&[u8]]) -> Result<(), LinkError<T::Error>> {
        self.link.send(header, parts)
    }
}

/// One inference between markers.
fn run_marked(session: &mut Session<'_, '_>) -> Result<(), InvokeError> {
    struct Markers;

    impl Observer for Markers {
        #[inline(always)]
        fn end(&mut self, _step: u16) {
            marker::step_done();
        }
    }

    marker::start();
    let outcome = session.invoke_observed(&mut Markers);
    marker::stop();
    outcome
}
