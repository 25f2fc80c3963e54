//! CONV_2D.

use crate::Part;
use crate::packed::Conv;

/// A part of a packed CONV_2D.
pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
    let _ = (call, part);
}
