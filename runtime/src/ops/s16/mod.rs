//! What the operators' forms for int16 activations share: attributes, checks and drivers. Tensors are
//! symmetric (zero point 0), weights int8 and symmetric.
//!
//! Scheme: TensorFlow Lite's 16x8 quantization specification.

pub mod binary;
pub mod quantize;
pub mod unary;
pub mod weights;

use super::bounds::ensure;
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Clamp;

/// Bounds of an int16 output. 4 bytes.
pub(crate) fn read_clamp(from: &mut Reader<'_>) -> Clamp<i32> {
    Clamp { min: from.u16() as i16 as i32, max: from.u16() as i16 as i32 }
}

pub(crate) fn write_clamp<const N: usize>(clamp: Clamp<i32>, to: &mut Writer<N>) {
    to.u16(clamp.min as i16 as u16);
    to.u16(clamp.max as i16 as u16);
}

/// Symmetric bounds of an int16 value; all of them for 0 and for what does not fit.
pub(crate) fn bounds(magnitude: i32) -> Clamp<i32> {
    match magnitude {
        1..=32_767 => Clamp { min: -magnitude, max: magnitude },
        _ => Clamp { min: i16::MIN as i32, max: i16::MAX as i32 },
    }
}

/// Most values that are summed in 32 bits: sums of so many never overflow.
pub(crate) const MOST_SUMMED: usize = 65_534;

/// Fails unless output 0 is int16 and has as many elements as input 0, which is int16 too.
pub(crate) fn check_same(call: &Call<'_>) -> Result<(), OpError> {
    super::unary::check_same(call, DType::I16)
}

/// Fails unless the attributes are complete.
fn complete<T>(attrs: T, from: &Reader<'_>) -> Result<T, OpError> {
    ensure(from.is_complete(), OpError::Attributes)?;
    Ok(attrs)
}
