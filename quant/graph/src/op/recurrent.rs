//! Layers with a memory.

use super::Activation;

/// Attributes of `SVDF`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Svdf {
    /// Filters per output, at least 1.
    pub rank: usize,
    /// Applied to the sum.
    pub activation: Activation,
    /// With float x and integer weights: quantize x with a zero point.
    pub asymmetric_quantize_inputs: bool,
}

/// Attributes of `RNN`, `UNIDIRECTIONAL_SEQUENCE_RNN` and `BIDIRECTIONAL_SEQUENCE_RNN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rnn {
    /// Applied to the sum.
    pub activation: Activation,
    /// Time is the first axis of x, not the second.
    pub time_major: bool,
    /// Both directions share one result.
    pub merge_outputs: bool,
    /// With float x and integer weights: quantize x with a zero point.
    pub asymmetric_quantize_inputs: bool,
}

/// Attributes of `UNIDIRECTIONAL_SEQUENCE_LSTM`, `BIDIRECTIONAL_SEQUENCE_LSTM` and `LSTM`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lstm {
    /// Of the cell's input and output; nearly always tanh.
    pub activation: Activation,
    /// Bound of the cell's magnitude; 0 for none.
    pub cell_clip: f32,
    /// Bound of the projection's magnitude; 0 for none.
    pub proj_clip: f32,
    /// Time is the first axis of x, not the second.
    pub time_major: bool,
    /// Both directions share one result.
    pub merge_outputs: bool,
    /// With float x and integer weights: quantize x with a zero point.
    pub asymmetric_quantize_inputs: bool,
}
