//! Packing of weights.

mod conv;
mod depthwise;
mod fully_connected;
mod narrow;
mod pairs;
mod requant;
mod winograd;

pub(crate) use conv::{conv, conv_forms};
pub(crate) use depthwise::{depthwise, depthwise_forms};
pub(crate) use fully_connected::{fully_connected, fully_connected_forms};
pub(crate) use narrow::{conv_s4_cost, halve_conv, halve_fully_connected};
