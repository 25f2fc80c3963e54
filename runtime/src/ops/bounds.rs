//! Attributes that most operators share: zero points and bounds.

use crate::error::OpError;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::{Clamp, Multiplier};

/// Bounds of an int8 output, within `[-128, 127]`. 2 bytes.
pub(crate) fn read_clamp(from: &mut Reader<'_>) -> Clamp<i32> {
    Clamp { min: from.u8() as i8 as i32, max: from.u8() as i8 as i32 }
}

pub(crate) fn write_clamp<const N: usize>(clamp: Clamp<i32>, to: &mut Writer<N>) {
    to.u8(clamp.min as i8 as u8);
    to.u8(clamp.max as i8 as u8);
}

/// Bounds of a float output. 8 bytes.
pub(crate) fn read_clamp_f32(from: &mut Reader<'_>) -> Clamp<f32> {
    Clamp { min: from.f32(), max: from.f32() }
}

pub(crate) fn write_clamp_f32<const N: usize>(clamp: Clamp<f32>, to: &mut Writer<N>) {
    to.f32(clamp.min);
    to.f32(clamp.max);
}

/// A zero point, within `[-128, 127]`. 1 byte.
pub(crate) fn read_zero(from: &mut Reader<'_>) -> i32 {
    from.u8() as i8 as i32
}

pub(crate) fn write_zero<const N: usize>(zero_point: i32, to: &mut Writer<N>) {
    to.u8(zero_point as i8 as u8);
}

/// A fixed-point factor. 8 bytes.
pub(crate) fn read_factor(from: &mut Reader<'_>) -> Multiplier {
    Multiplier { mantissa: from.i32(), shift: from.i32() }
}

pub(crate) fn write_factor<const N: usize>(factor: Multiplier, to: &mut Writer<N>) {
    to.i32(factor.mantissa);
    to.i32(factor.shift);
}

/// `Ok` if the condition holds, else the error.
pub(crate) fn ensure(condition: bool, error: OpError) -> Result<(), OpError> {
    if condition { Ok(()) } else { Err(error) }
}
