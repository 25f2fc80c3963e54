//! A band of rows of one channel, with its padding, laid out so that outputs side by side read
//! elements side by side.
//!
//! Outputs are taken [`SIDE`] at a time *along* one axis of the image: the one with fewer left
//! over. Rows run *across* it. With a stride of `s` along the axis a row is `s` phases: phase `p`
//! has the elements `p`, `p + s`, `p + 2 s` and so on.

use crate::Window;
use crate::packed::product;

/// Outputs side by side.
pub(crate) const SIDE: usize = 4;

/// Bytes of a tap: where it is in the plane, and its weight.
pub(crate) const TAP: usize = 8;

/// About how many bytes a plane has.
const TARGET: usize = 6144;

/// The geometry of planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plane {
    /// The axis along which outputs are side by side: 0 for y, 1 for x.
    pub along: usize,
    /// How many times `SIDE` outputs are along the axis, the last perhaps not all.
    pub groups: usize,
    /// Elements of a phase.
    pub pitch: usize,
    /// Elements of a row: all its phases.
    pub row: usize,
    /// Rows of outputs for which a plane has the inputs.
    pub band: usize,
    /// Bytes.
    pub len: usize,
}

/// Elements that `outputs` windows span along an axis.
pub(crate) fn span(window: &Window, axis: usize, outputs: usize) -> Option<usize> {
    let axis = axis & 1;
    let steps = product(&[outputs.checked_sub(1)?, window.stride[axis]])?;
    let kernel = product(&[window.kernel[axis].checked_sub(1)?, window.dilation[axis]])?;
    steps.checked_add(kernel)?.checked_add(1)
}

impl Plane {
    /// Planes of elements of `entry` bytes.
    pub(crate) fn new(window: &Window, entry: usize) -> Option<Self> {
        let [oy, ox] = window.output;
        let cost = |along: usize, across: usize| along.div_ceil(SIDE).saturating_mul(across);
        let along = usize::from(cost(ox, oy) <= cost(oy, ox));
        let (a, b) = (along, 1 - along);
        let groups = window.output[a & 1].div_ceil(SIDE);
        let stride = window.stride[a & 1];
        let pitch =
            span(window, a, product(&[groups, SIDE])?)?.checked_add(stride.checked_sub(1)?)?;
        let pitch = pitch.checked_div(stride)?;
        let row = product(&[pitch, stride])?;
        let row_len = product(&[row, entry])?;
        // Rows of outputs until the plane is of the target's size.
        let mut band = 1;
        while band < window.output[b & 1]
            && product(&[span(window, b, band + 1)?, row_len])? <= TARGET
        {
            band += 1;
        }
        let len = product(&[span(window, b, band)?, row_len])?;
        Some(Self { along, groups, pitch, row, band, len: super::layout::up(len, 16) })
    }

    /// Rows of inputs for `band` rows of outputs.
    #[cfg(any(smidge_isa = "armv6m", smidge_isa = "armv7m", smidge_isa = "rv32"))]
    pub(crate) fn rows(&self, window: &Window, band: usize) -> usize {
        span(window, 1 - self.along, band).unwrap_or(0)
    }
}
