//! Packing of weights.

use crate::aarch64::geometry::Mac;
use crate::aarch64::pack;
use crate::packed::pack::{Form, Weights};
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec};
use alloc::vec::Vec;

/// Channels of a tile of a convolution, and of a fully connected layer.
const TILES: (usize, usize) = (4, 16);

/// The forms that these weights can have.
pub(crate) fn conv_forms(spec: &ConvSpec, weights: &Weights<'_>) -> Vec<Form> {
    pack::conv_forms(Mac::Widening, spec, weights)
}

/// The packed constant of a form.
pub(crate) fn conv(form: u8, spec: &ConvSpec, weights: &Weights<'_>) -> Vec<u8> {
    pack::conv(Mac::Widening, TILES.0, form, spec, weights)
}

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    pack::depthwise::forms(Mac::Widening, spec, weights)
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    pack::depthwise::depthwise(Mac::Widening, TILES.0, form, spec, weights)
}

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    pack::fully_connected_forms(Mac::Widening, spec, weights)
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    _form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    pack::fully_connected(Mac::Widening, TILES.1, spec, weights)
}
