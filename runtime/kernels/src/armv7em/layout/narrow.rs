//! Weights of four bits: bytes of packed constants and scratch memory. Those of two channels, or of
//! eight in fully connected layers, become words at the end of the scratch memory before they are
//! used.

use super::conv::{self, BOTH, HEADER, POSITIVE, Shape};
use super::fully_connected::{self as dense, GROUP};
use super::winograd::{self, Tiles};
use crate::packed::{ALL_FORMS, ConvSpec, FullyConnectedSpec, Layout, product};

/// Bytes of two channels in the constant, with their header.
pub(crate) const fn two(words: usize) -> usize {
    4 * words.div_ceil(2) + HEADER
}

/// Bytes of the numbers of eight channels: in front of the weights, and behind them.
pub(crate) const SUMS: usize = 32;
pub(crate) const NUMBERS: usize = 96;

/// Bytes of eight channels in the constant, for a row of so many words.
pub(crate) const fn eight(words: usize) -> usize {
    SUMS + 8 * words + NUMBERS
}

/// Adds memory for as many words, and a header, to a layout's scratch memory.
fn with_words(scratch: usize, words: usize) -> Option<usize> {
    scratch.checked_add(product(&[words.checked_next_multiple_of(2)?, 4])?)?.checked_add(HEADER)
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv_s4(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let twos = spec.out_channels.div_ceil(2);
    if form == winograd::FORM {
        let words = product(&[9, Tiles::new(spec)?.pairs])?;
        let scratch_len = with_words(winograd::conv_winograd(form, spec)?.scratch_len, words)?;
        return Some(Layout { packed_len: product(&[twos, two(words)])?, scratch_len });
    }
    if form != BOTH && form != POSITIVE {
        return None;
    }
    let words = Shape::new(form, spec)?.pairs;
    let scratch_len = with_words(conv::conv(ALL_FORMS, form, spec)?.scratch_len, words)?;
    Some(Layout { packed_len: product(&[twos, two(words)])?, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected_s4(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let wide = dense::fully_connected(ALL_FORMS, form, spec)?;
    if form == dense::GENERAL {
        return None;
    }
    let (words, _) = dense::row(spec)?;
    let packed_len = product(&[spec.outputs.div_ceil(GROUP), eight(words)])?;
    let room = product(&[16, words])?.checked_add(SUMS + NUMBERS)?;
    Some(Layout { packed_len, scratch_len: wide.scratch_len.checked_add(room)? })
}
