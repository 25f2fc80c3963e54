//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! Numbers of a channel: the start of its sum, mantissa, shift with rounding; see
//! [`Scale`](super::scale::Scale).
//!
//! - Convolution: for each output channel its start, then for each *chunk* of the depth the offset
//!   of its sums and its weights, filled up to a multiple of [`UNROLL`], then mantissa and shift.
//!   Form 0 has chunks of [`CHUNK`], with which any weights are right; form 1 has a single chunk.
//! - Depthwise: see [`layout`].
//! - Fully connected: for each block of [`ROWS`] outputs their numbers, then their weights
//!   `[K, ROWS]`. Form 1 and 2 are convolutions of forms 0 and 1 over the rows of the input.

use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, product};
use crate::word::layout::{self, up};

/// Pixels of a panel: two in a word.
pub(crate) const LANES: usize = 6;
/// Bytes of a panel for each element.
pub(crate) const ENTRY: usize = 2 * LANES;
/// Elements that the convolution's loop takes at once.
pub(crate) const UNROLL: usize = 4;
/// Elements whose sums fit the low field whatever the weights: `256 * 255 * 128 < 2^FIELD`.
pub(crate) const CHUNK: usize = 256;
/// Bits of the low field of a sum, see the convolution.
pub(crate) const FIELD: u32 = 23;
/// Outputs of a fully connected layer's block.
pub(crate) const ROWS: usize = 8;
/// Taps of a depthwise convolution are filled up to a multiple of this.
pub(crate) const TAPS: usize = 3;
/// Bytes of a channel's numbers.
pub(crate) const HEAD: usize = 12;

/// Elements of a chunk.
pub(crate) fn chunk(form: u8, depth: usize) -> usize {
    if form == 0 { CHUNK.min(depth) } else { depth }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let (depth, channels) = layout::conv_size(spec)?;
    if form > 1 {
        return None;
    }
    let depth = up(depth, UNROLL);
    let chunks = depth.div_ceil(chunk(form, depth).max(1));
    let packed_len = product(&[channels, HEAD + 4 * chunks + depth])?;
    Some(Layout { packed_len, scratch_len: layout::conv_scratch(spec, depth * ENTRY)? })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    let (channel, scratch_len) = layout::depthwise_size(spec, HEAD, 4, TAPS)?;
    let packed_len = product(&[spec.out_channels()?, channel])?;
    (form == 0).then_some(Layout { packed_len, scratch_len })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let (depth, outputs) = layout::conv_size(&layout::as_conv(spec))?;
    if form > 0 {
        return conv(form - 1, &layout::as_conv(spec));
    }
    let packed_len = product(&[outputs.div_ceil(ROWS), ROWS, HEAD + depth])?;
    Some(Layout { packed_len, scratch_len: 0 })
}
