//! Convolutions.

use super::{Activation, Padding};

/// Attributes of `CONV_2D`.
///
/// Input channels may be a multiple of the weights' innermost extent: the convolution is then
/// grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Steps of the window over (rows, columns), at least 1.
    pub stride: [usize; 2],
    /// Distances between taps over (rows, columns), at least 1.
    pub dilation: [usize; 2],
    /// How the borders are treated.
    pub padding: Padding,
    /// Applied to the sum.
    pub activation: Activation,
}

/// Attributes of `DEPTHWISE_CONV_2D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthwiseConv2d {
    /// Steps of the window over (rows, columns), at least 1.
    pub stride: [usize; 2],
    /// Distances between taps over (rows, columns), at least 1.
    pub dilation: [usize; 2],
    /// How the borders are treated.
    pub padding: Padding,
    /// Applied to the sum.
    pub activation: Activation,
    /// Output channels per input channel as the file says. Files exist where it is 0 or wrong:
    /// the shapes of x and weights decide.
    pub depth_multiplier: usize,
}
