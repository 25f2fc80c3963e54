//! SVDF: features of `x [B,I]` go into a memory `[B,F*T]` of past ones, and outputs `y [B,F/rank]` are sums
//! over the memories of their filters.
//!
//! Operands: x, feature weights `[F,I]`, time weights `[F,T]`, bias `[F/rank]` (may be absent). Results: y
//! and the memory, which is kept between calls. int8: memory and time weights are int8 or int16.

use super::bounds::{
    ensure, read_clamp_f32, read_factor, read_zero, write_clamp_f32, write_factor, write_zero,
};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::svdf::{Svdf, SvdfScale, SvdfWeights, svdf_f32, svdf_s8};
use smidge_kernels::{Clamp, Multiplier};

/// int8.
pub const S8: Op =
    Op { code: OpCode::Svdf, variant: Variant::S8, in_place: false, check: check_s8, run: run_s8 };

/// float32.
pub const F32: Op = Op {
    code: OpCode::Svdf,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// Filters per output.
    pub rank: u16,
    /// Zero points of input, memory and output.
    pub zeros: [i32; 3],
    /// Factor from a feature to the memory's scale.
    pub feature: Multiplier,
    /// Factor from a sum over the memory to the output's scale.
    pub output: Multiplier,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 21;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u16(self.rank);
        self.zeros.iter().for_each(|&zero| write_zero(zero, &mut out));
        write_factor(self.feature, &mut out);
        write_factor(self.output, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            rank: from.u16(),
            zeros: [read_zero(&mut from), read_zero(&mut from), read_zero(&mut from)],
            feature: read_factor(&mut from),
            output: read_factor(&mut from),
        };
        let valid = attrs.feature.is_valid() && attrs.output.is_valid();
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Filters per output.
    pub rank: u16,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<f32>,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 10;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u16(self.rank);
        write_clamp_f32(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { rank: from.u16(), clamp: read_clamp_f32(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The sizes, from shapes that go together.
fn sizes(call: &Call<'_>, rank: u16) -> Result<Svdf, OpError> {
    let (x, feature, time) = (call.input(0)?.shape, call.input(1)?.shape, call.input(2)?.shape);
    let (y, state) = (call.output(0)?.shape, call.output(1)?.shape);
    let rank = rank as usize;
    let (filters, memory) = (feature.dim(0), time.last());
    let units = filters.checked_div(rank).ok_or(OpError::Attributes)?;
    let batch = x.elements().checked_div(x.last()).ok_or(OpError::Shape)?;
    let fits = feature.rank() == 2
        && time.rank() == 2
        && memory > 0
        && units * rank == filters
        && feature.last() == x.last()
        && time.dim(0) == filters
        && y.last() == units
        && y.elements() == batch * units
        && batch.checked_mul(filters).and_then(|n| n.checked_mul(memory)) == Some(state.elements());
    ensure(fits, OpError::Shape)?;
    Ok(Svdf { batch, inputs: x.last(), filters, rank, memory })
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 2)?;
    let attrs = AttrsS8::decode(call.attrs())?;
    call.input_of(0, DType::I8)?;
    call.input_of(1, DType::I8)?;
    call.output_of(0, DType::I8)?;
    let (time, state) = (call.input(2)?.dtype, call.output(1)?.dtype);
    ensure(time == state && matches!(time, DType::I8 | DType::I16), OpError::Type)?;
    let sizes = sizes(call, attrs.rank)?;
    // Sums have 31 bits.
    ensure(sizes.inputs <= 1 << 15, OpError::Shape)?;
    call.check_bias(3, DType::I32, call.output(0)?.shape.last())
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let sizes = sizes(call, attrs.rank)?;
    let [input, state_zero, output_offset] = attrs.zeros;
    let scale = SvdfScale {
        input_offset: -input,
        state_zero,
        feature: attrs.feature,
        output: attrs.output,
        output_offset,
    };
    let (feature, bias, x) = (call.src(1)?, call.src(3)?, call.src(0)?);
    if call.output(1)?.dtype == DType::I8 {
        let weights = SvdfWeights { feature, time: call.src(2)?, bias };
        let memory = (call.dst(1)?, call.dst(0)?);
        let bounds = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
        svdf_s8::<i8>(&sizes, &scale, &weights, x, memory, (bounds, |value| value as i8));
    } else {
        let weights = SvdfWeights { feature, time: call.src(2)?, bias };
        let memory = (call.dst(1)?, call.dst(0)?);
        let bounds = Clamp { min: i16::MIN as i32, max: i16::MAX as i32 };
        svdf_s8::<i16>(&sizes, &scale, &weights, x, memory, (bounds, |value| value as i16));
    }
    Ok(())
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 2)?;
    let attrs = AttrsF32::decode(call.attrs())?;
    for index in 0..3 {
        call.input_of(index, DType::F32)?;
    }
    call.output_of(0, DType::F32)?;
    call.output_of(1, DType::F32)?;
    sizes(call, attrs.rank)?;
    call.check_bias(3, DType::F32, call.output(0)?.shape.last())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let sizes = sizes(call, attrs.rank)?;
    let weights = SvdfWeights { feature: call.src(1)?, time: call.src(2)?, bias: call.src(3)? };
    svdf_f32(&sizes, &weights, attrs.clamp, call.src(0)?, (call.dst(1)?, call.dst(0)?));
    Ok(())
}
