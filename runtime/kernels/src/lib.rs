//! Inner loops of smidge, and the only unsafe code of the runtime.
//!
//! A kernel knows no operator, no tensor and no blob: it gets views of memory ([`Src`], [`Dst`]), a
//! few numbers, and loops. The portable kernels in [`scalar`] are the definition: whatever a core's
//! instructions do faster is bit-identical to them.
//!
//! Accumulators wrap at 32 bits, as the hardware does. The converter bounds weights and shapes so
//! that they do not come near.

//! # Code map
//!
//! `view` (memory that may overlap), [`requant`] (from accumulators to 8 bits), `window` (geometry),
//! [`scalar`] (the definitions), [`native`] (the fastest kernel this processor has, nothing packed),
//! [`packed`] (operators whose weights are packed for a family of cores), `cpu` (families, and the
//! proof that the processor is of one), a folder for each family, `word` and `panel` (what
//! families without and with vectors share), `suite` (every kernel against the definitions).

#![cfg_attr(not(test), no_std)]

#[cfg(any(feature = "pack", feature = "threads", test))]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
mod aarch64;
#[cfg(any(feature = "pack", smidge_isa = "armv6m"))]
mod armv6m;
#[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
mod armv7em;
#[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
mod armv7m;
mod cpu;
mod crew;
#[cfg(all(
    feature = "memory",
    any(smidge_isa = "armv7m", smidge_isa = "armv7em", smidge_isa = "mve")
))]
pub mod memory;
#[cfg(any(feature = "pack", smidge_isa = "mve"))]
mod mve;
pub mod native;
pub mod packed;
#[cfg_attr(
    not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")),
    allow(dead_code, reason = "only families with vectors have kernels")
)]
mod panel;
pub mod requant;
#[cfg(any(feature = "pack", smidge_isa = "rv32"))]
mod rv32;
pub mod scalar;
#[cfg(feature = "suite")]
pub mod suite;
#[cfg(any(test, feature = "suite"))]
mod testing;
mod view;
mod window;
#[cfg(any(feature = "pack", smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
mod word;
#[cfg(any(feature = "pack", smidge_isa = "x86_64"))]
mod x86_64;

pub use cpu::{Cpu, Family, Part};
pub use crew::Crew;
#[cfg(feature = "threads")]
pub use crew::Pool;
pub use requant::{Multiplier, Rounding};
pub use view::{Dst, Element, Src, cast, cast_mut};
pub use window::{Clamp, Window};
