//! CONV_2D: bytes of packed constants and scratch memory, and the order of a pixel's operands.
//!
//! Four output pixels are computed together, for two channels at a time. Their operands stand in a
//! *panel*: for each pair of elements of the window one word of two int16 for each of the four
//! pixels. Windows are read run by run: elements that follow each other in memory.

use crate::packed::{ConvSpec, Layout, has_form, product};

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
/// More scratch memory than this is refused.
const LIMIT: usize = 1 << 29;
/// Bytes of the panel that are aimed at.
const PANEL: usize = 5632;

/// Sizes that follow from a spec.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(smidge_isa = "armv7em"), expect(dead_code, reason = "kernels read all of it"))]
pub(crate) struct Shape {
    /// Input pixels are read where they are: pointwise, nothing outside the image.
    pub(crate) direct: bool,
    /// Number of runs, and elements of each.
    pub(crate) runs: usize,
    pub(crate) run: usize,
    /// Pairs of elements of a window.
    pub(crate) pairs: usize,
    /// Images, and output pixels of each, and of a row: pixels that follow each other are one row.
    pub(crate) images: usize,
    pub(crate) pixels: usize,
    pub(crate) across: usize,
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
        // Sizes are below 2^15, so that products of two never overflow.
        if (w.bits() | spec.in_channels | spec.out_channels) >> 15 != 0 {
            return None;
        }
        let [[height, width], [down, right]] = [w.output, w.kernel];
        if height * width == 0 || down * right == 0 || spec.in_channels == 0 {
            return None;
        }
        let last = [(w.output[0] - 1) * w.stride[0], (w.output[1] - 1) * w.stride[1]];
        let extent = |axis: usize| (w.kernel[axis & 1] - 1) * w.dilation[axis & 1] + 1;
        let within = last[0] < w.input[0] && last[1] < w.input[1];
        let direct = w.kernel == [1, 1] && w.pad == [0, 0] && within;
        let flat = direct && w.stride == [1, 1] && w.output == w.input;
        let (mut runs, mut run) = (w.kernel[0], spec.in_channels);
        if w.dilation[1] == 1 || w.kernel[1] == 1 {
            run *= w.kernel[1];
        } else {
            runs *= w.kernel[1];
        }
        let pairs = runs.checked_mul(run.div_ceil(2))?;
        let (mut images, mut pixels) = (w.batch, w.output[0] * w.output[1]);
        let mut across = w.output[1];
        if flat {
            (images, pixels) = (1, pixels.checked_mul(images)?);
            across = pixels;
        }
        // Sums of doubled products must fit 32 bits.
        if pairs > 1 << 14 {
            return None;
        }
        let quad = pairs * PAIR;
        // As few blocks as fit, as small as that allows.
        let quads = pixels.div_ceil(4);
        let blocks = quads.div_ceil((PANEL / quad.max(1)).max(2));
        let block = quads.div_ceil(blocks.max(1));
        // Output rows that the pixels of a block can be of, but the first.
        let span = (4 * block + w.output[1] - 2) / w.output[1].max(1);
        let height = span.min(w.output[0] - 1) * w.stride[0] + extent(0);
        let width = last[1].checked_add(extent(1))?;
        let pitch = width.checked_mul(spec.in_channels)?.checked_next_multiple_of(4)?;
        let rows = if direct { 0 } else { height.checked_mul(pitch)? };
        let detour = pixels < 4 || spec.out_channels < 2;
        let shape = Self {
            direct,
            runs,
            run,
            pairs,
            images,
            pixels,
            across,
            block,
            detour,
            panel: block * quad,
            accumulators: if form == BOTH || pairs > CHUNK { 32 * block } else { 0 },
            rows: if rows > LIMIT { return None } else { (rows + 4).next_multiple_of(16) },
            output: if detour { 4 * block * spec.out_channels.next_multiple_of(2) } else { 0 },
            pitch,
        };
        (shape.scratch() <= LIMIT).then_some(shape)
    }

    /// Bytes of scratch memory; one more pair, because the general form reads them two by two.
    fn scratch(&self) -> usize {
        self.panel + PAIR + self.accumulators + self.rows + self.output
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have, or that is none of `forms`.
#[inline]
pub(crate) fn conv(forms: u32, form: u8, spec: &ConvSpec) -> Option<Layout> {
    let shape = Shape::new(form, spec)?;
    let packed_len = match form {
        GENERAL if has_form(forms, GENERAL) => {
            product(&[spec.out_channels, NUMBERS + 4 * shape.pairs.div_ceil(2)])?
        }
        BOTH | POSITIVE => product(&[spec.out_channels.div_ceil(2), HEADER + 4 * shape.pairs])?,
        _ => return None,
    };
    Some(Layout { packed_len, scratch_len: shape.scratch() })
}
