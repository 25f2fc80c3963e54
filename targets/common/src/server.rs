//! The firmware's side of `smidge-link`: takes requests one by one and runs the network.

use smidge::format::{Isa, MAGIC, VERSION_MAJOR, VERSION_MINOR};
use smidge::{InvokeError, Model, Observer, Op, Progress, Session};
use smidge_link::{
    Fault, Header, Info, Kind, Link, LinkError, Loaded, PROTOCOL_VERSION, Phase, Record,
    RequestError, Stats, TRACE, Text, Transport, WRITABLE, checksum,
};

use crate::{Panel, Slot, marker, stack};

/// What the firmware says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The board, as in its `board.toml`.
    pub board: &'static str,
    /// The core.
    pub isa: Isa,
    /// Version of the firmware.
    pub firmware: &'static str,
    /// What a debug probe finds in flash, if there is flash.
    pub record: Option<&'static Record>,
}

/// Sends a line for people, between the replies to two requests.
///
/// # Errors
/// When the wire fails.
pub fn log<T: Transport>(transport: &mut T, text: &str) -> Result<(), LinkError<T::Error>> {
    Link::new(transport).send(Header::new(Kind::Log), &[text.as_bytes()])
}

/// Answers requests until the host says goodbye.
///
/// `slot` is where blobs are, `arena` the memory of the network, `ops` the operators that the
/// firmware has. Both memories start at multiples of 16. `panel` shows and counts inferences. Firmware that is alone on its board calls
/// this again and again: a host may come at any time.
///
/// # Errors
/// When the wire ends or fails before the goodbye. Everything else is answered to the host.
pub fn serve<T: Transport, S: Slot>(
    transport: T,
    panel: &mut impl Panel,
    identity: Identity,
    mut slot: S,
    arena: &mut [u8],
    ops: &'static [Op],
) -> Result<(), LinkError<T::Error>> {
    // Nothing else refers to it, and the linker drops what nothing refers to.
    core::hint::black_box(identity.record);
    let info = Info {
        protocol: PROTOCOL_VERSION,
        isa: identity.isa as u16,
        arena_capacity: arena.len() as u32,
        slot_capacity: slot.bytes().len() as u32,
        board: Text::new(identity.board),
        firmware: Text::new(identity.firmware),
        format: [VERSION_MAJOR, VERSION_MINOR],
        hz: panel.hz(),
        flags: if S::WRITABLE { WRITABLE } else { 0 },
    };
    let (link, stats) = (Link::new(transport), Stats::default());
    let mut server = Server { link, panel, info, stats };
    let mut next = server.answer(None)?;
    loop {
        let outcome = match next {
            Next::Load { len, start } => server.load(after(slot.bytes(), start), len, arena, ops),
            Next::Erase { len } => server.erase(&mut slot, len),
            Next::Write { offset, len } => server.write(&mut slot, offset, len, arena),
            Next::Sum { len } => server.sum(slot.bytes(), len),
            Next::End => return Ok(()),
        };
        next = match outcome {
            Ok(next) => next,
            Err(Failure::Wire(error)) => return Err(error),
            Err(Failure::Refused(fault)) => {
                server.reply(Header::new(Kind::Error), &[&fault.encode()])?;
                server.answer(None)?
            }
        };
    }
}

/// Serves one host after another, on a board that has nothing else to do. Under a debug probe that
/// gives it files, the host is behind them, and the program ends with them.
#[cfg(all(target_os = "none", feature = "board"))]
pub fn serve_board(
    mut wire: impl Transport,
    panel: &mut impl Panel,
    identity: Identity,
    arena: &mut [u8],
    ops: &'static [Op],
) -> u32 {
    use crate::exit_code::{FAILURE, SUCCESS};

    defmt::info!("smidge {=str} on {=str}", identity.firmware, identity.board);
    if let Some(files) = crate::probe_files() {
        let end = serve(files, panel, identity, crate::slot(), arena, ops);
        return if end.is_ok() { SUCCESS } else { FAILURE };
    }
    loop {
        match serve(&mut wire, panel, identity, crate::slot(), arena, ops) {
            Ok(()) => defmt::info!("the host said goodbye"),
            Err(_) => defmt::warn!("the wire broke"),
        }
    }
}

/// Why the server stops answering with the present model.
enum Next {
    /// Another blob, of this length, is to be loaded; it starts at this byte of the slot.
    Load { len: u32, start: u32 },
    /// Room is to be made for a blob of this length.
    Erase { len: u32 },
    /// Bytes for the slot come next on the wire.
    Write { offset: u32, len: u32 },
    /// The checksum of so many bytes is wanted.
    Sum { len: u32 },
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

struct Server<'a, T, P> {
    link: Link<T>,
    panel: &'a mut P,
    info: Info,
    stats: Stats,
}

impl<T: Transport, P: Panel> Server<'_, T, P> {
    /// Checks the blob, prepares a session and answers requests with it.
    fn load(
        &mut self,
        slot: &[u8],
        len: u32,
        arena: &mut [u8],
        ops: &'static [Op],
    ) -> Result<Next, Failure<T::Error>> {
        self.stats.arena_len = 0;
        let too_long = RequestError::Slot { blob: len, slot: slot.len() as u32 };
        let blob = match len {
            0 if !slot.starts_with(&MAGIC) => return Err(RequestError::Empty.into()),
            0 => slot,
            len => slot.get(..len as usize).ok_or(too_long)?,
        };
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

    fn erase<S: Slot>(&mut self, slot: &mut S, len: u32) -> Result<Next, Failure<T::Error>> {
        self.stats.arena_len = 0;
        if !S::WRITABLE {
            return Err(RequestError::ReadOnly.into());
        }
        let capacity = self.info.slot_capacity;
        if len > capacity {
            return Err(RequestError::Slot { blob: len, slot: capacity }.into());
        }
        slot.erase(len).map_err(|_| RequestError::Flash { offset: 0 })?;
        self.done()
    }

    /// Puts bytes that come through the arena into the slot, unless they are there already, and
    /// reads them back.
    fn write<S: Slot>(
        &mut self,
        slot: &mut S,
        offset: u32,
        len: u32,
        arena: &mut [u8],
    ) -> Result<Next, Failure<T::Error>> {
        self.stats.arena_len = 0;
        let capacity = arena.len() as u32;
        let room = arena.get_mut(..len as usize);
        let bytes = room.ok_or(RequestError::Beyond { end: len, len: capacity })?;
        self.link.payload(bytes)?;
        self.link.finish()?;
        if !S::WRITABLE {
            return Err(RequestError::ReadOnly.into());
        }
        let (end, flash) = (offset.saturating_add(len), RequestError::Flash { offset });
        let too_long = RequestError::Slot { blob: end, slot: self.info.slot_capacity };
        let there = slot.bytes().get(offset as usize..end as usize).ok_or(too_long)?;
        if there != bytes {
            slot.write(offset, bytes).map_err(|_| flash)?;
            let there = slot.bytes().get(offset as usize..end as usize);
            there.filter(|there| *there == bytes).ok_or(flash)?;
        }
        self.done()
    }

    fn sum(&mut self, slot: &[u8], len: u32) -> Result<Next, Failure<T::Error>> {
        self.stats.arena_len = 0;
        let too_long = RequestError::Slot { blob: len, slot: self.info.slot_capacity };
        let sum = checksum(slot.get(..len as usize).ok_or(too_long)?);
        self.reply(Header::new(Kind::Summed), &[&sum.to_le_bytes()])?;
        Ok(self.answer(None)?)
    }

    /// Says that a request of the slot is done, and answers the next ones.
    fn done(&mut self) -> Result<Next, Failure<T::Error>> {
        self.reply(Header::new(Kind::Done), &[])?;
        Ok(self.answer(None)?)
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
            Some(Kind::Load) if header.len == 8 => {
                let (len, start) = (self.take_u32()?, self.take_u32()?);
                self.link.finish()?;
                return Ok(Some(Next::Load { len, start }));
            }
            Some(Kind::Load) => {
                return Ok(Some(Next::Load { len: self.length(header)?, start: 0 }));
            }
            Some(Kind::Erase) => return Ok(Some(Next::Erase { len: self.length(header)? })),
            Some(Kind::Sum) => return Ok(Some(Next::Sum { len: self.length(header)? })),
            Some(Kind::Write) => {
                let len = header.len.checked_sub(4);
                let len = len.ok_or(RequestError::Length { given: header.len, wanted: 4 })?;
                return Ok(Some(Next::Write { offset: self.take_u32()?, len }));
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
        let outcome = if header.flags & TRACE == 0 {
            run_marked(session, self.panel)
        } else {
            self.run_traced(session)?
        };
        let cycles = outcome
            .map_err(|error| Failure::refused(Phase::Invoke, error.code(), error.details()))?;
        self.stats.invocations = self.stats.invocations.saturating_add(1);
        let cycles = cycles.map(u64::to_le_bytes);
        let cycles = cycles.as_ref().map_or(&[][..], |cycles| cycles);
        Ok(self.reply(Header::new(Kind::Done), &[cycles])?)
    }

    /// One inference that sends what each step wrote. It is not counted: sending is not inference.
    fn run_traced(
        &mut self,
        session: &mut Session<'_, '_>,
    ) -> Result<Result<Option<u64>, InvokeError>, LinkError<T::Error>> {
        if let Err(error) = session.begin(0) {
            return Ok(Err(error));
        }
        loop {
            match session.step() {
                Ok(Progress::Ran { step }) => self.send_outputs(session, step)?,
                Ok(Progress::Done) => return Ok(Ok(None)),
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

    /// The payload of a request that has only a length.
    fn length(&mut self, header: Header) -> Result<u32, Failure<T::Error>> {
        self.demand(header, 4)?;
        let len = self.take_u32()?;
        self.link.finish()?;
        Ok(len)
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

/// What is behind this byte.
fn after(slot: &[u8], start: u32) -> &[u8] {
    slot.get(start as usize..).unwrap_or_default()
}

/// One inference between markers, which the board's panel shows and counts.
fn run_marked(
    session: &mut Session<'_, '_>,
    panel: &mut impl Panel,
) -> Result<Option<u64>, InvokeError> {
    struct Watch<'a, P>(&'a mut P);

    impl<P: Panel> Observer for Watch<'_, P> {
        #[inline(always)]
        fn end(&mut self, _step: u16) {
            marker::step_done();
            self.0.step();
        }
    }

    panel.begin();
    marker::start();
    let outcome = session.invoke_observed(&mut Watch(panel));
    marker::stop();
    let cycles = panel.end();
    outcome.map(|()| cycles)
}
