//! A model bound to memory, and its execution.

use crate::call::{Call, Machine};
use crate::error::{InvokeError, SessionError};
use crate::model::Model;
use crate::observe::Observer;
use smidge_format::limits::{ALIGN, MAX_DEPTH};
use smidge_format::{Block, DType, Flow, FlowAttrs, NONE, Step, Storage};
use smidge_kernels::{Crew, Dst, Element, Src};

/// Element types in which inputs are written and outputs are read.
pub trait Scalar: Element {
    /// The type's number in the format.
    const DTYPE: DType;
}

macro_rules! scalars {
    ($($type:ty = $dtype:ident),*) => { $(impl Scalar for $type {
        const DTYPE: DType = DType::$dtype;
    })* };
}

scalars!(i8 = I8, u8 = U8, i16 = I16, i32 = I32, i64 = I64, f32 = F32);

/// What a call to [`Session::step`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This step has run; there may be more.
    Ran {
        /// Its number.
        step: u16,
    },
    /// The program has ended: outputs are valid.
    Done,
}

/// Blocks that may be open at the same time.
const DEPTH: usize = if cfg!(feature = "control-flow") { MAX_DEPTH } else { 0 };

/// A called block that has not ended.
#[derive(Clone, Copy, Default)]
struct Open {
    /// One past its last step.
    end: u16,
    /// Where to go on behind it.
    resume: u16,
    /// For a repeated block: the step that repeats it.
    again: Option<u16>,
    /// How often it may still be repeated.
    trips: u32,
}

/// A model, the arena it works in, and where its program stands.
pub struct Session<'m, 'a> {
    model: &'a Model<'m>,
    machine: Machine,
    arena: &'a mut [u8],
    at: u16,
    end: u16,
    open: [Open; DEPTH],
    depth: usize,
    crew: Crew<'a>,
}

impl<'m, 'a> Session<'m, 'a> {
    /// Binds a model to an arena and resets its state.
    ///
    /// # Errors
    /// If the arena has less than [`Model::arena_len`] bytes or does not start at a multiple of 16, or
    /// if the model is packed for another core ([`Model::check_foreign`]).
    pub fn new(model: &'a Model<'m>, arena: &'a mut [u8]) -> Result<Self, SessionError> {
        if !model.runs_here() {
            return Err(SessionError::Isa { isa: model.blob().isa() });
        }
        let needed = model.arena_len();
        if arena.len() < needed {
            let (needed, available) = (needed as u32, arena.len() as u32);
            return Err(SessionError::ArenaTooSmall { needed, available });
        }
        if !arena.as_ptr().addr().is_multiple_of(ALIGN) {
            return Err(SessionError::ArenaMisaligned);
        }
        let open = [Open::default(); DEPTH];
        let crew = Crew::default();
        let machine = model.machine();
        let mut session = Self { model, machine, arena, at: 0, end: 0, open, depth: 0, crew };
        session.reset();
        Ok(session)
    }

    /// Computes large layers on the threads of a pool. The results are the same.
    #[cfg(feature = "threads")]
    pub fn with_threads(mut self, pool: &'a smidge_kernels::Pool) -> Self {
        self.crew = pool.into();
        self
    }

    /// The model.
    pub fn model(&self) -> &'a Model<'m> {
        self.model
    }

    /// Gives every state tensor its initial value and goes back to the start of the program.
    pub fn reset(&mut self) {
        let arena = Dst::from(&mut *self.arena);
        let states = self.model.has_state().then(|| self.model.states());
        for (state, initial) in states.into_iter().flatten() {
            let place = arena.slice(state.offset as usize, state.len as usize);
            match initial {
                Some(bytes) => place.copy_from(Src::from(bytes)),
                None => place.fill(0),
            }
        }
        // Subgraph 0 exists in every checked blob.
        let _ = self.begin(0);
    }

    /// The elements of input `index`, to be filled before a call. Their values are lost in it: the
    /// memory is used again.
    ///
    /// # Errors
    /// If there is no such input, or `T` is not its element type.
    pub fn input_mut<T: Scalar>(&mut self, index: usize) -> Result<&mut [T], InvokeError> {
        let missing = InvokeError::NoSuch { index: index as u16 };
        let id = self.model.input_id(index).ok_or(missing)?;
        if self.model.blob().dtype(id) != Some(T::DTYPE) {
            return Err(InvokeError::Type { index: index as u16 });
        }
        let bytes = self.input_bytes_mut(index).ok_or(missing)?;
        smidge_kernels::cast_mut(bytes).ok_or(missing)
    }

    /// The elements of output `index` after a call.
    ///
    /// # Errors
    /// If there is no such output, or `T` is not its element type.
    pub fn output<T: Scalar>(&self, index: usize) -> Result<&[T], InvokeError> {
        let missing = InvokeError::NoSuch { index: index as u16 };
        let id = self.model.output_id(index).ok_or(missing)?;
        if self.model.blob().dtype(id) != Some(T::DTYPE) {
            return Err(InvokeError::Type { index: index as u16 });
        }
        smidge_kernels::cast(self.tensor_bytes(id).ok_or(missing)?).ok_or(missing)
    }

    /// The bytes of input `index`.
    pub fn input_bytes_mut(&mut self, index: usize) -> Option<&mut [u8]> {
        let place = self.model.blob().place(self.model.input_id(index)?)?;
        let start = place.offset as usize;
        self.arena.get_mut(start..start.checked_add(place.len as usize)?)
    }

    /// The bytes of output `index`.
    pub fn output_bytes(&self, index: usize) -> Option<&[u8]> {
        self.tensor_bytes(self.model.output_id(index)?)
    }

    /// The bytes of tensor `id`: constants always, others while they live.
    pub fn tensor_bytes(&self, id: u16) -> Option<&[u8]> {
        let place = self.model.blob().place(id)?;
        if place.storage == Storage::Constant {
            return self.model.blob().constant_at(&place);
        }
        let start = place.offset as usize;
        self.arena.get(start..start.checked_add(place.len as usize)?)
    }

    /// Runs the model once: inputs in, outputs out.
    ///
    /// # Errors
    /// [`InvokeError::Corrupt`] if the blob's bytes changed after the check.
    pub fn invoke(&mut self) -> Result<(), InvokeError> {
        self.invoke_observed(&mut ())
    }

    /// Runs the model once and tells `observer` about every step.
    ///
    /// # Errors
    /// As [`Session::invoke`].
    pub fn invoke_observed(&mut self, observer: &mut impl Observer) -> Result<(), InvokeError> {
        self.begin(0)?;
        while self.advance(observer)? != Progress::Done {}
        Ok(())
    }

    /// Goes to the start of a subgraph's program; 0 is the model itself.
    ///
    /// # Errors
    /// [`InvokeError::NoSuch`] if there is no such subgraph.
    pub fn begin(&mut self, subgraph: u16) -> Result<(), InvokeError> {
        let blob = self.model.blob();
        let entry = blob.subgraph(subgraph).and_then(|entry| blob.block(entry.block));
        let Block { start, end } = entry.ok_or(InvokeError::NoSuch { index: subgraph })?;
        (self.at, self.end, self.depth) = (start, end, 0);
        Ok(())
    }

    /// Runs the next step of the program that [`Session::begin`] chose. Between steps the caller is
    /// free: to stop, to meet a deadline, to read a tensor.
    ///
    /// # Errors
    /// As [`Session::invoke`].
    pub fn step(&mut self) -> Result<Progress, InvokeError> {
        self.advance(&mut ())
    }

    fn advance(&mut self, observer: &mut impl Observer) -> Result<Progress, InvokeError> {
        if cfg!(feature = "control-flow") {
            self.close_blocks()?;
        }
        let index = self.at;
        if index >= self.end {
            return Ok(Progress::Done);
        }
        let corrupt = InvokeError::Corrupt { step: index };
        // Read where it was decoded: a copy would wait for its parts.
        let step = self.model.blob().step(index);
        let step = step.as_ref().ok_or(corrupt)?;
        self.at = index.wrapping_add(1);
        match step.flow {
            Flow::Operator => {
                observer.begin(index);
                let op = self.model.find(step).ok_or(corrupt)?;
                let arena = Dst::from(&mut *self.arena);
                let call = Call::new(self.model.blob(), step, arena, self.machine).by(self.crew);
                (op.run)(&call).map_err(|_| corrupt)?;
                observer.end(index);
            }
            // Refused by the check where there is no control flow.
            Flow::If | Flow::Loop if !cfg!(feature = "control-flow") => return Err(corrupt),
            Flow::If => self.branch(step).ok_or(corrupt)?,
            Flow::Loop => self.repeat(index, step).ok_or(corrupt)?,
        }
        Ok(Progress::Ran { step: index })
    }

    /// Leaves the blocks that end here, or starts their next repetition.
    fn close_blocks(&mut self) -> Result<(), InvokeError> {
        while let Some(top) = self.depth.checked_sub(1).and_then(|i| self.open.get(i)).copied() {
            if top.end != self.at {
                break;
            }
            self.depth -= 1;
            self.at = top.resume;
            if let Some(again) = top.again {
                let corrupt = InvokeError::Corrupt { step: again };
                let step = self.model.blob().step(again).ok_or(corrupt)?;
                if top.trips > 0 && self.condition(&step) {
                    let body = self.called(&step).and_then(|(body, _)| body).ok_or(corrupt)?;
                    self.enter(body, Open { trips: top.trips - 1, ..top }).ok_or(corrupt)?;
                }
            }
        }
        Ok(())
    }

    fn branch(&mut self, step: &Step) -> Option<()> {
        let (then, otherwise) = self.called(step)?;
        let resume = otherwise.or(then)?.end;
        let chosen = if self.condition(step) { then } else { otherwise };
        // Blocks are behind their step, or a call might never end.
        if resume < self.at || chosen.is_some_and(|block| block.start < self.at) {
            return None;
        }
        match chosen {
            Some(block) => self.enter(block, Open { resume, ..Open::default() }),
            None => {
                self.at = resume;
                Some(())
            }
        }
    }

    fn repeat(&mut self, index: u16, step: &Step) -> Option<()> {
        let body = self.called(step)?.0.filter(|body| body.start >= self.at)?;
        let attrs = FlowAttrs::decode(self.model.blob().step_attrs(step))?;
        if !self.condition(step) {
            self.at = body.end;
            return Some(());
        }
        let trips = attrs.max_trips.checked_sub(1)?;
        self.enter(body, Open { resume: body.end, again: Some(index), trips, end: 0 })
    }

    fn enter(&mut self, block: Block, open: Open) -> Option<()> {
        *self.open.get_mut(self.depth)? = Open { end: block.end, ..open };
        self.depth += 1;
        self.at = block.start;
        Some(())
    }

    /// The blocks that a control-flow step calls.
    fn called(&self, step: &Step) -> Option<(Option<Block>, Option<Block>)> {
        let blob = self.model.blob();
        let attrs = FlowAttrs::decode(blob.step_attrs(step))?;
        let block = |index| if index == NONE { None } else { blob.block(index) };
        Some((block(attrs.block), block(attrs.otherwise)))
    }

    fn condition(&self, step: &Step) -> bool {
        let id = self.model.blob().step_inputs(step).next();
        let byte = id.and_then(|id| self.tensor_bytes(id)).and_then(|bytes| bytes.first());
        byte.is_some_and(|&byte| byte != 0)
    }
}
