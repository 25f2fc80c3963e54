//! MUL: `a * b -> y`, broadcasting, with a fused activation.
//!
//! int8: the product of the values without their zero points, requantized with double rounding.

use super::binary::{self, check, check_f32, run_f32, walk};
use super::bounds::{
    ensure, read_clamp, read_factor, read_zero, write_clamp, write_factor, write_zero,
};
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::elementwise::MulS8;
use smidge_kernels::{Clamp, Multiplier, native};

/// int8.
pub const S8: Op =
    Op { code: OpCode::Mul, variant: Variant::S8, in_place: true, check: check_s8, run: run_s8 };

/// int16.
pub const S16: Op = Op {
    code: OpCode::Mul,
    variant: Variant::S16,
    in_place: true,
    check: s16::binary::check_mul,
    run: s16::binary::run_mul,
};

/// int32 without scales.
pub const S32: Op = binary::s32(OpCode::Mul, |call| binary::run_s32(call, i32::wrapping_mul));

/// float32.
pub const F32: Op = Op {
    code: OpCode::Mul,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: |call| run_f32(call, |a, b| a * b),
};

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// Zero points of the operands.
    pub zeros: [i32; 2],
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
    /// Factor of the product.
    pub output: Multiplier,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 13;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_zero(self.zeros[0], &mut out);
        write_zero(self.zeros[1], &mut out);
        write_zero(self.output_zero, &mut out);
        write_clamp(self.clamp, &mut out);
        write_factor(self.output, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            zeros: [read_zero(&mut from), read_zero(&mut from)],
            output_zero: read_zero(&mut from),
            clamp: read_clamp(&mut from),
            output: read_factor(&mut from),
        };
        ensure(attrs.output.is_valid() && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    AttrsS8::decode(call.attrs())?;
    check(call, DType::I8)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let kernel = MulS8 {
        offsets: [-attrs.zeros[0], -attrs.zeros[1]],
        output: attrs.output,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
    };
    native::mul_s8(call.cpu(), &kernel, &walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}
