//! Packing: what the converter does so that the device has nothing to set up.
//!
//! For a layer a family offers [`Form`]s, each with an estimate of the instructions it takes; the
//! converter takes the cheapest that its limits of flash and scratch memory allow, and packs it.

mod narrow;
mod real;
mod steps;
mod weights;
mod wide;

pub use narrow::{conv_s4_forms, fully_connected_s4_forms, pack_conv_s4, pack_fully_connected_s4};
pub use real::{RealValues, RealWeights, pack_real, real_forms};
pub use steps::same_steps;
pub use weights::Weights;
pub use wide::{WideWeights, pack_wide, wide_forms};

use super::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use crate::cpu::Family;
use alloc::vec::Vec;

/// A way to compute a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its number in the family, which the blob records.
    pub id: u8,
    /// Estimated instructions for the whole layer: for comparing forms with each other.
    pub cost: u64,
}

/// The forms that a convolution with these weights can have, empty if the family has no kernel for
/// it. The general form is first.
pub fn conv_forms(family: Family, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    match family {
        Family::Armv6m => crate::armv6m::pack::conv_forms(spec, weights),
        Family::Armv7m => crate::armv7m::pack::conv_forms(spec, weights),
        Family::Armv7em => crate::armv7em::pack::conv_forms(spec, weights),
        Family::Mve => crate::mve::pack::conv_forms(spec, weights),
        Family::Rv32 => crate::rv32::pack::conv_forms(spec, weights),
        Family::Neon => crate::aarch64::neon::pack::conv_forms(spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::conv_forms(spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::conv_forms(spec, weights),
        Family::X86 => crate::x86_64::pack::conv_forms(spec, weights),
    }
}

/// The packed constant of a form that [`conv_forms`] offered; as long as the layout says.
pub fn pack_conv(family: Family, form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    match family {
        Family::Armv6m => crate::armv6m::pack::conv(form, spec, weights),
        Family::Armv7m => crate::armv7m::pack::conv(form, spec, weights),
        Family::Armv7em => crate::armv7em::pack::conv(form, spec, weights),
        Family::Mve => crate::mve::pack::conv(form, spec, weights),
        Family::Rv32 => crate::rv32::pack::conv(form, spec, weights),
        Family::Neon => crate::aarch64::neon::pack::conv(form, spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::conv(form, spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::conv(form, spec, weights),
        Family::X86 => crate::x86_64::pack::conv(form, spec, weights),
    }
}

/// As [`conv_forms`], for a depthwise convolution.
pub fn depthwise_forms(family: Family, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    match family {
        Family::Armv6m => crate::armv6m::pack::depthwise_forms(spec, weights),
        Family::Armv7m => crate::armv7m::pack::depthwise_forms(spec, weights),
        Family::Armv7em => crate::armv7em::pack::depthwise_forms(spec, weights),
        Family::Mve => crate::mve::pack::depthwise_forms(spec, weights),
        Family::Rv32 => crate::rv32::pack::depthwise_forms(spec, weights),
        Family::Neon => crate::aarch64::neon::pack::depthwise_forms(spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::depthwise_forms(spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::depthwise_forms(spec, weights),
        Family::X86 => crate::x86_64::pack::depthwise_forms(spec, weights),
    }
}

/// As [`pack_conv`], for a depthwise convolution.
pub fn pack_depthwise(
    family: Family,
    form: u8,
    spec: &DepthwiseSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    match family {
        Family::Armv6m => crate::armv6m::pack::depthwise(form, spec, weights),
        Family::Armv7m => crate::armv7m::pack::depthwise(form, spec, weights),
        Family::Armv7em => crate::armv7em::pack::depthwise(form, spec, weights),
        Family::Mve => crate::mve::pack::depthwise(form, spec, weights),
        Family::Rv32 => crate::rv32::pack::depthwise(form, spec, weights),
        Family::Neon => crate::aarch64::neon::pack::depthwise(form, spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::depthwise(form, spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::depthwise(form, spec, weights),
        Family::X86 => crate::x86_64::pack::depthwise(form, spec, weights),
    }
}

/// As [`conv_forms`], for a fully connected layer.
pub fn fully_connected_forms(
    family: Family,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<Form> {
    match family {
        Family::Armv6m => crate::armv6m::pack::fully_connected_forms(spec, weights),
        Family::Armv7m => crate::armv7m::pack::fully_connected_forms(spec, weights),
        Family::Armv7em => crate::armv7em::pack::fully_connected_forms(spec, weights),
        Family::Mve => crate::mve::pack::fully_connected_forms(spec, weights),
        Family::Rv32 => crate::rv32::pack::fully_connected_forms(spec, weights),
        Family::Neon => crate::aarch64::neon::pack::fully_connected_forms(spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::fully_connected_forms(spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::fully_connected_forms(spec, weights),
        Family::X86 => crate::x86_64::pack::fully_connected_forms(spec, weights),
    }
}

/// As [`pack_conv`], for a fully connected layer.
pub fn pack_fully_connected(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    match family {
        Family::Armv6m => crate::armv6m::pack::fully_connected(form, spec, weights),
        Family::Armv7m => crate::armv7m::pack::fully_connected(form, spec, weights),
        Family::Armv7em => crate::armv7em::pack::fully_connected(form, spec, weights),
        Family::Mve => crate::mve::pack::fully_connected(form, spec, weights),
        Family::Rv32 => crate::rv32::pack::fully_connected(form, spec, weights),
        Family::Neon => crate::aarch64::neon::pack::fully_connected(form, spec, weights),
        Family::NeonDot => crate::aarch64::dot::pack::fully_connected(form, spec, weights),
        Family::NeonI8mm => crate::aarch64::i8mm::pack::fully_connected(form, spec, weights),
        Family::X86 => crate::x86_64::pack::fully_connected(form, spec, weights),
    }
}
