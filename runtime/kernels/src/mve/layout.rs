//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! Depths are padded with zero weights to whole vectors of 16 bytes. A convolution's constant is a
//! block for each tile of four output channels, last tile first:
//!
//! ```text
//! bias     8 x i32    of the four channels, twice
//! weights  steps x 4 x 16 x i8    in the order column, row, input channel of the window; with
//!                                 `NIBBLES` steps / 2 x 4 x 16 bytes
//! numbers  2 or 4 x 4 x i32       see `numbers`
//! ```

use crate::Window;
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, Layout};

/// Requantization rounded twice with any factor and clamp; once where that is proved the same.
pub(crate) const FULL: u8 = 0;
/// Requantization rounded once, without vectors.
pub(crate) const SINGLE: u8 = 1;
/// Ties are rounded upwards, the clamp is that of 8 bits: what a ReLU makes exact.
pub(crate) const LEAN: u8 = 2;
/// Every factor is below a half, the clamp is that of 8 bits.
pub(crate) const AWAY: u8 = 3;
/// As `AWAY`, with bounds.
pub(crate) const BOUNDED: u8 = 5;
/// One factor for all outputs of a fully connected layer, and a requantization that is proved the
/// same as either rounding.
pub(crate) const ONE: u8 = 4;

/// Weights of four bits, numbers as in `BOUNDED` or, for fully connected layers, `ONE`: a vector has the
/// weights of a vector of values in the lower halves of its bytes and those of the next in the upper
/// halves. Sums are 16 times what they mean.
pub(crate) const NIBBLES: u8 = 16;

/// Vectors of values of a window or row; pairs of them with weights of four bits.
fn steps(form: u8, depth: usize) -> usize {
    if form == NIBBLES { 2 * depth.div_ceil(32) } else { depth.div_ceil(16) }
}

/// Bytes of weights that a channel has for a vector of values.
const fn vector(form: u8) -> usize {
    if form == NIBBLES { 8 } else { 16 }
}

/// Vectors of four numbers behind the weights of a tile: mantissas and shifts; with `FULL` left
/// shifts, mantissas, masks of channels whose negative ties are moved, right shifts.
pub(crate) const fn numbers(form: u8) -> usize {
    match form {
        FULL => 4,
        _ => 2,
    }
}

/// `len` raised to a multiple of 16; `None` if it overflows.
pub(crate) const fn padded(len: usize) -> Option<usize> {
    len.checked_next_multiple_of(16)
}

/// Where a convolution's kernel finds the values of a window in the order of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// In the input: a window of one pixel.
    Direct,
    /// In a copy of the rows under a row of windows, column by column: windows overlap.
    Strip,
    /// In a copy of each window.
    Gather,
}

impl Route {
    pub(crate) fn of(window: &Window) -> Self {
        let Window { input, output, kernel, stride, dilation, pad, .. } = *window;
        let inside = |axis: usize| {
            let axis = axis & 1;
            output[axis].saturating_sub(1).saturating_mul(stride[axis]) < input[axis]
        };
        if kernel == [1, 1] && pad == [0, 0] && inside(0) && inside(1) {
            Self::Direct
        } else if dilation[1] == 1 && stride[1] <= kernel[1] {
            Self::Strip
        } else {
            Self::Gather
        }
    }
}

/// Sizes of a convolution, in bytes where nothing else is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub route: Route,
    /// Vectors of 16 values of a window.
    pub steps: usize,
    /// Tiles of four output channels, and a tile's packed block.
    pub tiles: usize,
    pub block: usize,
    /// A column of a strip.
    pub column: usize,
    /// A buffer of windows: strip, or window; there are two of them.
    pub buffer: usize,
    /// What the kernel writes where the output ends inside a tile, behind both buffers.
    pub rest: usize,
}

impl Plan {
    pub(crate) fn of(form: u8, spec: &ConvSpec) -> Option<Self> {
        let Window { output, kernel, stride, .. } = spec.window;
        let route = Route::of(&spec.window);
        let steps = steps(form, spec.depth()?);
        let tiles = spec.out_channels.div_ceil(4);
        let column = kernel[0].checked_mul(spec.in_channels)?;
        let buffer = match route {
            Route::Strip => {
                let columns = output[1].saturating_sub(1).checked_mul(stride[1])?;
                padded(columns.checked_add(kernel[1])?.checked_mul(column)?.checked_add(32)?)?
            }
            Route::Direct | Route::Gather => steps.checked_mul(16)?,
        };
        let rest = padded(tiles.checked_mul(if form == SINGLE { 32 } else { 8 })?)?;
        let block = steps.checked_mul(4 * vector(form))?.checked_add(32 + numbers(form) * 16)?;
        let plan = Self { route, steps, tiles, block, column, buffer, rest };
        (steps > 0).then_some(plan)
    }

    fn layout(self) -> Option<Layout> {
        Some(Layout {
            packed_len: self.tiles.checked_mul(self.block)?,
            scratch_len: self.buffer.checked_mul(2)?.checked_add(self.rest)?,
        })
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    if !matches!(form, FULL | SINGLE | LEAN | AWAY | BOUNDED | NIBBLES) {
        return None;
    }
    Plan::of(form, spec)?.layout()
}

/// Channels whose values are brought into planes together.
pub(crate) const PLANES: usize = 8;

/// Sizes of a depthwise convolution of any kind, in bytes where nothing else is said.
///
/// The constant has a block for each output channel: bias, left shift, mantissa, 1 where negative
/// values lose one before the right shift, right shift (with `SINGLE`: bias, mantissa, shift), zeros
/// up to 32 bytes, weights `steps x 16 x i8` in the order column, row of the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Planes {
    /// Vectors of 16 values of a window.
    pub steps: usize,
    /// A packed block.
    pub block: usize,
    /// The axis along which outputs are computed together, and the one across; "row" and "column"
    /// mean across and along.
    pub along: usize,
    pub across: usize,
    /// Whether windows have holes or are apart: then each has columns of its own.
    pub apart: bool,
    /// Columns from a window to the next, and under a row of windows.
    pub step: usize,
    pub columns: usize,
    /// A plane: those columns of one channel, with room for the windows of a whole tile.
    pub plane: usize,
}

impl Planes {
    pub(crate) fn of(spec: &DepthwiseSpec) -> Option<Self> {
        let Window { output, kernel, stride, dilation, .. } = spec.window;
        let steps = kernel[0].checked_mul(kernel[1])?.div_ceil(16);
        let tiles = |along: usize| output[along & 1].div_ceil(8) * output[!along & 1];
        let along = usize::from(tiles(0) >= tiles(1));
        let across = 1 - along;
        let apart = dilation[along] != 1 || stride[along] > kernel[along];
        let step = if apart { kernel[along] } else { stride[along] };
        let columns = output[along].saturating_sub(1).checked_mul(step)?;
        let columns = columns.checked_add(kernel[along])?;
        let spare = step.checked_mul(8)?.checked_add(columns)?;
        let plane = padded(spare.checked_mul(kernel[across])?.checked_add(16)?)?;
        let block = steps.checked_mul(16)?.checked_add(32)?;
        let plan = Self { steps, block, along, across, apart, step, columns, plane };
        (steps > 0).then_some(plan)
    }
}

/// Added to a form of a convolution: a depthwise one of an image with one channel is the same.
pub(crate) const ONE_CHANNEL: u8 = 32;

/// The convolution that a depthwise one of an image with one channel is.
pub(crate) fn one_channel(spec: &DepthwiseSpec) -> Option<ConvSpec> {
    (spec.in_channels == 1).then_some(ConvSpec {
        window: spec.window,
        in_channels: 1,
        out_channels: spec.multiplier,
        input_zero: spec.input_zero,
        output_zero: spec.output_zero,
        clamp: spec.clamp,
    })
}

/// Added to a form of requantization: depthwise windows of 3 x 3 in quads.
pub(crate) const QUADS: u8 = 8;
/// Bytes of scratch memory that bands of quads are chosen for.
const BAND: usize = 8192;

/// Sizes of a depthwise convolution with windows of 3 x 3 without holes at strides of 1 or 2, and
/// one output for each channel, in bytes where nothing else is said.
///
/// A quad is four values of a channel that follow each other across the direction in which outputs
/// are computed. The constant has for each channel, in words: a column of weights, bias, column,
/// mantissa, column, right shift; with `FULL` left shift, and 1 where negative values lose one
/// before the right shift. The fourth byte of a column is zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quads {
    /// The axis along which outputs are computed, and the one across.
    pub along: usize,
    pub across: usize,
    /// Both strides of the windows.
    pub stride: usize,
    /// Between outputs along and across.
    pub steps: [usize; 2],
    /// Pairs of output rows across, and of a band.
    pub pairs: usize,
    pub band: usize,
    /// Bytes of a row of quads, and of a plane: those of a band of one channel.
    pub row: usize,
    pub plane: usize,
    /// A packed block.
    pub block: usize,
}

impl Quads {
    pub(crate) fn of(form: u8, spec: &DepthwiseSpec) -> Option<Self> {
        let Window { output, kernel, stride, dilation, .. } = spec.window;
        let fits = kernel == [3, 3]
            && dilation == [1, 1]
            && stride[0] == stride[1]
            && matches!(stride[0], 1 | 2)
            && spec.multiplier == 1
            && spec.in_channels >= PLANES;
        if !fits {
            return None;
        }
        let stride = stride[0];
        let tiles = |along: usize| output[along & 1].div_ceil(4) * output[!along & 1].div_ceil(2);
        let along = if tiles(0) < tiles(1) { 0 } else { 1 };
        let across = 1 - along;
        let row_step = output[1].checked_mul(spec.in_channels)?;
        let steps =
            if along == 1 { [spec.in_channels, row_step] } else { [row_step, spec.in_channels] };
        let columns = output[along].max(4).checked_mul(stride)?.checked_add(2)?;
        let row = columns.checked_mul(4)?;
        let pairs = output[across].div_ceil(2);
        let pair = row.checked_mul(stride)?;
        let band = BAND.checked_div(pair.checked_mul(PLANES)?)?.clamp(1, pairs.max(1));
        let plane = band.checked_mul(pair)?;
        let reach = steps[0].checked_mul(3)?.checked_add(steps[1])?;
        let block = if form == QUADS + FULL { 32 } else { 24 };
        let near = plane.checked_mul(PLANES - 1)? < 1 << 16 && reach < 1 << 16;
        near.then_some(Self { along, across, stride, steps, pairs, band, row, plane, block })
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn depthwise(form: u8, spec: &DepthwiseSpec) -> Option<Layout> {
    if form >= ONE_CHANNEL {
        return conv(form - ONE_CHANNEL, &one_channel(spec)?);
    }
    if let QUADS | 10 | 11 = form {
        let plan = Quads::of(form, spec)?;
        return Some(Layout {
            packed_len: spec.in_channels.checked_mul(plan.block)?,
            scratch_len: plan.plane.checked_mul(PLANES)?.checked_add(16)?,
        });
    }
    let plan = Planes::of(spec)?;
    (form <= SINGLE).then_some(Layout {
        packed_len: spec.out_channels()?.checked_mul(plan.block)?,
        scratch_len: plan.plane.checked_mul(PLANES)?.checked_add(48)?,
    })
}

/// Sizes of a fully connected layer, in bytes where nothing else is said.
///
/// The constant has a block for eight outputs, even ones first: bias `8 x i32`, weights
/// `steps x 8 x 16 x i8`, numbers `2 x numbers x 4 x i32`. With `ONE` and `NIBBLES` the
/// factor stands before all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dense {
    /// Vectors of 16 values of a row.
    pub steps: usize,
    /// What stands before the blocks.
    pub head: usize,
    /// A packed block.
    pub block: usize,
    /// Number of blocks.
    pub blocks: usize,
}

impl Dense {
    pub(crate) fn of(form: u8, spec: &FullyConnectedSpec) -> Option<Self> {
        let steps = steps(form, spec.depth);
        let block = steps.checked_mul(8 * vector(form))?;
        let one = matches!(form, ONE | NIBBLES);
        let block = block.checked_add(if one { 32 } else { 32 + numbers(form) * 32 })?;
        let head = if one { 16 } else { 0 };
        (steps > 0).then_some(Self { steps, head, block, blocks: spec.outputs.div_ceil(8) })
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn fully_connected(form: u8, spec: &FullyConnectedSpec) -> Option<Layout> {
    let plan = Dense::of(form, spec)?;
    let sums = if form == SINGLE { plan.blocks.checked_mul(32)? } else { 0 };
    matches!(form, FULL | SINGLE | LEAN | AWAY | ONE | NIBBLES).then_some(Layout {
        packed_len: plan.blocks.checked_mul(plan.block)?.checked_add(plan.head)?,
        scratch_len: (16 * plan.steps).checked_add(sums)?,
    })
}
