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

use crate::{Dst, Src};

mod conv;
mod depthwise;
mod fully_connected;
mod narrow;
#[cfg(feature = "pack")]
pub mod pack;
#[cfg_attr(
    not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")),
    allow(dead_code, reason = "only families with vectors have kernels")
)]
mod real;
#[cfg_attr(
    not(any(smidge_isa = "aarch64", smidge_isa = "x86_64")),
    allow(dead_code, reason = "only families with vectors have kernels")
)]
mod wide;

pub use conv::{
    Conv, ConvSpec, WINOGRAD, conv_layout, conv_s8, conv_winograd_layout, conv_winograd_s8,
};
pub use depthwise::{Depthwise, DepthwiseSpec, depthwise_layout, depthwise_s8};
pub use fully_connected::{
    FullyConnected, FullyConnectedSpec, fully_connected_layout, fully_connected_s8,
};
#[cfg(any(feature = "pack", smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) use narrow::Stretches;
pub use narrow::{Narrow, conv_s4, conv_s4_layout, fully_connected_s4, fully_connected_s4_layout};
pub use real::{Real, RealForm, RealSpec, real_f32, real_layout};
#[cfg(any(smidge_isa = "aarch64", smidge_isa = "x86_64"))]
pub(crate) use wide::UNIT as WIDE_UNIT;
pub use wide::{Wide, WideForm, WideSpec, wide_layout, wide_s16};

/// Every form of a kernel. A program that runs known networks only names the forms that these have,
/// as bits of a number (bit `n` is form `n`, bit 31 every form from 31 on): it does not contain the
/// others.
pub const ALL_FORMS: u32 = u32::MAX;

/// Whether a form is one of these.
#[inline]
pub const fn has_form(forms: u32, form: u8) -> bool {
    let bit = if form < 31 { form } else { 31 };
    forms >> bit & 1 != 0
}

/// Bytes that a form takes for a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Exact length of the packed constant, which starts at a multiple of 16.
    pub packed_len: usize,
    /// Least length of the scratch memory, which starts at a multiple of 16.
    pub scratch_len: usize,
}

/// What a call reads and writes.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    /// The packed constant.
    pub packed: Src<'a, u8>,
    /// The input.
    pub x: Src<'a, i8>,
    /// The output.
    pub y: Dst<'a, i8>,
    /// Scratch memory.
    pub scratch: Dst<'a, u8>,
}

impl Memory<'_> {
    /// Whether all lengths and alignments are those of a layout, input and output of these lengths.
    #[inline(never)]
    fn fits(&self, layout: Layout, lens: (usize, usize)) -> bool {
        lens == (self.x.len(), self.y.len())
            && self.packed.len() == layout.packed_len
            && self.scratch.len() >= layout.scratch_len
            && self.packed.is_aligned(16)
            && self.scratch.is_aligned(16)
    }
}

/// The product of all factors, if it fits 31 bits. On microcontrollers one copy serves all layouts.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline)]
pub(crate) fn product(factors: &[usize]) -> Option<usize> {
    let all = factors.iter().try_fold(1usize, |product, &factor| product.checked_mul(factor))?;
    (all <= i32::MAX as usize).then_some(all)
}
