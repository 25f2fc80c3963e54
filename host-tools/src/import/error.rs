//! Why a model file cannot be imported.

use smidge_graph::GraphError;
use std::io;

/// A model file that cannot be imported. Displays as code, file, problem and remedy.
#[derive(Debug, thiserror::Error)]
#[error("{}: {file}: {problem}. {}", self.code(), problem.remedy())]
pub struct ImportError {
    /// The file, as the caller named it.
    pub file: String,
    /// What is wrong.
    #[source]
    pub problem: Problem,
}

impl ImportError {
    /// Stable code of the problem, such as `E0104`.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system does not give the content.
    #[error("cannot be read: {source}")]
    Read {
        /// Its reason.
        source: io::Error,
    },
    /// The file is longer than smidge reads.
    #[error("is longer than {max} bytes")]
    TooLong {
        /// Longest file, in bytes.
        max: u64,
    },
    /// Neither content nor name tell a format.
    #[error("is neither TFLite (the identifier TFL3 is missing) nor named .onnx")]
    UnknownFormat,
    /// The format is known but nothing reads it.
    #[error("looks like {format}, which is not readable by this version")]
    FormatNotReadable {
        /// The format.
        format: &'static str,
    },
    /// An offset, length or tag in the file is impossible.
    #[error("is damaged in {place}: {source}")]
    Damaged {
        /// The part of the file.
        place: String,
        /// The detail.
        source: Box<smidge_tflite::Error>,
    },
    /// The file has another schema version.
    #[error("has schema version {version}; only version 3 is known")]
    Version {
        /// The version in the file.
        version: u32,
    },
    /// There is no network in the file.
    #[error("contains no graph")]
    NoGraph,
    /// There is more of something than smidge reads.
    #[error("has {count} {what}; at most {max} are read")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// The parts of the file overlap so much that reading it would take too much memory.
    #[error("describes far more than its length allows")]
    Inflated,
    /// A number that should be a position in a list is not.
    #[error("{place} refers to {what} {index}, which does not exist")]
    NoSuch {
        /// Who refers.
        place: String,
        /// What is referred to.
        what: &'static str,
        /// The number in the file.
        index: i64,
    },
    /// The data of a buffer is outside of the file.
    #[error("the data of buffer {buffer} lies outside of the file")]
    DataOutside {
        /// Position of the buffer.
        buffer: usize,
    },
    /// A shape contains a negative number.
    #[error("{tensor} has the shape {shape:?}")]
    Shape {
        /// The tensor.
        tensor: String,
        /// The shape in the file.
        shape: Vec<i32>,
    },
    /// A tensor is both constant and variable.
    #[error("{tensor} is a variable with constant data")]
    ConstantVariable {
        /// The tensor.
        tensor: String,
    },
    /// Scales do not fit the shape of their tensor.
    #[error("{tensor} of shape {shape:?} has {scales} scales along axis {axis}")]
    QuantizedAxis {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Number of scales.
        scales: usize,
        /// The axis that the file names.
        axis: i32,
    },
    /// An attribute of a node has a value that makes no sense.
    #[error("{node} has {attribute} = {value}, which {rule}")]
    Attribute {
        /// The node.
        node: String,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
        /// What is wrong, as the end of a sentence.
        rule: &'static str,
    },
    /// An ONNX file is no protobuf message.
    #[error("is damaged: {source}")]
    Protobuf {
        /// The detail.
        source: smidge_onnx::DecodeError,
    },
    /// A part of an ONNX file contradicts itself, or the options.
    #[error("{place} {reason}")]
    Onnx {
        /// The part.
        place: String,
        /// What is wrong, as the end of a sentence.
        reason: String,
    },
    /// The network breaks a rule.
    #[error("{graph} is not a valid network: {source}")]
    Graph {
        /// The graph within the file.
        graph: String,
        /// The rule.
        source: Box<GraphError>,
    },
}

impl Problem {
    /// Stable code, such as `E0104`. Broken rules of the graph have the codes of [`GraphError`].
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "E0101",
            Self::TooLong { .. } => "E0102",
            Self::UnknownFormat => "E0103",
            Self::FormatNotReadable { .. } => "E0104",
            Self::Damaged { .. } => "E0105",
            Self::Version { .. } => "E0106",
            Self::NoGraph => "E0107",
            Self::TooMany { .. } => "E0108",
            Self::Inflated => "E0109",
            Self::NoSuch { .. } => "E0110",
            Self::DataOutside { .. } => "E0111",
            Self::Shape { .. } => "E0112",
            Self::ConstantVariable { .. } => "E0113",
            Self::QuantizedAxis { .. } => "E0114",
            Self::Attribute { .. } => "E0115",
            Self::Protobuf { .. } => "E0116",
            Self::Onnx { .. } => "E0117",
            Self::Graph { source, .. } => source.code(),
        }
    }

    /// What the user can do, as a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Read { .. } => "Check the path and the permissions",
            Self::TooLong { .. } => "Quantize or split the model first",
            Self::UnknownFormat => "Give a .tflite or .onnx file",
            Self::FormatNotReadable { .. } => "Convert the model to TFLite or ONNX first",
            Self::Protobuf { .. } | Self::Damaged { .. } | Self::Inflated | Self::NoSuch { .. } => {
                "Copy or convert the model again: the file is cut off or was changed"
            }
            Self::DataOutside { .. } => "Copy the model again: the file is cut off",
            Self::Version { .. } | Self::NoGraph => "Convert the model with a current TFLite",
            Self::TooMany { .. } => "Split the model",
            Self::Shape { .. } => "Give the model fixed input shapes and convert it again",
            Self::ConstantVariable { .. } => "Initialize the variable in the network instead",
            Self::QuantizedAxis { .. } | Self::Graph { .. } => "Convert the model again",
            Self::Onnx { .. } => "Export the model again, or correct the option",
            Self::Attribute { .. } => "Correct the layer and convert the model again",
        }
    }
}
