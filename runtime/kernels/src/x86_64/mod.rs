//! x86-64 with AVX2, or AVX-512 with VNNI.
//!
//! Convolutions and fully connected layers are one product of matrices: pixels of the staged image
//! times blocks of 16 output channels, VPDPBUSD on AVX-512, VPMADDWD of widened bytes on AVX2.
//! Accumulators are exact on both: VPDPBUSD's sums of four products do not saturate.

#[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "x86_64")]
mod avx2;
#[cfg(smidge_isa = "x86_64")]
mod dense;
#[cfg(smidge_isa = "x86_64")]
mod depthwise;
#[cfg(smidge_isa = "x86_64")]
pub(crate) mod elementwise;
#[cfg(smidge_isa = "x86_64")]
mod finish;
#[cfg(smidge_isa = "x86_64")]
mod matrix;
#[cfg(smidge_isa = "x86_64")]
pub(crate) mod pool;
#[cfg(smidge_isa = "x86_64")]
pub(crate) mod real;
#[cfg(smidge_isa = "x86_64")]
mod stage;
pub(crate) mod stretches;
#[cfg(smidge_isa = "x86_64")]
mod vnni;
#[cfg(smidge_isa = "x86_64")]
pub(crate) mod wide;

#[cfg(smidge_isa = "x86_64")]
pub(crate) use depthwise::depthwise_s8;
#[cfg(smidge_isa = "x86_64")]
pub(crate) use matrix::{conv_s8, fully_connected_s8};
