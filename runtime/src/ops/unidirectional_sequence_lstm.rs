//! UNIDIRECTIONAL_SEQUENCE_LSTM: `x [B,T,I] -> y [B,T,C]`, with the last output and the cells kept between
//! calls.
//!
//! Operands: x, weights `[C,I]` and recurrent weights `[C,C]` of the gates input, forget, cell and output,
//! their biases `[C]`; for int8 also factors `[8,2]` and, for the arithmetic of TensorFlow Lite Micro, the
//! table of LOGISTIC. Without input gate its three operands are absent. Results: y, last outputs `[B,C]`,
//! cells `[B,C]`. Scratch memory holds the gates of a step.

use super::bounds::{
    ensure, read_clamp_f32, read_factor, read_zero, write_clamp_f32, write_factor, write_zero,
};
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::lstm::{
    Lstm, LstmArithmetic, LstmScale, LstmWeights, lstm_f32, lstm_s8,
};
use smidge_kernels::scalar::s16::CURVE;
use smidge_kernels::{Clamp, Dst, Element, Multiplier};

/// int8 with int16 cells.
pub const S8: Op = Op {
    code: OpCode::UnidirectionalSequenceLstm,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::UnidirectionalSequenceLstm,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// Operands before those of the int8 form.
const COMMON: usize = 13;

/// Which way sequences lie and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Steps are the first axis, not the second.
    pub time_major: bool,
    /// From the last step to the first.
    pub backwards: bool,
}

impl Order {
    fn read(from: &mut Reader<'_>) -> Self {
        let bits = from.u8();
        Self { time_major: bits & 1 != 0, backwards: bits & 2 != 0 }
    }

    fn write<const N: usize>(self, to: &mut Writer<N>) {
        to.u8(self.time_major as u8 | (self.backwards as u8) << 1);
    }
}

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// Which way sequences lie and go.
    pub order: Order,
    /// Zero points of input and output.
    pub zeros: [i32; 2],
    /// The cell's scale is `2^(integer_bits - 15)`; at most 5.
    pub integer_bits: u8,
    /// Bound of the cell's magnitude.
    pub clip: u16,
    /// Factors of `forget * cell`, `take * candidate` and `show * tanh(cell)`.
    pub factors: [Multiplier; 3],
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 30;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.order.write(&mut out);
        self.zeros.iter().for_each(|&zero| write_zero(zero, &mut out));
        out.u8(self.integer_bits);
        out.u16(self.clip);
        self.factors.iter().for_each(|&factor| write_factor(factor, &mut out));
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            order: Order::read(&mut from),
            zeros: [read_zero(&mut from), read_zero(&mut from)],
            integer_bits: from.u8(),
            clip: from.u16(),
            factors: [(); 3].map(|()| read_factor(&mut from)),
        };
        let valid = attrs.factors.iter().all(|factor| factor.is_valid());
        let valid = valid && attrs.integer_bits <= 5 && attrs.clip <= 1 << 15;
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Which way sequences lie and go.
    pub order: Order,
    /// Bounds of the cells.
    pub clip: Clamp<f32>,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 9;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.order.write(&mut out);
        write_clamp_f32(self.clip, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { order: Order::read(&mut from), clip: read_clamp_f32(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The sizes, from the shapes of x and the last outputs.
fn sizes(call: &Call<'_>, order: Order) -> Result<Lstm, OpError> {
    let x = call.input(0)?.shape;
    let &[first, second, inputs] = x.dims() else { return Err(OpError::Shape) };
    let (batch, time) = if order.time_major { (second, first) } else { (first, second) };
    let cells = call.output(1)?.shape.last();
    Ok(Lstm {
        batch: batch as usize,
        time: time as usize,
        inputs: inputs as usize,
        cells,
        time_major: order.time_major,
        backwards: order.backwards,
    })
}

/// Fails unless operands have these types, and shapes that go together.
fn check(call: &Call<'_>, order: Order, types: [DType; 4]) -> Result<Lstm, OpError> {
    let [activation, weight, bias, cell] = types;
    call.input_of(0, activation)?;
    call.output_of(0, activation)?;
    call.output_of(1, activation)?;
    call.output_of(2, cell)?;
    let p = sizes(call, order)?;
    let has_input_gate = call.optional(1).is_some();
    for gate in 0..4 {
        let (input, recurrent) = (call.optional(1 + gate), call.optional(5 + gate));
        let (Some(input), Some(recurrent)) = (input, recurrent) else {
            let absent =
                input.is_none() && recurrent.is_none() && call.optional(9 + gate).is_none();
            ensure(gate == 0 && !has_input_gate && absent, OpError::Operands)?;
            continue;
        };
        ensure(input.dtype == weight && recurrent.dtype == weight, OpError::Type)?;
        let fits = input.shape.elements() == p.cells * p.inputs
            && recurrent.shape.elements() == p.cells * p.cells
            && input.shape.last() == p.inputs;
        ensure(fits, OpError::Shape)?;
        call.check_bias(9 + gate, bias, p.cells)?;
    }
    let states = p.batch.checked_mul(p.cells);
    let steps = states.and_then(|n| n.checked_mul(p.time));
    let fits = call.output(0)?.shape.last() == p.cells
        && steps == Some(call.output(0)?.shape.elements())
        && states == Some(call.output(1)?.shape.elements())
        && states == Some(call.output(2)?.shape.elements());
    ensure(fits, OpError::Shape)?;
    Ok(p)
}

fn weights<'f, W: Element, B: Element>(call: &Call<'f>) -> Result<LstmWeights<'f, W, B>, OpError> {
    Ok(LstmWeights {
        input: [call.src(1)?, call.src(2)?, call.src(3)?, call.src(4)?],
        recurrent: [call.src(5)?, call.src(6)?, call.src(7)?, call.src(8)?],
        bias: [call.src(9)?, call.src(10)?, call.src(11)?, call.src(12)?],
    })
}

fn check_scratch(call: &Call<'_>, cells: usize, size: usize) -> Result<(), OpError> {
    let needed = cells.checked_mul(4 * size).ok_or(OpError::Scratch)?;
    ensure(call.scratch_len() >= needed, OpError::Scratch)
}

/// Room for the gates of a step.
fn gates<'f, T: Element>(call: &Call<'f>, cells: usize) -> Result<Dst<'f, T>, OpError> {
    let bytes = call.scratch().slice(0, cells * 4 * size_of::<T>());
    bytes.cast().ok_or(OpError::Scratch)
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(COMMON + 2, 3)?;
    let attrs = AttrsS8::decode(call.attrs())?;
    let p = check(call, attrs.order, [DType::I8, DType::I8, DType::I32, DType::I16])?;
    // Sums have 31 bits.
    ensure(p.inputs <= 1 << 15 && p.cells <= 1 << 15, OpError::Shape)?;
    call.check_factors(COMMON, 8)?;
    if call.rounds_as_tflm() {
        call.constant::<u16>(COMMON + 1, DType::I16, CURVE)?;
    } else {
        ensure(call.optional(COMMON + 1).is_none(), OpError::Operands)?;
    }
    check_scratch(call, p.cells, 2)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let p = sizes(call, attrs.order)?;
    let [forget, take, output] = attrs.factors;
    let clip = attrs.clip as i32;
    let arithmetic = match call.rounds_as_tflm() {
        true => LstmArithmetic::Table(call.src(COMMON + 1)?),
        false => LstmArithmetic::Fixed,
    };
    let scale = LstmScale {
        offsets: attrs.zeros.map(|zero| -zero),
        gates: call.src(COMMON)?,
        products: [forget, take],
        output,
        integer_bits: attrs.integer_bits.into(),
        clip: s16::bounds(clip),
        arithmetic,
    };
    let memory = (call.dst(0)?, call.dst(1)?, call.dst(2)?);
    let gates = gates(call, p.cells)?;
    lstm_s8(&p, &scale, &weights(call)?, call.src(0)?, memory, gates);
    Ok(())
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(COMMON, 3)?;
    let attrs = AttrsF32::decode(call.attrs())?;
    let p = check(call, attrs.order, [DType::F32; 4])?;
    check_scratch(call, p.cells, 4)
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let p = sizes(call, attrs.order)?;
    let memory = (call.dst(0)?, call.dst(1)?, call.dst(2)?);
    let gates = gates(call, p.cells)?;
    let functions = (|x: f32| 1.0 / (1.0 + libm::expf(-x)), libm::tanhf);
    lstm_f32(&p, &weights(call)?, attrs.clip, call.src(0)?, memory, gates, functions);
    Ok(())
}
