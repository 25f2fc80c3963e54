//! LEAKY_RELU: `x >= 0 ? x : alpha * x -> y`, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter. float32: attribute alpha.

use super::bounds::ensure;
use super::s16;
use super::unary::{check_f32, check_s8, run_f32, run_s8};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};

/// int8.
pub const S8: Op = Op {
    code: OpCode::LeakyRelu,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: run_s8,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::LeakyRelu,
    variant: Variant::S16,
    in_place: true,
    check: s16::unary::check_leaky_relu,
    run: s16::unary::run_leaky_relu,
};

/// float32.
pub const F32: Op =
    Op { code: OpCode::LeakyRelu, variant: Variant::F32, in_place: true, check, run };

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Slope below zero.
    pub alpha: f32,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 4;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.f32(self.alpha);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { alpha: from.f32() };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    AttrsF32::decode(call.attrs())?;
    check_f32(call)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let alpha = AttrsF32::decode(call.attrs())?.alpha;
    run_f32(call, |x| if x >= 0.0 { x } else { x * alpha })
}
