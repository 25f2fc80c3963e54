//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! Numbers of a channel: the start of its sum, then its [`Record`](crate::word::record::Record).
//!
//! - Convolution: for each block of [`BLOCK`] output channels their starts, their records, their
//!   weights `[K, BLOCK]`, one byte each. A panel has one byte for each element and lane.
//! - Depthwise: see [`layout`].
//! - Fully connected: for each block of [`ROWS`] outputs their starts, their records, their weights
//!   `[K, ROWS]`. Forms 2 and 3 are convolutions over the rows of the input.

use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, product};
use crate::word::layout;
use crate::word::record;

/// Output channels of a convolution's block.
pub(crate) const BLOCK: usize = 4;
/// Pixels of a panel.
pub(crate) const LANES: usize = 4;
/// Outputs of a fully connected layer's block.
pub(crate) const ROWS: usize = 8;
/// Taps of a depthwise convolution are filled up to a multiple of this.
pub(crate) const TAPS: usize = 3;
/// Bytes of a channel's numbers.
pub(crate) const fn head(form: u8) -> usize {
    4 + record::len(form)
}

/// Bytes of `channels` in blocks.
fn blocks(form: u8, channels: usize, block: usize, depth: usize) -> Option<usize> {
    product(&[channels.div_ceil(block), block, head(form) + depth])
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let (depth, channels) = layout::conv_size(spec)?;
    let packed_len = blocks(form, channels, BLOCK, depth)?;
    let scratch_len = layout::conv_scratch(spec, depth * LANES)?;
    (form < 2).then_some(Layout { packed_len, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    let (channel, scratch_len) = layout::depthwise_size(spec, head(form), 1, TAPS)?;
    let packed_len = product(&[spec.out_channels()?, channel])?;
    (form < 2).then_some(Layout { packed_len, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let (depth, outputs) = layout::conv_size(&layout::as_conv(spec))?;
    match form {
        0 | 1 => {
            let packed_len = blocks(form, outputs, ROWS, depth)?;
            Some(Layout { packed_len, scratch_len: 0 })
        }
        2 | 3 => conv(form - 2, &layout::as_conv(spec)),
        _ => None,
    }
}
