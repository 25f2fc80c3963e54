//! What can be wrong with a graph.

use crate::DType;
use crate::op::Arity;

/// A rule of [`Graph::validate`](crate::Graph::validate) that a graph breaks.
///
/// Tensors and nodes are named as people know them: by the name and number in the source file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// An id refers past the list of tensors.
    #[error("{place} refers to tensor {id}, but there are only {count} tensors")]
    TensorOutOfRange {
        /// Node or list that holds the id.
        place: String,
        /// The id.
        id: u32,
        /// Number of tensors.
        count: usize,
    },
    /// A node has too few or too many operands or results, or lacks a required one.
    #[error("{node} has {inputs} operands and {outputs} results, but needs {needed}")]
    WrongArity {
        /// The node.
        node: String,
        /// Operands it has, absent ones excluded.
        inputs: usize,
        /// Results it has.
        outputs: usize,
        /// What it should have.
        needed: Arity,
    },
    /// Two nodes, or one node twice, produce the same tensor.
    #[error("{tensor} is produced by {first} and again by {second}")]
    ProducedTwice {
        /// The tensor.
        tensor: String,
        /// One producer.
        first: String,
        /// The other.
        second: String,
    },
    /// A node produces a constant or an input of the graph.
    #[error("{node} produces {tensor}, which is {what}")]
    ProducesGiven {
        /// The node.
        node: String,
        /// The tensor.
        tensor: String,
        /// `a constant` or `an input of the graph`.
        what: &'static str,
    },
    /// A node or the caller reads a tensor that has no value.
    #[error("{place} reads {tensor}, which nothing produces")]
    NoValue {
        /// Node or list that reads it.
        place: String,
        /// The tensor.
        tensor: String,
    },
    /// Nodes wait for each other.
    #[error("these nodes form a cycle: {}", nodes.join(" -> "))]
    Cycle {
        /// The nodes of one cycle, in order.
        nodes: Vec<String>,
    },
    /// A tensor has too many axes, an empty axis, or too many elements.
    #[error("{tensor} has the shape {shape:?}, which {rule}")]
    BadShape {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What is wrong, as the end of a sentence.
        rule: &'static str,
    },
    /// The data of a constant does not fill its shape.
    #[error("{tensor} holds {actual} bytes of data, but {dtype} of shape {shape:?} needs {needed}")]
    DataLength {
        /// The tensor.
        tensor: String,
        /// Its type.
        dtype: DType,
        /// Its shape.
        shape: Vec<usize>,
        /// Bytes it holds.
        actual: usize,
        /// Bytes it should hold.
        needed: String,
    },
    /// Scales and zero points are not one for one, or do not fit the axis.
    #[error("{tensor} has {scales} scales and {zero_points} zero points, which {rule}")]
    QuantizationLength {
        /// The tensor.
        tensor: String,
        /// Number of scales.
        scales: usize,
        /// Number of zero points.
        zero_points: usize,
        /// What is wrong, as the end of a sentence.
        rule: &'static str,
    },
    /// A scale is not a finite number above 0.
    #[error("{tensor} has the scale {scale}; scales are finite and above 0")]
    BadScale {
        /// The tensor.
        tensor: String,
        /// The scale.
        scale: f32,
    },
    /// A zero point cannot be stored in the tensor's type.
    #[error("{tensor} has the zero point {zero_point}, which {dtype} cannot hold")]
    BadZeroPoint {
        /// The tensor.
        tensor: String,
        /// The zero point.
        zero_point: i64,
        /// The tensor's type.
        dtype: DType,
    },
}

impl GraphError {
    /// Stable code, such as `E0124`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TensorOutOfRange { .. } => "E0120",
            Self::WrongArity { .. } => "E0121",
            Self::ProducedTwice { .. } => "E0122",
            Self::ProducesGiven { .. } => "E0123",
            Self::NoValue { .. } => "E0124",
            Self::Cycle { .. } => "E0125",
            Self::BadShape { .. } => "E0126",
            Self::DataLength { .. } => "E0127",
            Self::QuantizationLength { .. } => "E0128",
            Self::BadScale { .. } => "E0129",
            Self::BadZeroPoint { .. } => "E0130",
        }
    }
}
