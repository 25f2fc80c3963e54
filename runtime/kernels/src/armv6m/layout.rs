//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! Weights of convolutions and fully connected layers are unsigned bytes, 128 more than they are:
//! there is no signed load with a constant offset. What that adds is 128 times the sum of the
//! inputs, which a panel has at its head.
//!
//! - Convolution: for each output channel the start of its sum, its weights, filled up *in front*
//!   to a multiple of [`UNROLL`], and its [`Record`](crate::word::record::Record). A panel has a
//!   word for each element and lane.
//! - Depthwise: for each channel its start and record, then signed weights; see [`layout`].
//! - Fully connected: for each block of [`ROWS`] outputs their starts and records, then their
//!   weights `[K, ROWS]`, filled up behind to a multiple of [`UNROLL`]. Forms 2 and 3 are
//!   convolutions over the rows of the input.

use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, product};
use crate::word::layout::{self, up};
use crate::word::record;

/// Pixels of a panel.
pub(crate) const LANES: usize = 4;
/// Elements that inner loops take at once.
pub(crate) const UNROLL: usize = 8;
/// Outputs of a fully connected layer's block.
pub(crate) const ROWS: usize = 4;
/// Taps of a depthwise convolution are filled up to a multiple of this.
pub(crate) const TAPS: usize = 1;
/// Bytes of a channel's numbers.
pub(crate) const fn head(form: u8) -> usize {
    4 + record::len(form)
}
/// Bytes at the head of a panel: a sum for each lane.
pub(crate) const SUMS: usize = 4 * LANES;

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let (depth, channels) = layout::conv_size(spec)?;
    let packed_len = product(&[channels, head(form) + up(depth, UNROLL)])?;
    let scratch_len = layout::conv_scratch(spec, SUMS + 4 * LANES * depth)?;
    (form < 2).then_some(Layout { packed_len, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    let (channel, scratch_len) = layout::depthwise_size(spec, head(form), 4, TAPS)?;
    let packed_len = product(&[spec.out_channels()?, channel])?;
    (form < 2).then_some(Layout { packed_len, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let (depth, outputs) = layout::conv_size(&layout::as_conv(spec))?;
    let depth = up(depth, UNROLL);
    match form {
        0 | 1 => Some(Layout {
            packed_len: product(&[outputs.div_ceil(ROWS), ROWS, head(form) + depth])?,
            scratch_len: 4 * depth,
        }),
        2 | 3 => conv(form - 2, &layout::as_conv(spec)),
        _ => None,
    }
}
