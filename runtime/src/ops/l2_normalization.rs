//! L2_NORMALIZATION: `x / sqrt(sum of x^2) -> y`, over the last dimension, with a fused activation.
//!
//! int8: the output has scale 1/128 and zero point 0; the root is taken in fixed point.

use super::binary::AttrsF32;
use super::bounds::{ensure, read_zero, write_zero};
use super::unary::check_same;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::normalize::{l2_normalization_f32, l2_normalization_s8};

/// int8.
pub const S8: Op = Op {
    code: OpCode::L2Normalization,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: run_s8,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::L2Normalization,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: run_f32,
};

/// Most values of a row whose sum of squares has 31 bits.
const MOST: usize = 1 << 15;

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttrsS8 {
    /// The input's zero point.
    pub input_zero: i32,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 1;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_zero(self.input_zero, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { input_zero: read_zero(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    AttrsS8::decode(call.attrs())?;
    ensure(call.input(0)?.shape.last() <= MOST, OpError::Shape)?;
    check_same(call, DType::I8)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let zero = AttrsS8::decode(call.attrs())?.input_zero;
    l2_normalization_s8(call.input(0)?.shape.last(), -zero, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    AttrsF32::decode(call.attrs())?;
    check_same(call, DType::F32)
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let clamp = AttrsF32::decode(call.attrs())?.clamp;
    let depth = call.input(0)?.shape.last();
    l2_normalization_f32(depth, clamp, call.src(0)?, call.dst(0)?, libm::sqrtf);
    Ok(())
}
