//! DEPTHWISE_CONV_2D.

mod columns;
mod general;
mod three;
mod tiles;

use super::clamp::clamp;
use super::layout::GENERAL;
use crate::Part;
use crate::packed::{Depthwise, has_form};

/// A part of a packed DEPTHWISE_CONV_2D: the first is the whole.
pub(crate) fn depthwise_s8<const FORMS: u32>(call: &Depthwise<'_>, part: Part) {
    if part.index > 0 {
        return;
    }
    if call.form != GENERAL {
        three::depthwise(call);
        clamp(call.y, call.spec.clamp);
    } else if has_form(FORMS, GENERAL) {
        general::depthwise(call);
    }
}
