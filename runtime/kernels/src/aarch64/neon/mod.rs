//! AArch64 with NEON alone (Cortex-A53, A72).

#[cfg(smidge_isa = "aarch64")]
mod block;
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
    use super::tile::Widening;
    use crate::Part;
    use crate::aarch64::conv::conv;
    use crate::aarch64::depthwise::{Taps, depthwise};
    use crate::aarch64::form::Form;
    use crate::aarch64::fully_connected::fully_connected;
    use crate::aarch64::geometry::Mac;
    use crate::packed::{Conv, Depthwise, FullyConnected};

    /// A part of a packed convolution.
    pub(crate) fn conv_s8(call: &Conv<'_>, part: Part) {
        // SAFETY: every AArch64 processor has NEON; the constant is packed for this family.
        unsafe {
            if is_wide(call.form) {
                conv::<Widening<4, true>>(Mac::Widening, call, part);
            } else {
                conv::<Widening<4, false>>(Mac::Widening, call, part);
            }
        }
    }

    /// A part of a packed depthwise convolution.
    pub(crate) fn depthwise_s8(call: &Depthwise<'_>, part: Part) {
        // SAFETY: every AArch64 processor has NEON; the constant is packed for this family.
        unsafe {
            if is_wide(call.form) {
                depthwise::<Widening<4, true>, Taps<true>>(Mac::Widening, call, part);
            } else {
                depthwise::<Widening<4, false>, Taps<false>>(Mac::Widening, call, part);
            }
        }
    }

    /// A part of a packed fully connected layer.
    pub(crate) fn fully_connected_s8(call: &FullyConnected<'_>, part: Part) {
        // SAFETY: every AArch64 processor has NEON; the constant is packed for this family.
        unsafe {
            if is_wide(call.form) {
                fully_connected::<Widening<16, true>>(Mac::Widening, call, part);
            } else {
                fully_connected::<Widening<16, false>>(Mac::Widening, call, part);
            }
        }
    }

    fn is_wide(form: u8) -> bool {
        Form::of(form).is_some_and(|form| form.wide)
    }
}
