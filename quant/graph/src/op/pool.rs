//! Pooling.

use super::{Activation, Padding};

/// Attributes of `AVERAGE_POOL_2D` and `MAX_POOL_2D`. Padded positions do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// Size of the window in (rows, columns), at least 1.
    pub filter: [usize; 2],
    /// Steps of the window over (rows, columns), at least 1.
    pub stride: [usize; 2],
    /// How the borders are treated.
    pub padding: Padding,
    /// Applied to the average or maximum.
    pub activation: Activation,
}
