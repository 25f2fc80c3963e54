//! Armv7-M (Cortex-M3): 32-bit multiply-accumulate, no SIMD.

#[cfg(any(feature = "pack", smidge_isa = "armv7m"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "armv7m")]
pub(crate) use kernels::{conv_s8, depthwise_s8, fully_connected_s8};

#[cfg(smidge_isa = "armv7m")]
mod kernels {
    use crate::Part;
    use crate::packed::{Conv, Depthwise, FullyConnected};

    /// A part of a packed Conv.
    pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
        let _ = (call, part);
    }

    /// A part of a packed Depthwise.
    pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
        let _ = (call, part);
    }

    /// A part of a packed FullyConnected.
    pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
        let _ = (call, part);
    }
}
