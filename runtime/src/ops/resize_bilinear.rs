//! RESIZE_BILINEAR: `x [N,H,W,C] -> y [N,Ho,Wo,C]`, every pixel between four of the input.
//!
//! int8 and int16: positions have 10 bits behind the point, and ties are rounded away from zero.

use super::bounds::ensure;
use super::resize::sizes;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::resize::{bilinear, bilinear_f32};

/// int8.
pub const S8: Op = Op {
    code: OpCode::ResizeBilinear,
    variant: Variant::S8,
    in_place: false,
    check: |call| check_integers(call, DType::I8),
    run: |call| {
        let (sizes, Attrs { scale, half }) = (sizes(call)?, Attrs::<i32>::decode(call.attrs())?);
        bilinear(&sizes, scale, half, call.src(0)?, call.dst(0)?, |value| value as i8);
        Ok(())
    },
};

/// int16.
pub const S16: Op = Op {
    code: OpCode::ResizeBilinear,
    variant: Variant::S16,
    in_place: false,
    check: |call| check_integers(call, DType::I16),
    run: |call| {
        let (sizes, Attrs { scale, half }) = (sizes(call)?, Attrs::<i32>::decode(call.attrs())?);
        bilinear(&sizes, scale, half, call.src(0)?, call.dst(0)?, |value| value as i16);
        Ok(())
    },
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::ResizeBilinear,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: |call| {
        let (sizes, Attrs { scale, half }) = (sizes(call)?, Attrs::<f32>::decode(call.attrs())?);
        bilinear_f32(&sizes, scale, half, call.src(0)?, call.dst(0)?);
        Ok(())
    },
};

/// Attributes: integers have a scale in Q.10, floats a real one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs<T> {
    /// Input rows per output row, and the same for columns.
    pub scale: [T; 2],
    /// Pixels are at the centres of their squares.
    pub half: bool,
}

impl<T> Attrs<T> {
    /// Bytes of the encoding.
    pub const LEN: usize = 9;
}

impl Attrs<i32> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.scale.iter().for_each(|&scale| out.i32(scale));
        out.u8(self.half as u8);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { scale: [from.i32(), from.i32()], half: from.u8() != 0 };
        let valid = attrs.scale.iter().all(|&scale| scale >= 0);
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

impl Attrs<f32> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.scale.iter().for_each(|&scale| out.f32(scale));
        out.u8(self.half as u8);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { scale: [from.f32(), from.f32()], half: from.u8() != 0 };
        let valid = attrs.scale.iter().all(|scale| scale.is_finite() && *scale >= 0.0);
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_integers(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(1, 1)?;
    call.input_of(0, dtype)?;
    let (sizes, attrs) = (sizes(call)?, Attrs::<i32>::decode(call.attrs())?);
    // Positions have 31 bits, and end inside the image.
    let ends = sizes.output.into_iter().zip(attrs.scale).zip(sizes.input);
    let mut ends = ends.map(|((output, scale), input)| {
        let last = (output as u64).saturating_sub(1).saturating_mul(scale as u64);
        last < 1 << 30 && input < 1 << 20 && last <= (input as u64) << 10
    });
    ensure(ends.all(|fits| fits), OpError::Shape)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    call.input_of(0, DType::F32)?;
    Attrs::<f32>::decode(call.attrs())?;
    sizes(call).map(|_| ())
}
