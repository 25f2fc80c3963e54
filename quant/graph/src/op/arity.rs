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
    /// Number of results.
    pub outputs: usize,
}

impl fmt::Display for Arity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs_min, inputs_max, outputs } = *self;
        match inputs_max {
            usize::MAX => write!(f, "{inputs_min} or more operands")?,
            _ if inputs_min == inputs_max => write!(f, "{inputs_min} operands")?,
            _ => write!(f, "{inputs_min} to {inputs_max} operands")?,
        }
        write!(f, " and {outputs} results")
    }
}

impl Op {
    /// How many operands and results the operator has; `None` when smidge does not know it.
    pub fn arity(&self) -> Option<Arity> {
        let fixed = |inputs| Some(Arity { inputs_min: inputs, inputs_max: inputs, outputs: 1 });
        let between = |inputs_min, inputs_max| Some(Arity { inputs_min, inputs_max, outputs: 1 });
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
            Self::PadV2 | Self::Slice => fixed(3),
            Self::StridedSlice(_) => fixed(4),
            Self::Concatenation { .. } => between(1, usize::MAX),
            Self::Split { num_splits } => {
                Some(Arity { inputs_min: 2, inputs_max: 2, outputs: *num_splits })
            }
            Self::Unsupported { .. } => None,
        }
    }
}
