//! Packing of weights.

mod conv;
mod dense;
mod depthwise;
mod numbers;

pub(crate) use conv::{conv, conv_forms};
pub(crate) use dense::{fully_connected, fully_connected_forms};
pub(crate) use depthwise::{depthwise, depthwise_forms};
