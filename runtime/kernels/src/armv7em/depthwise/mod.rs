//! DEPTHWISE_CONV_2D.

mod columns;
mod general;
mod three;
mod tiles;

use super::clamp::clamp;
use super::layout::GENERAL;
use crate::Part;
use crate::packed::Depthwise;

/// A part of a packed DEPTHWISE_CONV_2D: the first is the whole.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    if part.index > 0 {
        return;
    }
    if call.form == GENERAL {
        return general::depthwise(call);
    }
    three::depthwise(call);
    clamp(call.y, call.spec.clamp);
}
