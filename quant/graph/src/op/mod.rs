//! Operators and their attributes, with TFLite's meaning and operand order.

mod activation;
mod arity;
mod conv;
mod elementwise;
mod fully_connected;
mod padding;
mod pool;
mod reshape;
mod strided_slice;

pub use activation::Activation;
pub use arity::Arity;
pub use conv::{Conv2d, DepthwiseConv2d};
pub use elementwise::AddSub;
pub use fully_connected::{FullyConnected, WeightsFormat};
pub use padding::{Padding, WindowExtent};
pub use pool::Pool2d;
pub use reshape::Reshape;
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
            Self::Unsupported { name, .. } => name,
        }
    }

    /// The activation fused into the operator: [`Activation::None`] for those without one.
    pub fn fused_activation(&self) -> Activation {
        match self {
            Self::Conv2d(conv) => conv.activation,
            Self::DepthwiseConv2d(conv) => conv.activation,
            Self::FullyConnected(dense) => dense.activation,
            Self::AveragePool2d(pool) | Self::MaxPool2d(pool) => pool.activation,
            Self::Add(sum) | Self::Sub(sum) => sum.activation,
            Self::Mul { activation } | Self::Concatenation { activation, .. } => *activation,
            _ => Activation::None,
        }
    }

    /// True for an operator that smidge does not run.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. })
    }
}
