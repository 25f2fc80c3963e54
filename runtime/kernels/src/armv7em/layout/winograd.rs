//! Winograd's minimal filtering F(2x2, 3x3): sizes.
//!
//! Output is computed in tiles of 2x2 pixels, four tiles of a tile row (a *quad*) together. For
//! each of the 16 places of a transformed tile, operands stand as in the panel of other
//! convolutions: `[chunk][place][quad][pair of channels][tile of the quad]`.

use crate::packed::{ConvSpec, Layout, WINOGRAD, product};

/// The form's number.
pub(crate) const FORM: u8 = WINOGRAD;

/// Places of a transformed tile.
pub(crate) const PLACES: usize = 16;
/// Pairs of input channels whose weights the kernel holds in registers, for two output channels.
#[cfg_attr(not(smidge_isa = "armv7em"), expect(dead_code, reason = "kernels use it"))]
pub(crate) const CHUNK: usize = 16;
/// Bytes of a quad's products: 16 places of 2 channels of 4 tiles.
pub(crate) const PRODUCTS: usize = 512;
/// Bytes of the numbers of two channels behind their weights.
pub(crate) const HEADER: usize = 32;
/// Bytes of scratch memory at which the form is not offered.
const LIMIT: usize = 48 << 10;

/// Sizes that follow from a spec.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(smidge_isa = "armv7em"), expect(dead_code, reason = "kernels read all of it"))]
pub(crate) struct Tiles {
    /// Rows of tiles, tiles of a row, quads of a row.
    pub(crate) rows: usize,
    pub(crate) across: usize,
    pub(crate) quads: usize,
    /// Pairs of input channels.
    pub(crate) pairs: usize,
    /// Rows of tiles that are transformed at a time: one or all.
    pub(crate) block: usize,
    /// Weights of all channels are transformed first, not those of two channels when they are used.
    pub(crate) first: bool,
    /// Bytes of scratch memory for operands, products, weights, widened rows.
    pub(crate) operands: usize,
    pub(crate) products: usize,
    pub(crate) weights: usize,
    pub(crate) strip: usize,
}

impl Tiles {
    pub(crate) fn new(spec: &ConvSpec) -> Option<Self> {
        let w = &spec.window;
        let even = w.output[0] % 2 + w.output[1] % 2 + spec.out_channels % 2 == 0;
        let fits = w.kernel == [3, 3] && w.stride == [1, 1] && w.dilation == [1, 1];
        let some = w.output[0] > 0 && w.output[1] > 0 && spec.in_channels > 0;
        if !(fits && even && some && spec.in_channels.is_multiple_of(4)) {
            return None;
        }
        let (rows, across) = (w.output[0] / 2, w.output[1] / 2);
        let (quads, pairs) = (across.div_ceil(4), spec.in_channels / 2);
        let operands = product(&[PLACES, quads, pairs, 16])?;
        let weights = product(&[PLACES, pairs, 8])?;
        let strip = product(&[4, 8 * quads + 2, spec.in_channels, 2])?;
        let products = product(&[quads, PRODUCTS])?;
        let one = Self {
            rows,
            across,
            quads,
            pairs,
            block: 1,
            first: true,
            operands,
            products,
            weights: product(&[weights, spec.out_channels / 2])?,
            strip,
        };
        let all = Self {
            block: rows,
            first: false,
            operands: product(&[operands, rows])?,
            products: product(&[products, rows])?,
            weights,
            ..one
        };
        let least = if one.scratch()? <= all.scratch()? { one } else { all };
        (least.scratch()? <= LIMIT).then_some(least)
    }

    fn scratch(&self) -> Option<usize> {
        let sums = [self.operands, self.products, self.weights, self.strip];
        sums.into_iter().try_fold(0usize, usize::checked_add)
    }
}

/// Bytes of a form for this shape; `None` for a form that it cannot have.
pub(crate) fn conv_winograd(form: u8, spec: &ConvSpec) -> Option<Layout> {
    if form != FORM {
        return None;
    }
    let tiles = Tiles::new(spec)?;
    let packed_len = product(&[spec.out_channels, 9 * spec.in_channels + HEADER / 2])?;
    // The kernel reads weights 8 words at a time.
    Some(Layout { packed_len, scratch_len: tiles.scratch()? + 32 })
}
