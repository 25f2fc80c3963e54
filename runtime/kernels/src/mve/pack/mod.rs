//! Packing of weights.

mod conv;
mod dense;
mod numbers;

pub(crate) use conv::{conv, conv_forms};
pub(crate) use dense::{fully_connected, fully_connected_forms};

use crate::packed::DepthwiseSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The forms that these weights can have.
pub(crate) fn depthwise_forms(spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<Form> {
    let _ = (spec, weights);
    Vec::new()
}

/// The packed constant of a form.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec, weights: &Weights<'_>) -> Vec<u8> {
    let _ = (form, spec, weights);
    Vec::new()
}
