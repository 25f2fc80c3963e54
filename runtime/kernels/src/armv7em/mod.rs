//! Armv7E-M and Armv8-M with DSP (Cortex-M4, M7, M33): two 16-bit products a cycle.

#[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "armv7em")]
mod bank;
#[cfg(smidge_isa = "armv7em")]
mod clamp;
#[cfg(smidge_isa = "armv7em")]
mod conv;
#[cfg(smidge_isa = "armv7em")]
mod depthwise;
#[cfg(smidge_isa = "armv7em")]
pub(crate) mod elementwise;
#[cfg(all(smidge_isa = "armv7em", target_abi = "eabihf"))]
pub(crate) mod float;
#[cfg(smidge_isa = "armv7em")]
mod fully_connected;
#[cfg(smidge_isa = "armv7em")]
mod nibbles;
#[cfg(smidge_isa = "armv7em")]
mod panel;
#[cfg(smidge_isa = "armv7em")]
mod requant;
#[cfg(smidge_isa = "armv7em")]
pub(crate) mod s16;
#[cfg(smidge_isa = "armv7em")]
mod tile;
#[cfg(smidge_isa = "armv7em")]
mod winograd;

#[cfg(smidge_isa = "armv7em")]
pub(crate) use clamp::clamp;
#[cfg(smidge_isa = "armv7em")]
pub(crate) use conv::{conv_s4, conv_s8};
#[cfg(smidge_isa = "armv7em")]
pub(crate) use depthwise::depthwise_s8;
#[cfg(smidge_isa = "armv7em")]
pub(crate) use fully_connected::{fully_connected_s4, fully_connected_s8};
#[cfg(smidge_isa = "armv7em")]
pub(crate) use winograd::conv_winograd_s8;
