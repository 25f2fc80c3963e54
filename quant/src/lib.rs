//! Quantization arithmetic that the host does once, so that the device need not: real factors as
//! fixed-point multipliers, activation bounds as integers, functions of one byte as tables.
//!
//! The numbers are those of the TensorFlow Lite 8-bit quantization specification and its reference
//! kernels, so that a converted model gives the bytes that its author saw. Where the reference
//! computes a factor in single precision, so does this crate: one rounding more or less moves the
//! last bit of a mantissa.

#![forbid(unsafe_code)]

pub mod fixed;
pub mod linear;
pub mod multiplier;
pub mod range;
pub mod table;
pub mod wide;

pub use multiplier::quantize_multiplier;
pub use smidge_kernels::{Multiplier, Rounding};
