//! FULLY_CONNECTED: forms and packed constants.

use crate::packed::FullyConnectedSpec;
use crate::packed::pack::{Form, Weights};
use alloc::vec::Vec;

/// The forms that these weights can have.
pub(crate) fn fully_connected_forms(spec: &FullyConnectedSpec, weights: &Weights<'_>) -> Vec<Form> {
    let _ = (spec, weights);
    Vec::new()
}

/// The packed constant of a form.
pub(crate) fn fully_connected(
    form: u8,
    spec: &FullyConnectedSpec,
    weights: &Weights<'_>,
) -> Vec<u8> {
    let _ = (form, spec, weights);
    Vec::new()
}
