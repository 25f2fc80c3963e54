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

    /// Whether both are the same operator in the same variant.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.code == other.code && self.variant == other.variant
    }
}

macro_rules! op_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// Operators, named as in TensorFlow Lite where it has them. The numbers are part of the format.
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
    /// The magnitude.
    Abs = 31, "ABS";
    /// `acos(x)`.
    Acos = 32, "ACOS";
    /// `acosh(x)`.
    Acosh = 33, "ACOSH";
    /// Where the largest element is.
    ArgMax = 34, "ARG_MAX";
    /// Where the smallest element is.
    ArgMin = 35, "ARG_MIN";
    /// `asin(x)`.
    Asin = 36, "ASIN";
    /// `asinh(x)`.
    Asinh = 37, "ASINH";
    /// `atan(x)`.
    Atan = 38, "ATAN";
    /// The angle of a point.
    Atan2 = 39, "ATAN2";
    /// `atanh(x)`.
    Atanh = 40, "ATANH";
    /// Product of matrices that are computed.
    BatchMatMul = 41, "BATCH_MATMUL";
    /// Images become blocks.
    BatchToSpaceNd = 42, "BATCH_TO_SPACE_ND";
    /// Repeats along dimensions of one.
    BroadcastTo = 43, "BROADCAST_TO";
    /// Numbers of another type.
    Cast = 44, "CAST";
    /// The smallest integer not below.
    Ceil = 45, "CEIL";
    /// `cos(x)`.
    Cos = 46, "COS";
    /// `cosh(x)`.
    Cosh = 47, "COSH";
    /// Running sums.
    Cumsum = 48, "CUMSUM";
    /// Channels become squares.
    DepthToSpace = 49, "DEPTH_TO_SPACE";
    /// Quotient of two tensors.
    Div = 50, "DIV";
    /// `x`, or `exp(x) - 1` below zero.
    Elu = 51, "ELU";
    /// Rows of a table.
    EmbeddingLookup = 52, "EMBEDDING_LOOKUP";
    /// Whether elements are equal.
    Equal = 53, "EQUAL";
    /// The error function.
    Erf = 54, "ERF";
    /// `exp(x)`.
    Exp = 55, "EXP";
    /// The largest integer not above.
    Floor = 56, "FLOOR";
    /// The quotient, rounded down.
    FloorDiv = 57, "FLOOR_DIV";
    /// The remainder of the quotient that is rounded down.
    FloorMod = 58, "FLOOR_MOD";
    /// Elements that indices name.
    Gather = 59, "GATHER";
    /// Elements that tuples of indices name.
    GatherNd = 60, "GATHER_ND";
    /// `x` times the normal distribution's integral.
    Gelu = 61, "GELU";
    /// Whether `a > b`.
    Greater = 62, "GREATER";
    /// Whether `a >= b`.
    GreaterEqual = 63, "GREATER_EQUAL";
    /// Rows of norm one.
    L2Normalization = 64, "L2_NORMALIZATION";
    /// The root of the mean of squares over a window.
    L2Pool2d = 65, "L2_POOL_2D";
    /// Whether `a < b`.
    Less = 66, "LESS";
    /// Whether `a <= b`.
    LessEqual = 67, "LESS_EQUAL";
    /// Divides by the neighbours' squares.
    LocalResponseNormalization = 68, "LOCAL_RESPONSE_NORMALIZATION";
    /// `log(x)`.
    Log = 69, "LOG";
    /// The logarithm of SOFTMAX.
    LogSoftmax = 70, "LOG_SOFTMAX";
    /// `a and b`.
    LogicalAnd = 71, "LOGICAL_AND";
    /// `not x`.
    LogicalNot = 72, "LOGICAL_NOT";
    /// `a or b`.
    LogicalOr = 73, "LOGICAL_OR";
    /// The larger of two.
    Maximum = 74, "MAXIMUM";
    /// The smaller of two.
    Minimum = 75, "MINIMUM";
    /// Surrounds a tensor with its reflection.
    MirrorPad = 76, "MIRROR_PAD";
    /// `-x`.
    Neg = 77, "NEG";
    /// Whether elements differ.
    NotEqual = 78, "NOT_EQUAL";
    /// Joins tensors along a new axis.
    Pack = 79, "PACK";
    /// `a ^ b`.
    Pow = 80, "POW";
    /// Whether all are true.
    ReduceAll = 81, "REDUCE_ALL";
    /// Whether any is true.
    ReduceAny = 82, "REDUCE_ANY";
    /// Maximum over some dimensions.
    ReduceMax = 83, "REDUCE_MAX";
    /// Minimum over some dimensions.
    ReduceMin = 84, "REDUCE_MIN";
    /// Product over some dimensions.
    ReduceProd = 85, "REDUCE_PROD";
    /// Images of another size, interpolated.
    ResizeBilinear = 86, "RESIZE_BILINEAR";
    /// Images of another size, copied.
    ResizeNearestNeighbor = 87, "RESIZE_NEAREST_NEIGHBOR";
    /// Dimensions backwards.
    ReverseV2 = 88, "REVERSE_V2";
    /// The nearest integer, ties to even.
    Round = 89, "ROUND";
    /// `1 / sqrt(x)`.
    Rsqrt = 90, "RSQRT";
    /// `condition ? a : b`.
    SelectV2 = 91, "SELECT_V2";
    /// -1, 0 or 1.
    Sign = 92, "SIGN";
    /// `sin(x)`.
    Sin = 93, "SIN";
    /// `sinh(x)`.
    Sinh = 94, "SINH";
    /// Blocks become images.
    SpaceToBatchNd = 95, "SPACE_TO_BATCH_ND";
    /// Squares become channels.
    SpaceToDepth = 96, "SPACE_TO_DEPTH";
    /// `sqrt(x)`.
    Sqrt = 97, "SQRT";
    /// `x * x`.
    Square = 98, "SQUARE";
    /// `(a - b)^2`.
    SquaredDifference = 99, "SQUARED_DIFFERENCE";
    /// Sum over some dimensions.
    Sum = 100, "SUM";
    /// `tan(x)`.
    Tan = 101, "TAN";
    /// Repeats a tensor.
    Tile = 102, "TILE";
    /// The largest elements of rows.
    TopkV2 = 103, "TOPK_V2";
    /// Transposed convolution.
    TransposeConv = 104, "TRANSPOSE_CONV";
    /// Cuts a tensor along an axis that vanishes.
    Unpack = 105, "UNPACK";
    /// Rows of a tensor that indices name, joined with others.
    Scatter = 200, "SCATTER";
    /// Filters over a memory of features.
    Svdf = 106, "SVDF";
    /// Long short-term memory over a sequence.
    UnidirectionalSequenceLstm = 107, "UNIDIRECTIONAL_SEQUENCE_LSTM";
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
    /// int32 without scales.
    S32 = 12,
    /// int64 without scales.
    S64 = 13,
    /// Truth values.
    Bool = 14,
    /// float32; weights and bias packed for the blob's core.
    F32Packed = 15,
    /// As `S8Packed`, with weights of four bits.
    S4Packed = 16,
    /// int16 activations; weights, bias and requantization packed for the blob's core.
    S16Packed = 17,
    /// float32; weights float16.
    F16 = 18,
    /// float64 or float16 on one side.
    F64 = 20,
    /// From int8 to int16.
    S8S16 = 21,
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
            12 => Self::S32,
            13 => Self::S64,
            14 => Self::Bool,
            15 => Self::F32Packed,
            16 => Self::S4Packed,
            17 => Self::S16Packed,
            18 => Self::F16,
            20 => Self::F64,
            21 => Self::S8S16,
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
            Self::S32 => "S32",
            Self::S64 => "S64",
            Self::Bool => "BOOL",
            Self::F32Packed => "F32_PACKED",
            Self::S4Packed => "S4_PACKED",
            Self::S16Packed => "S16_PACKED",
            Self::F16 => "F16",
            Self::F64 => "F64",
            Self::S8S16 => "S8_S16",
        }
    }
}
