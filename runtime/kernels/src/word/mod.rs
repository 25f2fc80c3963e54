//! What cores that compute one 32-bit word at a time have in common: Armv6-M, Armv7-M, RV32IMC.
//!
//! - A convolution is a product of matrices: a *panel* holds the inputs of a few output pixels
//!   (*lanes*), interleaved, and every output channel runs over it. [`conv`] makes the panels, a
//!   family's kernel runs over them.
//! - A depthwise convolution works on one channel at a time: a *plane* holds a band of rows of that
//!   channel with its padding, so that four outputs side by side read four elements side by side
//!   for each tap. See [`depthwise`] and [`plane`].
//! - [`record`] says how accumulators become 8 bits.

#[cfg(any(smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
pub(crate) mod conv;
#[cfg(any(smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
pub(crate) mod depthwise;
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;
pub(crate) mod plane;
#[cfg_attr(
    all(smidge_isa = "armv7m", not(feature = "pack")),
    expect(dead_code, reason = "the family has scales of its own")
)]
pub(crate) mod record;
#[cfg(feature = "pack")]
pub(crate) mod thresholds;
