//! Armv7E-M and Armv8-M with DSP (Cortex-M4, M7, M33): two 16-bit products a cycle.

#[cfg(any(feature = "pack", smidge_isa = "armv7em"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "armv7em")]
pub(crate) use kernels::{conv_s8, depthwise_s8, fully_connected_s8};

#[cfg(smidge_isa = "armv7em")]
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
