//! FULLY_CONNECTED.

use crate::Part;
use crate::packed::FullyConnected;

/// A part of a packed FULLY_CONNECTED.
pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
    let _ = (call, part);
}
