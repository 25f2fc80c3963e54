//! How packed constants are laid out, and how much scratch memory the kernels need.

pub(super) mod conv;
mod depthwise;
pub(super) mod fully_connected;
pub(super) mod narrow;
pub(super) mod winograd;

pub(crate) use conv::conv;
#[cfg(feature = "pack")]
pub(crate) use depthwise::TWICE;
pub(crate) use depthwise::{GENERAL, Plan, SHORT, SHORT_SHIFT, Three, depthwise};
#[cfg(smidge_isa = "armv7em")]
pub(crate) use depthwise::{NUMBERS, STRIP};
pub(crate) use fully_connected::fully_connected;
pub(crate) use narrow::{conv_s4, fully_connected_s4};
pub(crate) use winograd::conv_winograd;
