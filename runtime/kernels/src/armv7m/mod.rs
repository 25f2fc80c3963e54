//! Armv7-M (Cortex-M3): multiply-accumulate with 32 and 64 bits, no instructions for parts of
//! words.
//!
//! Convolution: two pixels in a word, `x1 * 2^23 + x0`, and one long multiply-accumulate for both:
//! the 64-bit sum is that of `x1` above bit 23, and that of `x0` below. See `conv`.

#[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;
#[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
mod scale;

#[cfg(smidge_isa = "armv7m")]
mod conv;
#[cfg(smidge_isa = "armv7m")]
mod depthwise;
#[cfg(smidge_isa = "armv7m")]
mod fully_connected;

#[cfg(smidge_isa = "armv7m")]
pub(crate) use conv::conv_s8;
#[cfg(smidge_isa = "armv7m")]
pub(crate) use depthwise::depthwise_s8;
#[cfg(smidge_isa = "armv7m")]
pub(crate) use fully_connected::fully_connected_s8;
