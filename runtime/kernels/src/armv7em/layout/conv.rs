//! CONV_2D: bytes of packed constants and scratch memory, and the order of a pixel's operands.
//!
//! Four output pixels are computed together, for two channels at a time. Their operands stand in a
//! *panel*: for each pair of elements of the window one word of two int16 for each of the four
//! pixels. Windows are read run by run: elements that follow each other in memory.

use crate::packed::{ConvSpec, Layout, product};

/// The general form: any weights, any requantization.
pub(crate) const GENERAL: u8 = 0;
/// Superposed weights, requantization with both signs.
pub(crate) const BOTH: u8 = 1;
/// Superposed weights, requantization of what is not below the zero point.
pub(crate) const POSITIVE: u8 = 2;

/// Pairs of elements whose weights the kernel holds in registers.
pub(crate) const CHUNK: usize = 32;
/// Bytes of a pair of elements in the panel.
pub(crate) const PAIR: usize = 16;
/// Bytes of the numbers of two channels behind their weights.
pub(crate) const HEADER: usize = 32;
/// Bytes of the general form's numbers of a channel.
pub(crate) const NUMBERS: usize = 16;
/// Bytes of the panel that are aimed at.
const PANEL: usize = 4096;

/// Sizes that follow from a spec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Input pixels are read where they are: pointwise, nothing outside the image.
    pub(crate) direct: bool,
    /// Number of runs, and elements of each.
    pub(crate) runs: usize,
    pub(crate) run: usize,
    /// Pairs of elements of a window.
    pub(crate) pairs: usize,
    /// Images, and output pixels of each.
    pub(crate) images: usize,
    pub(crate) pixels: usize,
    /// Quads of pixels whose panel is built at a time.
    pub(crate) block: usize,
    /// Output goes through scratch memory: fewer than four pixels, or one channel.
    pub(crate) detour: bool,
    /// Bytes of scratch memory for panel, accumulators, padded rows, output.
    pub(crate) panel: usize,
    pub(crate) accumulators: usize,
    pub(crate) rows: usize,
    pub(crate) output: usize,
    /// Bytes from padded row to padded row.
    pub(crate) pitch: usize,
}

impl Shape {
    pub(crate) fn new(form: u8, spec: &ConvSpec) -> Option<Self> {
        let w = &spec.window;
        let last = |axis: usize| w.output[axis].checked_sub(1)?.checked_mul(w.stride[axis]);
        let extent = |axis: usize| (w.kernel[axis].checked_sub(1)?).checked_mul(w.dilation[axis]);
        let direct =
            w.kernel == [1, 1] && w.pad == [0, 0] && last(0)? < w.input[0] && last(1)? < w.input[1];
        let flat = direct && w.stride == [1, 1] && w.output == w.input;
        let (runs, run) = if w.dilation[1] == 1 || w.kernel[1] == 1 {
            (w.kernel[0], product(&[w.kernel[1], spec.in_channels])?)
        } else {
            (product(&w.kernel)?, spec.in_channels)
        };
        let pairs = product(&[runs, run.div_ceil(2)])?;
        let pixels = product(&w.output)?;
        let (images, pixels) =
            if flat { (1, product(&[w.batch, pixels])?) } else { (w.batch, pixels) };
        let quad = product(&[pairs, PAIR])?;
        let block = PANEL.checked_div(quad)?.max(2).min(pixels.div_ceil(4));
        // Output rows that the pixels of a block can be of.
        let span = (4 * block + w.output[1]).saturating_sub(2).checked_div(w.output[1])? + 1;
        let height = product(&[span.min(w.output[0]).checked_sub(1)?, w.stride[0]])?;
        let width = last(1)?.checked_add(extent(1)?)?.checked_add(1)?;
        let pitch = product(&[width, spec.in_channels])?.checked_next_multiple_of(4)?;
        let rows = product(&[height.checked_add(extent(0)?)?.checked_add(1)?, pitch])?;
        let detour = pixels < 4 || spec.out_channels < 2;
        let output = product(&[8, block, spec.out_channels.div_ceil(2)])?;
        Some(Self {
            direct,
            runs,
            run,
            pairs,
            images,
            pixels,
            block,
            detour,
            panel: product(&[block, quad])?,
            accumulators: if form == BOTH || pairs > CHUNK { 32 * block } else { 0 },
            rows: if direct { 0 } else { rows.checked_add(4)?.checked_next_multiple_of(16)? },
            output: if detour { output } else { 0 },
            pitch,
        })
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv(form: u8, spec: &ConvSpec) -> Option<Layout> {
    let shape = Shape::new(form, spec)?;
    // Sums of doubled products must fit 32 bits.
    if shape.pairs > 1 << 14 || form > POSITIVE {
        return None;
    }
    let packed_len = if form == GENERAL {
        product(&[spec.out_channels, NUMBERS + 4 * shape.pairs.div_ceil(2)])?
    } else {
        product(&[spec.out_channels.div_ceil(2), HEADER + 4 * shape.pairs])?
    };
    // One more pair, because the general form reads them two by two.
    let panel = shape.panel.checked_add(PAIR + shape.accumulators)?;
    let scratch_len = panel.checked_add(shape.rows)?.checked_add(shape.output)?;
    Some(Layout { packed_len, scratch_len })
}
