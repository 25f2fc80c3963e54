//! Numbers of operands and results.

use core::fmt;

use super::Op;

/// How many operands and results an operator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    /// Leading operands that must be present.
    pub inputs_min: usize,
    /// Longest operand list.
    pub inputs_max: usize,
    /// Number of results; [`Arity::ANY`] where the node's subgraphs decide.
    pub outputs: usize,
}

impl Arity {
    /// Any number.
    pub const ANY: usize = usize::MAX;
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs_min, inputs_max, outputs } = *self;
        match inputs_max {
            usize::MAX => write!(f, "{inputs_min} or more operands")?,
            _ if inputs_min == inputs_max => write!(f, "{inputs_min} operands")?,
            _ => write!(f, "{inputs_min} to {inputs_max} operands")?,
        }
        match outputs {
            Self::ANY => write!(f, " and any number of results"),
            _ => write!(f, " and {outputs} results"),
        }
    }
}

impl Op {
    /// How many operands and results the operator has; `None` when smidge does not know it.
    pub fn arity(&self) -> Option<Arity> {
        let fixed = |inputs| Some(Arity { inputs_min: inputs, inputs_max: inputs, outputs: 1 });
        let between = |inputs_min, inputs_max| Some(Arity { inputs_min, inputs_max, outputs: 1 });
        let exactly =
            |inputs, outputs| Some(Arity { inputs_min: inputs, inputs_max: inputs, outputs });
        match self {
            Self::Conv2d(_) | Self::DepthwiseConv2d(_) | Self::FullyConnected(_) => between(2, 3),
            Self::Add(_) | Self::Sub(_) | Self::Mul { .. } | Self::Prelu => fixed(2),
            Self::AveragePool2d(_)
            | Self::MaxPool2d(_)
            | Self::Softmax { .. }
            | Self::Logistic
            | Self::Tanh
            | Self::Relu
            | Self::Relu6
            | Self::ReluN1To1
            | Self::LeakyRelu { .. }
            | Self::HardSwish
            | Self::Squeeze { .. }
            | Self::Quantize
            | Self::Dequantize => fixed(1),
            Self::Reshape(_) => between(1, 2),
            Self::ExpandDims | Self::Pad | Self::Transpose | Self::Mean { .. } => fixed(2),
            Self::Scatter(_) | Self::PadV2 | Self::Slice => fixed(3),
            Self::StridedSlice(_) => fixed(4),
            Self::Concatenation { .. } => between(1, usize::MAX),
            Self::Split { num_splits } => exactly(2, *num_splits),
            Self::Unary(_)
            | Self::Cast
            | Self::LogSoftmax
            | Self::L2Normalization { .. }
            | Self::LocalResponseNormalization { .. }
            | Self::L2Pool2d(_)
            | Self::Shape
            | Self::Rank
            | Self::ZerosLike
            | Self::SpaceToDepth { .. }
            | Self::DepthToSpace { .. } => fixed(1),
            Self::ReadVariable => between(1, 2),
            Self::Binary(_)
            | Self::Reduce { .. }
            | Self::ArgMax
            | Self::ArgMin
            | Self::Gather { .. }
            | Self::GatherNd
            | Self::EmbeddingLookup
            | Self::Tile
            | Self::BroadcastTo
            | Self::BroadcastArgs
            | Self::Fill
            | Self::ReverseV2
            | Self::MirrorPad { .. }
            | Self::ResizeBilinear(_)
            | Self::ResizeNearestNeighbor(_)
            | Self::BatchMatMul { .. }
            | Self::Cumsum { .. } => fixed(2),
            Self::Select
            | Self::SelectV2
            | Self::Range
            | Self::SpaceToBatchNd
            | Self::BatchToSpaceNd => fixed(3),
            Self::TransposeConv(_) => between(3, 4),
            Self::Pack { .. } | Self::AddN => between(1, usize::MAX),
            Self::Unpack { num, .. } => exactly(1, *num),
            Self::SplitV { num_splits } => exactly(3, *num_splits),
            Self::TopkV2 => exactly(2, 2),
            Self::Svdf(_) | Self::Rnn(_) | Self::SequenceRnn(_) => between(3, 5),
            Self::SequenceLstm(_) => between(1, 24),
            Self::BidirectionalSequenceRnn(rnn) => {
                let outputs = if rnn.merge_outputs { 1 } else { 2 };
                Some(Arity { inputs_min: 1, inputs_max: 12, outputs })
            }
            Self::BidirectionalSequenceLstm(lstm) => {
                let outputs = if lstm.merge_outputs { 1 } else { 2 };
                Some(Arity { inputs_min: 1, inputs_max: 48, outputs })
            }
            Self::VarHandle { .. } => exactly(0, 1),
            Self::AssignVariable => exactly(2, 0),
            Self::CallOnce { .. } => exactly(0, 0),
            Self::If { .. } | Self::While { .. } => {
                let (inputs_min, inputs_max) = (1, usize::MAX);
                Some(Arity { inputs_min, inputs_max, outputs: Arity::ANY })
            }
            Self::Unsupported { .. } => None,
        }
    }
}
