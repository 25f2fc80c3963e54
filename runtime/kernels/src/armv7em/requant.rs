//! Requantization in the general forms.

use crate::{Clamp, Multiplier, Rounding};

/// The general forms' numbers of a channel, in the order in which they are packed.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    bias: i32,
    mantissa: i32,
    shift: i32,
    /// Whether there is one rounding.
    single: i32,
}

impl Numbers {
    /// The output of a sum of products of doubled inputs.
    #[inline(never)]
    pub(super) fn output(self, sum: i32, zero: i32, clamp: Clamp<i32>) -> i8 {
        let Self { bias, mantissa, shift, single } = self;
        let rounding = if single == 0 { Rounding::Double } else { Rounding::Single };
        let scaled = rounding.apply(Multiplier { mantissa, shift }, (sum >> 1).wrapping_add(bias));
        clamp.apply(scaled.wrapping_add(zero)) as i8
    }
}
