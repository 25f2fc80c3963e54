//! Fully connected layers.

use super::Activation;

/// Attributes of `FULLY_CONNECTED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullyConnected {
    /// Applied to the sum.
    pub activation: Activation,
    /// The output keeps all axes of x but the last; otherwise x counts as \[batch,I\].
    pub keep_num_dims: bool,
    /// Order of the weights in memory.
    pub weights_format: WeightsFormat,
    /// With float x and integer weights: quantize x with a zero point.
    pub asymmetric_quantize_inputs: bool,
}

/// Order of fully connected weights in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WeightsFormat {
    /// Rows of outputs: \[O,I\] in C order.
    #[default]
    Default,
    /// Interleaved in blocks of 4 rows by 16 columns for a CPU kernel.
    Shuffled4x16Int8,
}
