//! What was odd about a model file.

use std::fmt;

/// Something in a file that is not quite right, and what was made of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The quantized axis of a tensor with one axis was another one.
    QuantizedAxis {
        /// The tensor.
        tensor: String,
        /// The axis that the file names.
        axis: i32,
    },
    /// Scales came with fewer zero points.
    ZeroPoints {
        /// The tensor.
        tensor: String,
        /// The zero point that was taken for all scales.
        zero_point: i64,
    },
    /// A tensor of wide integers had scales or zero points that mean nothing.
    QuantizationDropped {
        /// The tensor.
        tensor: String,
    },
    /// An input had no fixed first extent.
    OpenBatch {
        /// The input.
        tensor: String,
    },
    /// The nodes of a graph were not in execution order.
    Reordered {
        /// The graph.
        graph: String,
    },
}

impl Warning {
    /// Stable code, for searching and for ignoring.
    pub fn code(&self) -> &'static str {
        match self {
            Self::QuantizedAxis { .. } => "W0101",
            Self::ZeroPoints { .. } => "W0102",
            Self::QuantizationDropped { .. } => "W0103",
            Self::Reordered { .. } => "W0104",
            Self::OpenBatch { .. } => "W0105",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            Self::QuantizedAxis { tensor, axis } => {
                write!(f, "{tensor} has one axis but is quantized along axis {axis}; took axis 0")
            }
            Self::ZeroPoints { tensor, zero_point } => {
                write!(f, "{tensor} has scales without zero points; took {zero_point} for all")
            }
            Self::QuantizationDropped { tensor } => {
                write!(f, "{tensor} has an impossible quantization; took plain integers")
            }
            Self::OpenBatch { tensor } => {
                write!(f, "input `{tensor}` leaves its first axis open; took a batch of 1")
            }
            Self::Reordered { graph } => {
                write!(f, "the nodes of {graph} were not in execution order; sorted them")
            }
        }
    }
}
