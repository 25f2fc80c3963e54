//! Bounds of output bytes that are narrower than 8 bits, applied afterwards.

use crate::{Clamp, Dst};

/// Limits all values to the bounds, which are within `[-128, 127]`.
pub(crate) fn clamp(y: Dst<'_, i8>, bounds: Clamp<i32>) {
    if bounds.min <= -128 && bounds.max >= 127 {
        return;
    }
    y.fill_with(y.as_src().iter().map(|value| bounds.apply(i32::from(value)) as i8));
}
