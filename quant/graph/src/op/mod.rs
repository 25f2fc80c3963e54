//! Operators and their attributes, with TFLite's meaning and operand order.

mod activation;
mod arity;
mod conv;
mod elementwise;
mod fully_connected;
mod padding;
mod pool;
mod recurrent;
mod reshape;
mod resize;
mod strided_slice;

pub use activation::Activation;
pub use arity::Arity;
pub use conv::{Conv2d, DepthwiseConv2d};
pub use elementwise::{AddSub, Binary, Reduction, Scatter, Unary};
pub use fully_connected::{FullyConnected, WeightsFormat};
pub use padding::{Padding, WindowExtent};
pub use pool::Pool2d;
pub use recurrent::{Lstm, Rnn, Svdf};
pub use reshape::Reshape;
pub use resize::{Resize, TransposeConv};
pub use strided_slice::StridedSlice;

/// What a node computes.
///
/// The comments list the operands; `?` marks one that may be absent.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// x \[N,H,W,Ci\], weights \[Co,Kh,Kw,Ci\], bias? \[Co\].
    Conv2d(Conv2d),
    /// x \[N,H,W,C\], weights \[1,Kh,Kw,C·multiplier\], bias? \[C·multiplier\].
    DepthwiseConv2d(DepthwiseConv2d),
    /// x \[..,I\], weights \[O,I\], bias? \[O\].
    FullyConnected(FullyConnected),
    /// x \[N,H,W,C\].
    AveragePool2d(Pool2d),
    /// x \[N,H,W,C\].
    MaxPool2d(Pool2d),
    /// a, b; broadcast.
    Add(AddSub),
    /// a, b; broadcast.
    Sub(AddSub),
    /// a, b; broadcast.
    Mul {
        /// Applied to the product.
        activation: Activation,
    },
    /// x; over the last axis.
    Softmax {
        /// Factor on x before the exponential; 1 in nearly every model.
        beta: f32,
    },
    /// x.
    Logistic,
    /// x.
    Tanh,
    /// x.
    Relu,
    /// x.
    Relu6,
    /// x.
    ReluN1To1,
    /// x.
    LeakyRelu {
        /// Slope below zero.
        alpha: f32,
    },
    /// x, alpha; broadcast.
    Prelu,
    /// x.
    HardSwish,
    /// x, shape?: int32 of one axis.
    Reshape(Reshape),
    /// x.
    Squeeze {
        /// Axes to drop, negative ones counted from the end; empty drops every axis of extent 1.
        dims: Vec<i32>,
    },
    /// x, axis: int32 or int64 scalar.
    ExpandDims,
    /// x, paddings: integers \[rank,2\] of (before, after); fills with real zero.
    Pad,
    /// x, paddings: integers \[rank,2\], fill value: scalar of x's type.
    PadV2,
    /// One or more tensors that differ only along the axis.
    Concatenation {
        /// Negative counts from the end.
        axis: i32,
        /// Applied to every element.
        activation: Activation,
    },
    /// axis: int32 scalar, x; as many outputs as parts.
    Split {
        /// Number of equal parts.
        num_splits: usize,
    },
    /// x, begin, size (−1 = to the end): integers \[rank\].
    Slice,
    /// x, begin, end, strides: int32 of one axis.
    StridedSlice(StridedSlice),
    /// x, permutation: int32 \[rank\].
    Transpose,
    /// x, axes: int32 scalar or one axis.
    Mean {
        /// Reduced axes stay with extent 1.
        keep_dims: bool,
    },
    /// x; float to integer, or from one quantization to another.
    Quantize,
    /// x; integer to float.
    Dequantize,
    /// x.
    Unary(Unary),
    /// a, b; broadcast.
    Binary(Binary),
    /// x, axes: int32 scalar or one axis.
    Reduce {
        /// What becomes of the elements.
        kind: Reduction,
        /// Reduced axes stay with extent 1.
        keep_dims: bool,
    },
    /// x, axis: integer scalar; int32 or int64 positions of the largest elements.
    ArgMax,
    /// x, axis: integer scalar; int32 or int64 positions of the smallest elements.
    ArgMin,
    /// condition: Bool, a, b; where a and b have one shape, and the condition too, or one axis.
    Select,
    /// condition: Bool, a, b; broadcast.
    SelectV2,
    /// x; to the type of the result.
    Cast,
    /// x; over the last axis.
    LogSoftmax,
    /// x; over the last axis.
    L2Normalization {
        /// Applied to the result.
        activation: Activation,
    },
    /// x; over a window of the last axis.
    LocalResponseNormalization {
        /// Neighbours on each side.
        radius: usize,
        /// Added to the sum of squares.
        bias: f32,
        /// Factor of the sum of squares.
        alpha: f32,
        /// Exponent.
        beta: f32,
    },
    /// x \[N,H,W,C\].
    L2Pool2d(Pool2d),
    /// x, indices: integers.
    Gather {
        /// Axis of x that the indices count; negative counts from the end.
        axis: i32,
        /// Leading axes that both have.
        batch_dims: i32,
    },
    /// x, indices: integers \[..,K\].
    GatherNd,
    /// x \[rows,inner\], indices: int32 \[count\], updates \[count,inner\].
    Scatter(Scatter),
    /// ids: int32 of one axis, table.
    EmbeddingLookup,
    /// As many tensors of one shape as parts.
    Pack {
        /// The new axis; negative counts from the end of the result.
        axis: i32,
    },
    /// x; as many outputs as parts.
    Unpack {
        /// Negative counts from the end.
        axis: i32,
        /// Extent of the axis.
        num: usize,
    },
    /// x, sizes: integers of one axis, axis: int32 scalar; as many outputs as parts.
    SplitV {
        /// Number of parts.
        num_splits: usize,
    },
    /// x, multiples: integers \[rank\].
    Tile,
    /// x, shape: integers of one axis.
    BroadcastTo,
    /// Two shapes: integers of one axis.
    BroadcastArgs,
    /// shape: integers of one axis, value: scalar.
    Fill,
    /// x; its shape as integers.
    Shape,
    /// x; the number of its axes.
    Rank,
    /// start, limit, delta: scalars.
    Range,
    /// x.
    ZerosLike,
    /// x, axes: int32 of one axis.
    ReverseV2,
    /// x, paddings: integers \[rank,2\] of (before, after).
    MirrorPad {
        /// The border's elements are repeated.
        symmetric: bool,
    },
    /// x \[N,H,W,C\].
    SpaceToDepth {
        /// Edge of the squares that become channels.
        block: usize,
    },
    /// x \[N,H,W,C\].
    DepthToSpace {
        /// Edge of the squares that channels become.
        block: usize,
    },
    /// x \[N,..,C\], block: integers \[spatial\], paddings: integers \[spatial,2\].
    SpaceToBatchNd,
    /// x \[N,..,C\], block: integers \[spatial\], crops: integers \[spatial,2\].
    BatchToSpaceNd,
    /// x \[N,H,W,C\], size: int32 \[2\].
    ResizeBilinear(Resize),
    /// x \[N,H,W,C\], size: int32 \[2\].
    ResizeNearestNeighbor(Resize),
    /// shape: int32 \[4\], weights \[Co,Kh,Kw,Ci\], x \[N,H,W,Ci\], bias? \[Co\].
    TransposeConv(TransposeConv),
    /// a \[..,M,K\], b \[..,K,N\]; leading axes broadcast.
    BatchMatMul {
        /// a is \[..,K,M\].
        adj_x: bool,
        /// b is \[..,N,K\].
        adj_y: bool,
    },
    /// x, axis: int32 scalar.
    Cumsum {
        /// An element is not part of its own sum.
        exclusive: bool,
        /// From the last element.
        reverse: bool,
    },
    /// x, k: int32 scalar; over the last axis: values, and int32 positions.
    TopkV2,
    /// One or more tensors of one shape.
    AddN,
    /// x \[B,I\], weights feature \[F,I\], weights time \[F,T\], bias? \[F/rank\], state.
    Svdf(Svdf),
    /// x \[B,I\], weights \[U,I\], recurrent weights \[U,U\], bias \[U\], state \[B,U\].
    Rnn(Rnn),
    /// As `Rnn`, with x \[B,T,I\].
    SequenceRnn(Rnn),
    /// x, then weights, recurrent weights, bias and state of both directions, and more.
    BidirectionalSequenceRnn(Rnn),
    /// x, 4 input weights?, 4 recurrent weights?, 3 peepholes?, 4 biases?, projection?, its bias?,
    /// output state, cell state, 4 normalizations?.
    SequenceLstm(Lstm),
    /// x, then weights of both directions, and more.
    BidirectionalSequenceLstm(Lstm),
    /// A handle of the variable of that name.
    VarHandle {
        /// Name within the model.
        name: String,
    },
    /// handle or variable, its initial value?: constant.
    ReadVariable,
    /// handle or variable, value.
    AssignVariable,
    /// Runs a subgraph before the first inference.
    CallOnce {
        /// The subgraph.
        subgraph: usize,
    },
    /// condition: Bool scalar, then the operands of the subgraphs.
    If {
        /// The subgraph that is called where the condition holds.
        then: usize,
        /// The subgraph that is called where it does not.
        otherwise: usize,
    },
    /// What goes round.
    While {
        /// The subgraph that computes whether to go on.
        condition: usize,
        /// The subgraph that is repeated.
        body: usize,
    },
    /// An operator that smidge does not run. Kept so that all of them can be reported at once.
    Unsupported {
        /// TFLite name such as `SVDF`, or `CUSTOM:` and the name of a custom operator.
        name: String,
        /// Why it cannot run, as the end of a sentence about the node.
        reason: String,
    },
}

impl Op {
    /// The operator's TFLite name.
    pub fn name(&self) -> &str {
        match self {
            Self::Conv2d(_) => "CONV_2D",
            Self::DepthwiseConv2d(_) => "DEPTHWISE_CONV_2D",
            Self::FullyConnected(_) => "FULLY_CONNECTED",
            Self::AveragePool2d(_) => "AVERAGE_POOL_2D",
            Self::MaxPool2d(_) => "MAX_POOL_2D",
            Self::Add(_) => "ADD",
            Self::Sub(_) => "SUB",
            Self::Mul { .. } => "MUL",
            Self::Softmax { .. } => "SOFTMAX",
            Self::Logistic => "LOGISTIC",
            Self::Tanh => "TANH",
            Self::Relu => "RELU",
            Self::Relu6 => "RELU6",
            Self::ReluN1To1 => "RELU_N1_TO_1",
            Self::LeakyRelu { .. } => "LEAKY_RELU",
            Self::Prelu => "PRELU",
            Self::HardSwish => "HARD_SWISH",
            Self::Reshape(_) => "RESHAPE",
            Self::Squeeze { .. } => "SQUEEZE",
            Self::ExpandDims => "EXPAND_DIMS",
            Self::Pad => "PAD",
            Self::PadV2 => "PADV2",
            Self::Concatenation { .. } => "CONCATENATION",
            Self::Split { .. } => "SPLIT",
            Self::Slice => "SLICE",
            Self::StridedSlice(_) => "STRIDED_SLICE",
            Self::Transpose => "TRANSPOSE",
            Self::Mean { .. } => "MEAN",
            Self::Quantize => "QUANTIZE",
            Self::Dequantize => "DEQUANTIZE",
            Self::Unary(unary) => unary.name(),
            Self::Binary(binary) => binary.name(),
            Self::Reduce { kind, .. } => kind.name(),
            _ => self.later_name(),
        }
    }

    /// The names of operators that rearrange, remember or control.
    fn later_name(&self) -> &str {
        match self {
            Self::ArgMax => "ARG_MAX",
            Self::ArgMin => "ARG_MIN",
            Self::Select => "SELECT",
            Self::SelectV2 => "SELECT_V2",
            Self::Cast => "CAST",
            Self::LogSoftmax => "LOG_SOFTMAX",
            Self::L2Normalization { .. } => "L2_NORMALIZATION",
            Self::LocalResponseNormalization { .. } => "LOCAL_RESPONSE_NORMALIZATION",
            Self::L2Pool2d(_) => "L2_POOL_2D",
            Self::Gather { .. } => "GATHER",
            Self::GatherNd => "GATHER_ND",
            Self::Scatter(_) => "SCATTER",
            Self::EmbeddingLookup => "EMBEDDING_LOOKUP",
            Self::Pack { .. } => "PACK",
            Self::Unpack { .. } => "UNPACK",
            Self::SplitV { .. } => "SPLIT_V",
            Self::Tile => "TILE",
            Self::BroadcastTo => "BROADCAST_TO",
            Self::BroadcastArgs => "BROADCAST_ARGS",
            Self::Fill => "FILL",
            Self::Shape => "SHAPE",
            Self::Rank => "RANK",
            Self::Range => "RANGE",
            Self::ZerosLike => "ZEROS_LIKE",
            Self::ReverseV2 => "REVERSE_V2",
            Self::MirrorPad { .. } => "MIRROR_PAD",
            Self::SpaceToDepth { .. } => "SPACE_TO_DEPTH",
            Self::DepthToSpace { .. } => "DEPTH_TO_SPACE",
            Self::SpaceToBatchNd => "SPACE_TO_BATCH_ND",
            Self::BatchToSpaceNd => "BATCH_TO_SPACE_ND",
            Self::ResizeBilinear(_) => "RESIZE_BILINEAR",
            Self::ResizeNearestNeighbor(_) => "RESIZE_NEAREST_NEIGHBOR",
            Self::TransposeConv(_) => "TRANSPOSE_CONV",
            Self::BatchMatMul { .. } => "BATCH_MATMUL",
            Self::Cumsum { .. } => "CUMSUM",
            Self::TopkV2 => "TOPK_V2",
            Self::AddN => "ADD_N",
            Self::Svdf(_) => "SVDF",
            Self::Rnn(_) => "RNN",
            Self::SequenceRnn(_) => "UNIDIRECTIONAL_SEQUENCE_RNN",
            Self::BidirectionalSequenceRnn(_) => "BIDIRECTIONAL_SEQUENCE_RNN",
            Self::SequenceLstm(_) => "UNIDIRECTIONAL_SEQUENCE_LSTM",
            Self::BidirectionalSequenceLstm(_) => "BIDIRECTIONAL_SEQUENCE_LSTM",
            Self::VarHandle { .. } => "VAR_HANDLE",
            Self::ReadVariable => "READ_VARIABLE",
            Self::AssignVariable => "ASSIGN_VARIABLE",
            Self::CallOnce { .. } => "CALL_ONCE",
            Self::If { .. } => "IF",
            Self::While { .. } => "WHILE",
            Self::Unsupported { name, .. } => name,
            _ => "",
        }
    }

    /// True where every element of the result is a function of the elements at the same place, of
    /// operands that are broadcast: the order of axes does not matter.
    pub fn is_elementwise(&self) -> bool {
        matches!(
            self,
            Self::Add(_)
                | Self::Sub(_)
                | Self::Mul { .. }
                | Self::Logistic
                | Self::Tanh
                | Self::Relu
                | Self::Relu6
                | Self::ReluN1To1
                | Self::LeakyRelu { .. }
                | Self::Prelu
                | Self::HardSwish
                | Self::Quantize
                | Self::Dequantize
                | Self::Unary(_)
                | Self::Binary(_)
                | Self::SelectV2
                | Self::Cast
                | Self::ZerosLike
                | Self::AddN
        )
    }

    /// The activation fused into the operator: [`Activation::None`] for those without one.
    pub fn fused_activation(&self) -> Activation {
        match self {
            Self::Conv2d(conv) => conv.activation,
            Self::DepthwiseConv2d(conv) => conv.activation,
            Self::FullyConnected(dense) => dense.activation,
            Self::AveragePool2d(pool) | Self::MaxPool2d(pool) => pool.activation,
            Self::Add(sum) | Self::Sub(sum) => sum.activation,
            Self::Mul { activation }
            | Self::Concatenation { activation, .. }
            | Self::L2Normalization { activation }
            | Self::Binary(Binary::Div(activation)) => *activation,
            Self::L2Pool2d(pool) => pool.activation,
            Self::TransposeConv(conv) => conv.activation,
            _ => Activation::None,
        }
    }

    /// True for an operator that smidge does not run.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. })
    }
}
