//! Names and numbers of operators.

use crate::call::Call;
use crate::error::OpError;

/// An operator in one variant: how a step that names it is checked and run. Firmware lists the ones
/// it needs; see [`ops`](crate::ops).
#[derive(Clone, Copy)]
pub struct Op {
    /// Which operator.
    pub code: OpCode,
    /// Which element types or packing.
    pub variant: Variant,
    /// Whether its first output may take the place of an input of the same size.
    pub in_place: bool,
    /// Validates a step's operands and attributes, once.
    pub(crate) check: fn(&Call<'_>) -> Result<(), OpError>,
    /// Computes a step that was validated.
    pub(crate) run: fn(&Call<'_>) -> Result<(), OpError>,
}

impl Op {
    /// The operator without its check, for models that were checked before
    /// ([`Model::prechecked`](crate::Model::prechecked)). [`Model::check`](crate::Model::check)
    /// refuses each of its steps.
    pub const fn run_only(self) -> Self {
        Self { check: |_| Err(OpError::Unchecked), ..self }
    }
}

macro_rules! op_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// Operators, named as in TensorFlow Lite. The numbers are part of the format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum OpCode {
            $($(#[$doc])* $variant = $code,)*
        }

        impl OpCode {
            /// Every operator.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The operator with this number.
            pub const fn from_u16(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

op_codes! {
    /// Sum of two tensors.
    Add = 1, "ADD";
    /// Average over a window.
    AveragePool2d = 2, "AVERAGE_POOL_2D";
    /// Joins tensors along an axis.
    Concatenation = 3, "CONCATENATION";
    /// Convolution.
    Conv2d = 4, "CONV_2D";
    /// Convolution of each channel by itself.
    DepthwiseConv2d = 5, "DEPTHWISE_CONV_2D";
    /// From integers to real numbers.
    Dequantize = 6, "DEQUANTIZE";
    /// Inserts a dimension of one.
    ExpandDims = 7, "EXPAND_DIMS";
    /// Matrix product with weights.
    FullyConnected = 8, "FULLY_CONNECTED";
    /// `x * relu6(x + 3) / 6`.
    HardSwish = 9, "HARD_SWISH";
    /// `x`, or `alpha * x` below zero.
    LeakyRelu = 10, "LEAKY_RELU";
    /// `1 / (1 + exp(-x))`.
    Logistic = 11, "LOGISTIC";
    /// Maximum over a window.
    MaxPool2d = 12, "MAX_POOL_2D";
    /// Mean over some dimensions.
    Mean = 13, "MEAN";
    /// Product of two tensors.
    Mul = 14, "MUL";
    /// Surrounds a tensor with zeros.
    Pad = 15, "PAD";
    /// Surrounds a tensor with a given value.
    PadV2 = 16, "PADV2";
    /// `x`, or a learned multiple below zero.
    Prelu = 17, "PRELU";
    /// From real numbers or other integers to integers.
    Quantize = 18, "QUANTIZE";
    /// `max(x, 0)`.
    Relu = 19, "RELU";
    /// `min(max(x, 0), 6)`.
    Relu6 = 20, "RELU6";
    /// `min(max(x, -1), 1)`.
    ReluN1To1 = 21, "RELU_N1_TO_1";
    /// Another shape for the same elements.
    Reshape = 22, "RESHAPE";
    /// A box of a tensor.
    Slice = 23, "SLICE";
    /// `exp(x) / sum of exp(x)`.
    Softmax = 24, "SOFTMAX";
    /// Cuts a tensor into equal parts.
    Split = 25, "SPLIT";
    /// Removes dimensions of one.
    Squeeze = 26, "SQUEEZE";
    /// A box of a tensor with strides.
    StridedSlice = 27, "STRIDED_SLICE";
    /// Difference of two tensors.
    Sub = 28, "SUB";
    /// `tanh(x)`.
    Tanh = 29, "TANH";
    /// Another order of dimensions.
    Transpose = 30, "TRANSPOSE";
}

/// Element types and packing of an operator. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Variant {
    /// int8 activations; weights, where there are any, int8 in the order of the source.
    S8 = 1,
    /// float32.
    F32 = 2,
    /// Moves elements of any type without looking at them.
    Any = 3,
    /// From float32 to int8, or back.
    F32S8 = 4,
    /// float32 activations, int8 weights: activations are quantized on the fly.
    Hybrid = 5,
    /// int8 activations; weights, bias and requantization packed for the blob's core.
    S8Packed = 6,
    /// int8 activations; the whole arithmetic as one linear form.
    S8Linear = 7,
    /// int16 activations, symmetric; weights, where there are any, int8.
    S16 = 8,
    /// From float32 to int16, or back.
    F32S16 = 9,
    /// int8 activations; int4 weights, two to a byte in the order of the source.
    S4 = 10,
    /// As `S8Packed`, in one of Winograd's forms.
    S8Winograd = 11,
    /// float32; weights and bias packed for the blob's core.
    F32Packed = 12,
}

impl Variant {
    /// The variant with this number.
    pub const fn from_u16(variant: u16) -> Option<Self> {
        Some(match variant {
            1 => Self::S8,
            2 => Self::F32,
            3 => Self::Any,
            4 => Self::F32S8,
            5 => Self::Hybrid,
            6 => Self::S8Packed,
            7 => Self::S8Linear,
            8 => Self::S16,
            9 => Self::F32S16,
            10 => Self::S4,
            11 => Self::S8Winograd,
            12 => Self::F32Packed,
            _ => return None,
        })
    }

    /// Its name, as in `CONV_2D_S8`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::S8 => "S8",
            Self::F32 => "F32",
            Self::Any => "ANY",
            Self::F32S8 => "F32_S8",
            Self::Hybrid => "HYBRID",
            Self::S8Packed => "S8_PACKED",
            Self::S8Linear => "S8_LINEAR",
            Self::S16 => "S16",
            Self::F32S16 => "F32_S16",
            Self::S4 => "S4",
            Self::S8Winograd => "S8_WINOGRAD",
            Self::F32Packed => "F32_PACKED",
        }
    }
}
