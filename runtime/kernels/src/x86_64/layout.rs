//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! Output channels are cut into blocks of 16, and blocks into panels of [`CONV_PANEL`] or
//! [`DENSE_PANEL`], the last with what is left. A panel has, for every group of four values of the
//! filter, the four weights of each of its channels (64 bytes a block: what VPDPBUSD takes at once),
//! so that a tile reads memory in one stream; and behind them for each block [`NUMBERS`] words for
//! each of its channels. The filter is cut into *runs*: stretches of the staged image that are
//! contiguous; a run is filled up with zeros to whole groups.
//!
//! The image is staged in scratch memory: with its border, and bytes raised by 128, because one
//! factor of VPDPBUSD is unsigned.

use crate::Window;
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout, product};

/// Output channels of a block.
pub(crate) const BLOCK: usize = 16;
/// Values that are multiplied together with four weights.
pub(crate) const GROUP: usize = 4;
/// Bytes of the weights of a group in a block.
pub(crate) const WEIGHTS: usize = BLOCK * GROUP;
/// Blocks of a panel of a convolution; a power of two.
pub(crate) const CONV_PANEL: usize = 4;
/// Blocks of a panel of a fully connected layer; a power of two.
pub(crate) const DENSE_PANEL: usize = 8;
/// Words per channel: bias, mantissa, left shift or offset, right shift.
pub(crate) const NUMBERS: usize = 4;
/// Bytes that may be read behind the last staged value.
pub(crate) const SLACK: usize = 64;
/// Rounded twice.
pub(crate) const DOUBLE: u8 = 0;
/// Rounded once.
pub(crate) const SINGLE: u8 = 1;
/// `(product >> 32) + offset >> shift` of 64 bits, saturated to a byte, is the same for all sums: the
/// offset has the half that is rounded with, and the output's zero point.
pub(crate) const PLAIN: u8 = 3;
/// The same with `(product + 2^30 >> 32)`: what rounding twice comes to where ties do not matter.
pub(crate) const FLOOR: u8 = 4;
/// `h + (h >> 31) + offset >> shift` with `h = 2 product + 2^31 >> 32`, saturated to a byte, is the same
/// for all sums: rounding twice where nothing is shifted to the left or near the ends of its range.
pub(crate) const NEAR: u8 = 5;

/// A staged image: rows and columns that some window touches, border included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    /// Rows and columns.
    pub(crate) size: [usize; 2],
    /// Bytes of a pixel.
    pub(crate) pixel: usize,
}

impl Stage {
    pub(crate) fn new(w: &Window, pixel: usize) -> Option<Self> {
        let size = |output: usize, kernel: usize, stride: usize, dilation: usize| {
            let last = output.checked_sub(1)?.checked_mul(stride)?;
            last.checked_add(kernel.checked_sub(1)?.checked_mul(dilation)?)?.checked_add(1)
        };
        let [height, width] = w.output;
        let ([ky, kx], [sy, sx], [dy, dx]) = (w.kernel, w.stride, w.dilation);
        let size = [size(height, ky, sy, dy)?, size(width, kx, sx, dx)?];
        product(&[size[0], size[1], pixel])?;
        Some(Self { size, pixel })
    }

    /// Bytes of a row.
    pub(crate) fn row(&self) -> usize {
        self.size[1] * self.pixel
    }

    /// Bytes of the whole and behind it.
    pub(crate) fn bytes(&self) -> usize {
        self.size[0] * self.row() + SLACK
    }
}

/// The filter of a convolution as runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Runs {
    /// Runs below each other and beside each other.
    pub(crate) count: [usize; 2],
    /// Bytes of a run.
    pub(crate) len: usize,
}

impl Runs {
    pub(crate) fn new(w: &Window, channels: usize) -> Option<Self> {
        let [height, width] = w.kernel;
        let (beside, len) = match w.dilation[1] {
            1 => (1, product(&[width, channels])?),
            _ => (width, channels),
        };
        Some(Self { count: [height, beside], len })
    }

    /// Groups of one run.
    pub(crate) fn groups(&self) -> usize {
        self.len.div_ceil(GROUP)
    }

    /// Groups of all runs.
    pub(crate) fn all_groups(&self) -> Option<usize> {
        product(&[self.count[0], self.count[1], self.groups()])
    }
}

/// Bytes of a block of so many groups.
pub(crate) fn block_len(groups: usize) -> Option<usize> {
    product(&[groups, WEIGHTS])?.checked_add(BLOCK * NUMBERS * 4)
}

/// Words of a channel row of a depthwise convolution: 16 channels may be read from any of them.
pub(crate) fn depthwise_row(channels: usize) -> usize {
    channels + BLOCK - 1
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    spec.lens()?;
    let runs = Runs::new(&spec.window, spec.in_channels)?;
    let stage = Stage::new(&spec.window, spec.in_channels)?;
    let blocks = spec.out_channels.div_ceil(BLOCK);
    let packed_len = product(&[blocks, block_len(runs.all_groups()?)?])?;
    has(form, false).then_some(Layout { packed_len, scratch_len: stage.bytes() })
}

/// Whether a layer can have a form.
fn has(form: u8, single: bool) -> bool {
    matches!(form, DOUBLE | PLAIN | FLOOR | NEAR) || (single && form == SINGLE)
}

/// Bytes of a pixel of a depthwise convolution: whole blocks, unless pixels fill blocks side by side.
pub(crate) fn depthwise_pixel(w: &Window, channels: usize) -> usize {
    let fills = BLOCK.checked_rem(channels) == Some(0) && w.stride[1] == 1;
    if fills { channels } else { channels.next_multiple_of(BLOCK) }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    spec.lens()?;
    let channels = spec.out_channels()?;
    product(&[channels, BLOCK])?;
    let stage = Stage::new(&spec.window, depthwise_pixel(&spec.window, channels))?;
    let taps = product(&spec.window.kernel)?;
    let rows = taps.checked_add(NUMBERS)?;
    let packed_len = product(&[rows, depthwise_row(channels), 4])?;
    has(form, false).then_some(Layout { packed_len, scratch_len: stage.bytes() })
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let (x, _) = spec.lens()?;
    let blocks = spec.outputs.div_ceil(BLOCK);
    let packed_len = product(&[blocks, block_len(spec.depth.div_ceil(GROUP))?])?;
    has(form, true).then_some(Layout { packed_len, scratch_len: x + SLACK })
}
