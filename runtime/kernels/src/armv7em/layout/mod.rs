//! How packed constants are laid out, and how much scratch memory the kernels need.

pub(super) mod conv;
mod depthwise;
pub(super) mod fully_connected;
pub(super) mod winograd;

pub(crate) use conv::conv;
pub(crate) use depthwise::{
    GENERAL, NUMBERS, Plan, SHORT, SHORT_SHIFT, STRIP, TWICE, Three, depthwise,
};
pub(crate) use fully_connected::fully_connected;
pub(crate) use winograd::conv_winograd;
