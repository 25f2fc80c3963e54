//! Armv6-M (Cortex-M0, M0+): no wide multiplication, eight registers for most instructions.
//!
//! Convolution: inputs as words, 4 pixels side by side; for each element one load of four words,
//! one of a weight, 4 multiplications and 4 additions into high registers: 2.5 instructions for
//! each multiply-accumulate. Requantization: two multiplications, see [`value`].
//!
//! Register r6 and r7 are not operands of inline assembly here, and high registers can only be
//! clobbered: kernels save the former and load their arguments from a struct.

#[cfg(any(feature = "pack", smidge_isa = "armv6m"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "armv6m")]
mod conv;
#[cfg(smidge_isa = "armv6m")]
mod depthwise;
#[cfg(smidge_isa = "armv6m")]
mod fully_connected;
#[cfg(smidge_isa = "armv6m")]
mod lanes;

#[cfg(smidge_isa = "armv6m")]
pub(crate) use conv::conv_s8;
#[cfg(smidge_isa = "armv6m")]
pub(crate) use depthwise::depthwise_s8;
#[cfg(smidge_isa = "armv6m")]
pub(crate) use fully_connected::fully_connected_s8;

/// Bits behind the point of a [`value`].
pub(crate) const POINT: u32 = 22;

/// Bits of the lower part of a factor.
pub(crate) const PART: u32 = 12;

/// The parts of a factor, which has no sign: without the lower bits, and these.
#[inline(always)]
pub(crate) const fn parts(a: i32) -> (i32, i32) {
    ((a as u32 >> PART) as i32, a & ((1 << PART) - 1))
}

/// The product of a [`Record`](crate::word::record::Record), in two parts.
#[cfg(smidge_isa = "armv6m")]
#[inline(always)]
pub(crate) const fn value(x: i32, a: i32, _high: i32) -> i32 {
    let (upper, lower) = parts(a);
    x.wrapping_mul(upper).wrapping_add(x.wrapping_mul(lower) >> PART)
}
