//! SOFTMAX: `exp(beta * x) / sum of exp(beta * x) -> y`, over the last dimension.
//!
//! int8: operands x and a table `exp(-beta * scale * d)` in Q0.31 for differences `d` to the largest
//! value of a row, a constant of 1 to 256 values. The output has scale 1/256 and zero point -128, or is int16
//! with scale 1/65536 and zero point -32768.

use super::bounds::ensure;
use super::s16;
use super::unary::check_same;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::native;
use smidge_kernels::scalar::softmax::{softmax_f32, softmax_s8_s16};

/// int8.
pub const S8: Op = Op {
    code: OpCode::Softmax,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: run_s8,
};

/// From int8 to int16.
pub const S8_S16: Op = Op {
    code: OpCode::Softmax,
    variant: Variant::S8S16,
    in_place: false,
    check: check_s8_s16,
    run: run_s8_s16,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::Softmax,
    variant: Variant::S16,
    in_place: true,
    check: s16::unary::check_softmax,
    run: s16::unary::run_softmax,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Softmax,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: run_f32,
};

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Factor of the exponent.
    pub beta: f32,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 4;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.f32(self.beta);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { beta: from.f32() };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    check_table(call)?;
    check_same(call, DType::I8)
}

fn check_s8_s16(call: &Call<'_>) -> Result<(), OpError> {
    check_table(call)?;
    let (x, y) = (call.input_of(0, DType::I8)?, call.output_of(0, DType::I16)?);
    ensure(x.shape == y.shape, OpError::Shape)
}

/// Checks the operands' number, the table, and the rows' length.
fn check_table(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let entries = call.shape(1)?.elements();
    let table = call.constant::<i32>(1, DType::I32, entries)?;
    ensure((1..=256).contains(&entries) && table.iter().all(|&e| e >= 0), OpError::Attributes)?;
    // The sum of a row is a Q12.19 number: 4,095 ones fit.
    ensure(call.shape(0)?.last() < 4096, OpError::Shape)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    AttrsF32::decode(call.attrs())?;
    check_same(call, DType::F32)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let depth = call.shape(0)?.last();
    native::softmax_s8(call.cpu(), call.src(1)?, depth, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_s8_s16(call: &Call<'_>) -> Result<(), OpError> {
    let depth = call.shape(0)?.last();
    softmax_s8_s16(call.src(1)?, depth, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let beta = AttrsF32::decode(call.attrs())?.beta;
    let depth = call.shape(0)?.last();
    softmax_f32(beta, depth, call.src(0)?, call.dst(0)?, libm::expf);
    Ok(())
}
