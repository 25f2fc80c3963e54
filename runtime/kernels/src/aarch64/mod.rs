//! AArch64 in three families, each with what the ones before it have.
//!
//! The families share the loops over windows and channels, staging, and requantization; each has
//! its own inner loop (`tile`), and an order of weights that suits it (`geometry::Mac`).

#[cfg(smidge_isa = "aarch64")]
mod conv;
#[cfg(smidge_isa = "aarch64")]
mod depthwise;
mod depthwise_plan;
pub(crate) mod dot;
#[cfg(smidge_isa = "aarch64")]
pub(crate) mod elementwise;
#[cfg(smidge_isa = "aarch64")]
mod finish;
mod form;
#[cfg(smidge_isa = "aarch64")]
mod fully_connected;
#[cfg(smidge_isa = "aarch64")]
mod gemm;
mod geometry;
pub(crate) mod i8mm;
#[cfg(smidge_isa = "aarch64")]
mod memory;
pub(crate) mod neon;
#[cfg(feature = "pack")]
mod pack;
#[cfg(smidge_isa = "aarch64")]
pub(crate) mod pool;
#[cfg(smidge_isa = "aarch64")]
pub(crate) mod real;
pub(crate) mod stretches;
#[cfg(smidge_isa = "aarch64")]
pub(crate) mod wide;
