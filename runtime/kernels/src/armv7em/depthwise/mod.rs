//! DEPTHWISE_CONV_2D.

mod general;

use super::layout::GENERAL;
use crate::Part;
use crate::packed::Depthwise;

/// A part of a packed DEPTHWISE_CONV_2D: the first is the whole.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    if part.index > 0 {
        return;
    }
    match call.form {
        GENERAL => general::depthwise(call),
        _ => {}
    }
}
