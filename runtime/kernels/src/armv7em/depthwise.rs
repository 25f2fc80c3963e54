//! DEPTHWISE_CONV_2D.

use crate::Part;
use crate::packed::Depthwise;

/// A part of a packed DEPTHWISE_CONV_2D.
pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
    let _ = (call, part);
}
