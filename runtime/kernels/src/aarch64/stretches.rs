//! What is a weight in a packed constant: for weights of four bits.

use super::form::Form;
use super::geometry::{ConvPlan, Mac, NUMBERS, Product};
use crate::Family;
use crate::packed::{ConvSpec, FullyConnectedSpec, Stretches};

fn stretches(product: Product, channels: usize, tile: usize) -> Stretches {
    Stretches {
        lead: product.table,
        channels: channels.next_multiple_of(4),
        tile,
        before: NUMBERS,
        weights: product.channel - NUMBERS,
        after: 0,
    }
}

/// Those of a convolution's form.
pub(crate) fn conv(family: Family, form: u8, spec: &ConvSpec) -> Option<Stretches> {
    let (mac, tile) = match family {
        Family::Neon => (Mac::Widening, 4),
        Family::NeonDot => (Mac::Dot, 16),
        _ => (Mac::Matrix, 16),
    };
    let plan = ConvPlan::new(mac, Form::of(form)?, spec)?;
    Some(stretches(plan.product, spec.out_channels, tile))
}

/// Those of a fully connected layer's form.
pub(crate) fn fully_connected(
    family: Family,
    form: u8,
    spec: &FullyConnectedSpec,
) -> Option<Stretches> {
    Form::of(form)?;
    let mac = if family == Family::Neon { Mac::Widening } else { Mac::Dot };
    Some(stretches(Product::fully_connected(mac, spec)?, spec.outputs, 16))
}

/// The low halves of 16 bytes as bytes, and the high ones.
///
/// # Safety
/// 16 bytes can be read, and 16 written to each side.
#[cfg(smidge_isa = "aarch64")]
#[inline(always)]
pub(crate) unsafe fn widen_16(from: *const u8, low: *mut i8, high: *mut i8) {
    use core::arch::aarch64::*;
    // SAFETY: the caller's; every AArch64 processor has NEON.
    unsafe {
        let bytes = vld1q_s8(from.cast());
        vst1q_s8(low, vshrq_n_s8::<4>(vshlq_n_s8::<4>(bytes)));
        vst1q_s8(high, vshrq_n_s8::<4>(bytes));
    }
}
