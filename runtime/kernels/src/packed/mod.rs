//! Operators whose weights the converter packs for a family of cores: CONV_2D, DEPTHWISE_CONV_2D and
//! FULLY_CONNECTED in int8.
//!
//! One constant holds everything that does not change: weights in the order in which the kernel
//! reads them, sums over weights times the input's zero point folded into the bias, numbers for
//! requantization. How it is laid out is a family's own affair; a family may have several *forms*,
//! of which some need a property of the weights that the converter has proved. The general form is
//! always there.
//!
//! For each family a folder has
//! - `layout`: how many bytes a form needs for a shape, on any machine;
//! - `pack` (feature `pack`): which forms a layer can have, and the bytes;
//! - the kernels, where the processor is of that family.
//!
//! The functions here choose the family. A call's constructor checks every length, so the kernels
//! behind it need not.

mod conv;
mod depthwise;
mod fully_connected;
#[cfg(feature = "pack")]
pub mod pack;
#[cfg_attr(
    not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")),
    allow(dead_code, reason = "only families with vectors have kernels")
)]
mod real;

pub use conv::{
    Conv, ConvSpec, WINOGRAD, conv_layout, conv_s8, conv_winograd_layout, conv_winograd_s8,
};
pub use depthwise::{Depthwise, DepthwiseSpec, depthwise_layout, depthwise_s8};
pub use fully_connected::{
    FullyConnected, FullyConnectedSpec, fully_connected_layout, fully_connected_s8,
};
pub use real::{Real, RealForm, RealSpec, real_f32, real_layout};

/// Bytes that a form takes for a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Exact length of the packed constant, which starts at a multiple of 16.
    pub packed_len: usize,
    /// Least length of the scratch memory, which starts at a multiple of 16.
    pub scratch_len: usize,
}

/// The product of all factors, if it fits 31 bits.
pub(crate) fn product(factors: &[usize]) -> Option<usize> {
    let all = factors.iter().try_fold(1usize, |product, &factor| product.checked_mul(factor))?;
    (all <= i32::MAX as usize).then_some(all)
}
