//! ADD: `a + b -> y`, broadcasting, with a fused activation.
//!
//! int8: both operands are raised by `left_shift` bits and brought to twice the larger scale, added,
//! and brought to the output's scale, each with double rounding.

use super::binary::{self, check, check_f32, run_f32, walk};
use super::bounds::{
    ensure, read_clamp, read_factor, read_zero, write_clamp, write_factor, write_zero,
};
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::elementwise::{AddS8, LinearS8};
use smidge_kernels::{Clamp, Multiplier, native};

/// int8.
pub const S8: Op = Op {
    code: OpCode::Add,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: |call| {
        let kernel = AttrsS8::decode(call.attrs())?.kernel();
        native::add_s8(call.cpu(), &kernel, &walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
        Ok(())
    },
};

/// int8 of equal shapes as one linear form, which the converter has proved to be the same.
pub const S8_LINEAR: Op = Op {
    code: OpCode::Add,
    variant: Variant::S8Linear,
    in_place: true,
    check: check_linear,
    run: run_linear,
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::Add,
    variant: Variant::S16,
    in_place: true,
    check: s16::binary::check_add,
    run: |call| s16::binary::run_add(call, false),
};

/// int32 without scales.
pub const S32: Op = binary::s32(OpCode::Add, |call| binary::run_s32(call, i32::wrapping_add));

/// float32.
pub const F32: Op = Op {
    code: OpCode::Add,
    variant: Variant::F32,
    in_place: true,
    check: check_f32,
    run: |call| run_f32(call, |a, b| a + b),
};

/// Attributes of the int8 form; SUB has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// Zero points of the operands.
    pub zeros: [i32; 2],
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
    /// Bits of headroom, at most 22.
    pub left_shift: u8,
    /// Factors of the raised operands.
    pub factors: [Multiplier; 2],
    /// Factor of the sum.
    pub output: Multiplier,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 30;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_zero(self.zeros[0], &mut out);
        write_zero(self.zeros[1], &mut out);
        write_zero(self.output_zero, &mut out);
        write_clamp(self.clamp, &mut out);
        out.u8(self.left_shift);
        write_factor(self.factors[0], &mut out);
        write_factor(self.factors[1], &mut out);
        write_factor(self.output, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            zeros: [read_zero(&mut from), read_zero(&mut from)],
            output_zero: read_zero(&mut from),
            clamp: read_clamp(&mut from),
            left_shift: from.u8(),
            factors: [read_factor(&mut from), read_factor(&mut from)],
            output: read_factor(&mut from),
        };
        let factors = [attrs.factors[0], attrs.factors[1], attrs.output];
        let valid = factors.iter().all(|factor| factor.is_valid()) && attrs.left_shift <= 22;
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }

    /// The kernel's numbers.
    pub fn kernel(&self) -> AddS8 {
        AddS8 {
            offsets: [-self.zeros[0], -self.zeros[1]],
            factors: self.factors,
            left_shift: self.left_shift as u32,
            output: self.output,
            output_offset: self.output_zero,
            clamp: self.clamp,
        }
    }
}

pub(crate) fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    AttrsS8::decode(call.attrs())?;
    check(call, DType::I8)
}

/// Attributes of the linear form; SUB has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsLinear {
    /// The kernel's numbers.
    pub kernel: LinearS8,
}

impl AttrsLinear {
    /// Bytes of the encoding.
    pub const LEN: usize = 15;

    /// Encodes the bytes that [`AttrsLinear::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.i32(self.kernel.factors[0]);
        out.i32(self.kernel.factors[1]);
        out.i32(self.kernel.offset);
        out.u8(self.kernel.shift as u8);
        write_clamp(self.kernel.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let kernel = LinearS8 {
            factors: [from.i32(), from.i32()],
            offset: from.i32(),
            shift: from.u8() as u32,
            clamp: read_clamp(&mut from),
        };
        ensure(kernel.is_valid() && from.is_complete(), OpError::Attributes)?;
        Ok(Self { kernel })
    }
}

pub(crate) fn check_linear(call: &Call<'_>) -> Result<(), OpError> {
    AttrsLinear::decode(call.attrs())?;
    check(call, DType::I8)?;
    let len = call.output(0)?.len;
    ensure(call.input(0)?.len == len && call.input(1)?.len == len, OpError::Shape)
}

pub(crate) fn run_linear(call: &Call<'_>) -> Result<(), OpError> {
    let kernel = AttrsLinear::decode(call.attrs())?.kernel;
    native::linear_s8(call.cpu(), &kernel, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding_and_are_checked() {
        let factor = Multiplier { mantissa: 1 << 30, shift: -3 };
        let attrs = AttrsS8 {
            zeros: [-128, 5],
            output_zero: 127,
            clamp: Clamp { min: -128, max: 100 },
            left_shift: 20,
            factors: [factor, Multiplier { mantissa: i32::MAX, shift: 0 }],
            output: Multiplier { mantissa: 3 << 29, shift: -18 },
        };
        assert_eq!(AttrsS8::decode(Reader::new(&attrs.encode())), Ok(attrs));
        let bad = AttrsS8 { output: Multiplier { mantissa: -1, shift: 0 }, ..attrs };
        assert_eq!(AttrsS8::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
        let bad = AttrsS8 { left_shift: 23, ..attrs };
        assert_eq!(AttrsS8::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
    }
}
