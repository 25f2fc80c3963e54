//! How packed constants are laid out, and how much scratch memory the kernels need.
//!
//! - Convolution: the channels in blocks; see the families.
//! - Depthwise: for each output channel its head, then its weights, one byte each, in the order of
//!   the window's elements, filled up to a multiple of 4.

use super::plane;
use crate::packed::{ConvSpec, DepthwiseSpec, FullyConnectedSpec, product};
use crate::{Clamp, Window};

/// The next multiple of a power of two.
pub(crate) const fn up(value: usize, multiple: usize) -> usize {
    value.saturating_add(multiple - 1) & !(multiple - 1)
}

/// Whether the window moves, its elements lie apart, and all its coordinates are far from the
/// limits of a word.
fn is_regular(window: &Window) -> bool {
    (0..2).all(|axis| {
        let span = plane::span(window, axis, window.output[axis]);
        window.stride[axis] > 0
            && window.dilation[axis] > 0
            && window.pad[axis] < 1 << 29
            && span.is_some_and(|span| span < 1 << 29)
    })
}

/// Weights of one output channel and channels; `None` if the shape is empty or too large.
pub(crate) fn conv_size(spec: &ConvSpec) -> Option<(usize, usize)> {
    let (x, y) = spec.lens()?;
    let depth = spec.depth()?;
    let fits = x > 0 && y > 0 && depth > 0 && depth < 1 << 20 && spec.out_channels < 1 << 20;
    (fits && is_regular(&spec.window)).then_some((depth, spec.out_channels))
}

/// Bytes of a row of the kernel that is outside the image.
pub(crate) fn outside_len(spec: &ConvSpec) -> Option<usize> {
    Some(up(product(&[spec.window.kernel[1], spec.in_channels])?, 16))
}

/// Scratch memory of a convolution: a row that is outside the image, and a panel.
pub(crate) fn conv_scratch(spec: &ConvSpec, panel: usize) -> Option<usize> {
    outside_len(spec)?.checked_add(panel)
}

/// Bytes of an output channel of a depthwise convolution, and the scratch memory with taps in
/// multiples of `unroll`.
pub(crate) fn depthwise_size(
    spec: &DepthwiseSpec,
    head: usize,
    entry: usize,
    unroll: usize,
) -> Option<(usize, usize)> {
    let (x, y) = spec.lens()?;
    let taps = product(&spec.window.kernel)?;
    if x == 0 || y == 0 || taps == 0 || taps >= 1 << 16 || !is_regular(&spec.window) {
        return None;
    }
    let plane = plane::Plane::new(&spec.window, entry)?;
    let scratch = product(&[taps.next_multiple_of(unroll), plane::TAP])?.checked_add(plane.len)?;
    Some((head + up(taps, 4), scratch))
}

/// A fully connected layer as a convolution of 1x1 over its rows.
pub(crate) fn as_conv(spec: &FullyConnectedSpec) -> ConvSpec {
    let (one, rows) = ([1, 1], [1, spec.batch]);
    ConvSpec {
        window: Window {
            batch: 1,
            input: rows,
            output: rows,
            kernel: one,
            stride: one,
            dilation: one,
            pad: [0, 0],
        },
        in_channels: spec.depth,
        out_channels: spec.outputs,
        input_zero: spec.input_zero,
        output_zero: spec.output_zero,
        clamp: Clamp { min: spec.clamp.min, max: spec.clamp.max },
    }
}
