//! RV32IMC: 31 registers, a multiplication of words and one of their high half.
//!
//! Convolution: 4 pixels by 4 channels in 16 accumulators, 2.5 instructions for each
//! multiply-accumulate. Depthwise: 4 outputs at once, for kernels of 3 along the row with all
//! elements of a row in registers.

#[cfg(any(feature = "pack", smidge_isa = "rv32"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "rv32")]
mod conv;
#[cfg(smidge_isa = "rv32")]
mod depthwise;
#[cfg(smidge_isa = "rv32")]
mod fully_connected;

#[cfg(smidge_isa = "rv32")]
pub(crate) use conv::conv_s8;
#[cfg(smidge_isa = "rv32")]
pub(crate) use depthwise::depthwise_s8;
#[cfg(smidge_isa = "rv32")]
pub(crate) use fully_connected::fully_connected_s8;

/// Bits behind the point of a [`value`].
pub(crate) const POINT: u32 = 20;

/// The product of a [`Record`](crate::word::record::Record): the high half of `x * 2^(high mod 32)`
/// times `a`. A shift takes the lowest five bits of its operand.
#[inline(always)]
pub(crate) const fn value(x: i32, a: i32, high: i32) -> i32 {
    ((x.wrapping_shl(high as u32 & 31) as i64 * a as i64) >> 32) as i32
}
