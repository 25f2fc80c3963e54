//! AArch64 with SMMLA (Neoverse N2, Cortex-A710).

#[cfg(any(feature = "pack", smidge_isa = "aarch64"))]
pub(crate) mod layout;
#[cfg(feature = "pack")]
pub(crate) mod pack;
#[cfg(smidge_isa = "aarch64")]
pub(super) mod tile;

#[cfg(smidge_isa = "aarch64")]
pub(crate) use kernels::{conv_s8, depthwise_s8, fully_connected_s8};

#[cfg(smidge_isa = "aarch64")]
mod kernels {
    use super::tile::Matrix;
    use crate::Part;
    use crate::aarch64::conv::conv;
    use crate::aarch64::depthwise::depthwise;
    use crate::aarch64::dot::columns::Columns;
    use crate::aarch64::dot::tile::Dot;
    use crate::aarch64::fully_connected::fully_connected;
    use crate::aarch64::geometry::Mac;
    use crate::packed::{Conv, Depthwise, FullyConnected};

    /// A part of a packed convolution.
    pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
        // SAFETY: a call of this family exists only on its processors; the constant is packed for it.
        unsafe { conv::<Matrix>(Mac::Matrix, call, part) }
    }

    /// A part of a packed depthwise convolution.
    pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
        // SAFETY: a call of this family exists only on its processors; the constant is packed for it.
        unsafe { depthwise::<Matrix, Columns>(Mac::Matrix, call, part) }
    }

    /// A part of a packed fully connected layer.
    pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
        // SAFETY: a call of this family exists only on its processors; the constant is packed for it.
        unsafe { fully_connected::<Dot>(Mac::Dot, call, part) }
    }
}
