//! Images of another size.

use super::{Activation, Padding};

/// Attributes of `RESIZE_BILINEAR` and `RESIZE_NEAREST_NEIGHBOR`: where pixels are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resize {
    /// The centres of the corner pixels are at the same place in both images.
    pub align_corners: bool,
    /// Pixels are at the centres of their squares.
    pub half_pixel_centers: bool,
}

/// Attributes of `TRANSPOSE_CONV`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposeConv {
    /// Distances of the window's copies over (rows, columns), at least 1.
    pub stride: [usize; 2],
    /// How the borders of the output are treated.
    pub padding: Padding,
    /// Applied to the sum.
    pub activation: Activation,
}
