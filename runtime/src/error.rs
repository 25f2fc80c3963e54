//! What can go wrong: one enum per phase, small and `Copy`, with indices instead of texts.

use crate::op::{OpCode, Variant};
use core::fmt;
use smidge_format::{FormatError, Isa};

/// Why a step does not fit its operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpError {
    /// Too few or too many operands, or an operand that must be there is absent.
    Operands,
    /// An operand has an element type that the operator does not take.
    Type,
    /// Shapes do not go together.
    Shape,
    /// Attribute bytes are cut off, too long or out of range.
    Attributes,
    /// An operand must be a constant, and is not.
    Constant,
    /// Scratch memory is smaller than the operator needs.
    Scratch,
    /// The operator is [`Op::run_only`](crate::Op::run_only): it was built without its check.
    Unchecked,
}

/// Why [`Model::check`](crate::Model::check) refuses a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CheckError {
    /// The bytes are not a valid blob.
    Format(FormatError),
    /// The blob's weights are packed for another core.
    Isa {
        /// The core it is packed for.
        isa: Isa,
    },
    /// A step's operator is not in the list.
    OpMissing {
        /// The step.
        step: u16,
        /// Operator code, see [`OpCode`].
        code: u16,
        /// Operator variant, see [`Variant`].
        variant: u16,
    },
    /// A step does not fit its operator.
    Op {
        /// The step.
        step: u16,
        /// What does not fit.
        error: OpError,
    },
}

/// Why a session cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SessionError {
    /// The arena is too small.
    ArenaTooSmall {
        /// Bytes that the model needs.
        needed: u32,
        /// Bytes that there are.
        available: u32,
    },
    /// The arena does not start at a multiple of 16.
    ArenaMisaligned,
    /// The model is packed for another core.
    Isa {
        /// The core it is packed for.
        isa: Isa,
    },
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvokeError {
    /// There is no such input, output or subgraph.
    NoSuch {
        /// The number asked for.
        index: u16,
    },
    /// The tensor has another element type than the one asked for.
    Type {
        /// The number of the input or output.
        index: u16,
    },
    /// The checked bytes changed under the session: the memory they are in is damaged.
    Corrupt {
        /// The step that found out.
        step: u16,
    },
}

impl OpError {
    /// Stable number of this kind of error.
    pub const fn code(self) -> u16 {
        match self {
            Self::Operands => 331,
            Self::Type => 332,
            Self::Shape => 333,
            Self::Attributes => 334,
            Self::Constant => 335,
            Self::Scratch => 336,
            Self::Unchecked => 337,
        }
    }
}

impl CheckError {
    /// Stable number of this kind of error, shown as `E0301` and on.
    pub const fn code(self) -> u16 {
        match self {
            Self::Format(error) => error.code(),
            Self::Isa { .. } => 321,
            Self::OpMissing { .. } => 322,
            Self::Op { error, .. } => error.code(),
        }
    }

    /// Two numbers that say where, in the order of the variant's fields.
    pub const fn details(self) -> [u32; 2] {
        match self {
            Self::Format(error) => error.details(),
            Self::Isa { isa } => [isa as u32, 0],
            Self::OpMissing { step, code, variant } => {
                [step as u32, (code as u32) << 16 | variant as u32]
            }
            Self::Op { step, .. } => [step as u32, 0],
        }
    }
}

impl SessionError {
    /// Stable number of this kind of error.
    pub const fn code(self) -> u16 {
        match self {
            Self::ArenaTooSmall { .. } => 341,
            Self::ArenaMisaligned => 342,
            Self::Isa { .. } => 343,
        }
    }

    /// Two numbers that say how much.
    pub const fn details(self) -> [u32; 2] {
        match self {
            Self::ArenaTooSmall { needed, available } => [needed, available],
            Self::ArenaMisaligned => [0, 0],
            Self::Isa { isa } => [isa as u32, 0],
        }
    }
}

impl InvokeError {
    /// Stable number of this kind of error.
    pub const fn code(self) -> u16 {
        match self {
            Self::NoSuch { .. } => 351,
            Self::Type { .. } => 352,
            Self::Corrupt { .. } => 353,
        }
    }

    /// Two numbers that say where.
    pub const fn details(self) -> [u32; 2] {
        match self {
            Self::NoSuch { index } | Self::Type { index } => [index as u32, 0],
            Self::Corrupt { step } => [step as u32, 0],
        }
    }
}

impl From<FormatError> for CheckError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operands => "wrong number of operands",
            Self::Type => "an operand has the wrong element type",
            Self::Shape => "the operands' shapes do not go together",
            Self::Attributes => "attributes are out of range",
            Self::Constant => "an operand must be a constant",
            Self::Scratch => "scratch memory is too small",
            Self::Unchecked => "this firmware has no checks: models are checked when it is built",
        })
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Format(error) => error.fmt(f),
            Self::Isa { isa } => write!(f, "packed for {}, which is another core", isa.name()),
            Self::OpMissing { step, code, variant } => {
                let name = OpCode::from_u16(code).map_or("an unknown operator", OpCode::name);
                let variant = Variant::from_u16(variant).map_or("?", Variant::name);
                write!(f, "step {step}: {name} ({variant}) is not in this firmware")
            }
            Self::Op { step, error } => write!(f, "step {step}: {error}"),
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ArenaTooSmall { needed, available } => {
                write!(f, "the model needs {needed} bytes of arena, there are {available}")
            }
            Self::ArenaMisaligned => write!(f, "the arena is not at a multiple of 16 bytes"),
            Self::Isa { isa } => write!(f, "packed for {}, which is another core", isa.name()),
        }
    }
}

impl fmt::Display for InvokeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuch { index } => write!(f, "there is no input, output or subgraph {index}"),
            Self::Type { index } => write!(f, "tensor {index} has another element type"),
            Self::Corrupt { step } => write!(f, "step {step}: the model's memory is damaged"),
        }
    }
}

impl core::error::Error for OpError {}
impl core::error::Error for CheckError {}
impl core::error::Error for SessionError {}
impl core::error::Error for InvokeError {}
