//! PRELU: `x >= 0 ? x : alpha * x -> y`, alpha broadcast.
//!
//! Operands: x, alpha. int8: values that are not negative are brought to the output's scale by one
//! factor, products with alpha by another, with double rounding.

use super::binary::{check, walk};
use super::bounds::{ensure, read_factor, read_zero, write_factor, write_zero};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Multiplier;
use smidge_kernels::scalar::elementwise::{PreluS8, binary, prelu_s8};

/// int8.
pub const S8: Op =
    Op { code: OpCode::Prelu, variant: Variant::S8, in_place: true, check: check_s8, run: run_s8 };

/// float32.
pub const F32: Op = Op {
    code: OpCode::Prelu,
    variant: Variant::F32,
    in_place: true,
    check: |call| check(call, DType::F32),
    run: run_f32,
};

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// Zero points of x and alpha.
    pub zeros: [i32; 2],
    /// The output's zero point.
    pub output_zero: i32,
    /// Factor of values that are not negative.
    pub positive: Multiplier,
    /// Factor of products with alpha.
    pub negative: Multiplier,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 19;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_zero(self.zeros[0], &mut out);
        write_zero(self.zeros[1], &mut out);
        write_zero(self.output_zero, &mut out);
        write_factor(self.positive, &mut out);
        write_factor(self.negative, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            zeros: [read_zero(&mut from), read_zero(&mut from)],
            output_zero: read_zero(&mut from),
            positive: read_factor(&mut from),
            negative: read_factor(&mut from),
        };
        let valid = attrs.positive.is_valid() && attrs.negative.is_valid();
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    AttrsS8::decode(call.attrs())?;
    check(call, DType::I8)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let kernel = PreluS8 {
        offsets: [-attrs.zeros[0], -attrs.zeros[1]],
        positive: attrs.positive,
        negative: attrs.negative,
        output_offset: attrs.output_zero,
    };
    prelu_s8(&kernel, &walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let leak = |x: f32, alpha: f32| if x >= 0.0 { x } else { x * alpha };
    binary(&walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?, leak);
    Ok(())
}
