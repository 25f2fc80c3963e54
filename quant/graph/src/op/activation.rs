//! Activation functions fused into other operators.

/// A function applied to the result of an operator, element by element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// max(x, 0).
    Relu,
    /// x limited to −1 … 1.
    ReluN1To1,
    /// x limited to 0 … 6.
    Relu6,
    /// Hyperbolic tangent.
    Tanh,
    /// 1 for negative x, else 0.
    SignBit,
}

impl Activation {
    /// The real interval that the activation limits its operand to; `None` for the functions that
    /// are not a limit.
    pub const fn limits(self) -> Option<(f32, f32)> {
        match self {
            Self::None => Some((f32::NEG_INFINITY, f32::INFINITY)),
            Self::Relu => Some((0.0, f32::INFINITY)),
            Self::ReluN1To1 => Some((-1.0, 1.0)),
            Self::Relu6 => Some((0.0, 6.0)),
            Self::Tanh | Self::SignBit => None,
        }
    }

    /// Name as in TFLite files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Relu => "RELU",
            Self::ReluN1To1 => "RELU_N1_TO_1",
            Self::Relu6 => "RELU6",
            Self::Tanh => "TANH",
            Self::SignBit => "SIGN_BIT",
        }
    }
}
