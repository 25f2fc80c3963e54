//! What is a weight in a packed constant: for weights of four bits.

use super::layout::{BLOCK, CONV_PANEL, DENSE_PANEL, GROUP, NUMBERS, Runs};
use crate::Family;
use crate::packed::{ConvSpec, FullyConnectedSpec, Stretches, conv_layout, fully_connected_layout};

fn stretches(groups: usize, channels: usize, panel: usize) -> Stretches {
    Stretches {
        lead: 0,
        channels: channels.next_multiple_of(BLOCK),
        tile: panel * BLOCK,
        before: 0,
        weights: groups * GROUP,
        after: NUMBERS * 4,
    }
}

/// Those of a convolution's form.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Stretches> {
    conv_layout(Family::X86, form, spec)?;
    let runs = Runs::new(&spec.window, spec.in_channels)?;
    Some(stretches(runs.all_groups()?, spec.out_channels, CONV_PANEL))
}

/// Those of a fully connected layer's form.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Stretches> {
    fully_connected_layout(Family::X86, form, spec)?;
    Some(stretches(spec.depth.div_ceil(GROUP), spec.outputs, DENSE_PANEL))
}

/// The low halves of 16 bytes as bytes, and the high ones.
///
/// # Safety
/// 16 bytes can be read, and 16 written to each side.
#[cfg(smidge_isa = "x86_64")]
#[inline(always)]
pub(crate) unsafe fn widen_16(from: *const u8, low: *mut i8, high: *mut i8) {
    use core::arch::x86_64::*;
    // SAFETY: the caller's; every x86-64 processor has SSE2.
    unsafe {
        let (mask, sign) = (_mm_set1_epi8(15), _mm_set1_epi8(8));
        let bytes = _mm_loadu_si128(from.cast());
        let signed = |half| _mm_sub_epi8(_mm_xor_si128(half, sign), sign);
        let (first, second) = (bytes, _mm_srli_epi16::<4>(bytes));
        _mm_storeu_si128(low.cast(), signed(_mm_and_si128(first, mask)));
        _mm_storeu_si128(high.cast(), signed(_mm_and_si128(second, mask)));
    }
}
