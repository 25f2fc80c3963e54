//! Armv8.1-M with MVE (Cortex-M55): vectors of 128 bits, no vector by vector multiply-accumulate but
//! dot products of 16 bytes that add to a register (VMLADAVA). So a convolution is tiles of two
//! pixels by four channels, whose eight sums are the eight registers that the instruction can name.

#[cfg(any(feature = "pack", smidge_isa = "mve"))]
#[cfg_attr(not(smidge_isa = "mve"), allow(dead_code, reason = "some sizes only the kernels need"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "mve")]
mod conv;
#[cfg(smidge_isa = "mve")]
mod dense;
#[cfg(smidge_isa = "mve")]
pub(crate) mod elementwise;
#[cfg(smidge_isa = "mve")]
mod memory;
#[cfg(smidge_isa = "mve")]
mod planes;
#[cfg(smidge_isa = "mve")]
pub(crate) mod pool;
#[cfg(smidge_isa = "mve")]
mod quads;
#[cfg(smidge_isa = "mve")]
pub(crate) mod reduce;
#[cfg(smidge_isa = "mve")]
pub(crate) mod s16;
#[cfg(smidge_isa = "mve")]
mod short;
#[cfg(smidge_isa = "mve")]
mod tile;

#[cfg(smidge_isa = "mve")]
pub(crate) use conv::conv_s8;
#[cfg(smidge_isa = "mve")]
pub(crate) use dense::fully_connected_s8;
#[cfg(smidge_isa = "mve")]
pub(crate) use memory::copy_elements as copy;

#[cfg(smidge_isa = "mve")]
pub(crate) use planes::depthwise_s8;
