//! AArch64 with SMMLA (Neoverse N2, Cortex-A710).

#[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;

#[cfg(smidge_isa = "aarch64")]
pub(crate) use kernels::{conv_s8, depthwise_s8, fully_connected_s8};

#[cfg(smidge_isa = "aarch64")]
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
