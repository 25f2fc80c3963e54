//! Arithmetic between two tensors.

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
