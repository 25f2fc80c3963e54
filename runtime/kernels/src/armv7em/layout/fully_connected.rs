//! FULLY_CONNECTED: bytes of packed constants and scratch memory.
//!
//! Eight channels are computed together. A row of the input is widened to words of two int16 first.

use super::conv::NUMBERS;
use crate::packed::{FullyConnectedSpec, Layout, has_form, product};

/// The general form: any weights, any requantization.
pub(crate) const GENERAL: u8 = 0;
/// Superposed weights, one rounding.
pub(crate) const SINGLE: u8 = 1;
/// Superposed weights, two roundings.
pub(crate) const DOUBLE: u8 = 2;

/// Channels that are computed together.
pub(crate) const GROUP: usize = 8;
/// Words of the input that the kernel holds in registers.
pub(crate) const CHUNK: usize = 16;

/// Words of a widened row, and bytes of them in memory, where whole chunks end with the last word.
pub(crate) fn row(spec: &FullyConnectedSpec) -> Option<(usize, usize)> {
    let words = spec.depth.div_ceil(2);
    Some((words, product(&[words.checked_next_multiple_of(CHUNK)?, 4])?))
}

/// Bytes of a form for this shape; `None` for a form that it cannot have, or that is none of `forms`.
#[inline]
pub(crate) fn fully_connected(forms: u32, form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let (words, row) = row(spec)?;
    // Sums of doubled products must fit 32 bits.
    if words == 0 || words > 1 << 14 || form > DOUBLE {
        return None;
    }
    let packed_len = if has_form(forms, GENERAL) && form == GENERAL {
        product(&[spec.outputs, NUMBERS + 4 * words.div_ceil(2)])?
    } else {
        product(&[spec.outputs.div_ceil(GROUP), GROUP * (NUMBERS + 2 * words)])?
    };
    // The general form reads words two by two; outputs of less than a group make a detour.
    Some(Layout { packed_len, scratch_len: row + 16 })
}
