//! Inner loops of smidge, and the only unsafe code of the runtime.
//!
//! A kernel knows no operator, no tensor and no blob: it gets views of memory ([`Src`], [`Dst`]), a
//! few numbers, and loops. The portable kernels in [`scalar`] are the definition: whatever a core's
//! instructions do faster is bit-identical to them.
//!
//! Accumulators wrap at 32 bits, as the hardware does. The converter bounds weights and shapes so
//! that they do not come near.

#![cfg_attr(not(test), no_std)]

pub mod requant;
pub mod scalar;
#[cfg(test)]
mod testing;
mod view;
mod window;

pub use requant::{Multiplier, Rounding};
pub use view::{Dst, Element, Src, cast, cast_mut};
pub use window::{Clamp, Window};
