//! Arithmetic on single elements, and between two tensors.

use super::Activation;

/// Attributes of `ADD` and `SUB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddSub {
    /// Applied to the result.
    pub activation: Activation,
    /// For int16 operands: scales are powers of two and the older kernels apply.
    pub pot_scale_int16: bool,
}

/// What TFLite assumes of a file that does not say.
impl Default for AddSub {
    fn default() -> Self {
        Self { activation: Activation::None, pot_scale_int16: true }
    }
}

/// Functions of one element without attributes of their own. Those from `Acos` to `Tan` are no
/// operators of TFLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Unary {
    Abs,
    Ceil,
    Cos,
    /// `x`, or `exp(x) - 1` below zero.
    Elu,
    Exp,
    Floor,
    /// `x` times the normal distribution's integral up to `x`, or the usual approximation with tanh.
    Gelu {
        /// With tanh.
        approximate: bool,
    },
    /// Natural.
    Log,
    LogicalNot,
    Neg,
    /// To the nearest integer, ties to even.
    Round,
    Rsqrt,
    /// -1, 0 or 1.
    Sign,
    Sin,
    Sqrt,
    Square,
    Acos,
    Acosh,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Cosh,
    /// The error function.
    Erf,
    Sinh,
    Tan,
}

impl Unary {
    /// Name as in TFLite.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abs => "ABS",
            Self::Ceil => "CEIL",
            Self::Cos => "COS",
            Self::Elu => "ELU",
            Self::Exp => "EXP",
            Self::Floor => "FLOOR",
            Self::Gelu { .. } => "GELU",
            Self::Log => "LOG",
            Self::LogicalNot => "LOGICAL_NOT",
            Self::Neg => "NEG",
            Self::Round => "ROUND",
            Self::Rsqrt => "RSQRT",
            Self::Sign => "SIGN",
            Self::Sin => "SIN",
            Self::Sqrt => "SQRT",
            Self::Square => "SQUARE",
            Self::Acos => "ACOS",
            Self::Acosh => "ACOSH",
            Self::Asin => "ASIN",
            Self::Asinh => "ASINH",
            Self::Atan => "ATAN",
            Self::Atanh => "ATANH",
            Self::Cosh => "COSH",
            Self::Erf => "ERF",
            Self::Sinh => "SINH",
            Self::Tan => "TAN",
        }
    }
}

/// Functions of two elements, broadcast. The result of a comparison is Bool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Binary {
    /// The angle of the point (b, a).
    Atan2,
    /// Applied to the quotient.
    Div(Activation),
    Equal,
    /// Rounded down.
    FloorDiv,
    /// The remainder, with the sign of b.
    FloorMod,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    LogicalAnd,
    LogicalOr,
    Maximum,
    Minimum,
    NotEqual,
    Pow,
    SquaredDifference,
}

impl Binary {
    /// Name as in TFLite.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Atan2 => "ATAN2",
            Self::Div(_) => "DIV",
            Self::Equal => "EQUAL",
            Self::FloorDiv => "FLOOR_DIV",
            Self::FloorMod => "FLOOR_MOD",
            Self::Greater => "GREATER",
            Self::GreaterEqual => "GREATER_EQUAL",
            Self::Less => "LESS",
            Self::LessEqual => "LESS_EQUAL",
            Self::LogicalAnd => "LOGICAL_AND",
            Self::LogicalOr => "LOGICAL_OR",
            Self::Maximum => "MAXIMUM",
            Self::Minimum => "MINIMUM",
            Self::NotEqual => "NOT_EQUAL",
            Self::Pow => "POW",
            Self::SquaredDifference => "SQUARED_DIFFERENCE",
        }
    }
}

/// What a reduction makes of the elements along the reduced axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Reduction {
    All,
    Any,
    Max,
    Min,
    Prod,
    Sum,
}

impl Reduction {
    /// Name as in TFLite.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "REDUCE_ALL",
            Self::Any => "REDUCE_ANY",
            Self::Max => "REDUCE_MAX",
            Self::Min => "REDUCE_MIN",
            Self::Prod => "REDUCE_PROD",
            Self::Sum => "SUM",
        }
    }
}

/// What a scatter makes of an element and its update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum Scatter {
    /// The update.
    Set,
    Add,
    Mul,
    Max,
    Min,
}
