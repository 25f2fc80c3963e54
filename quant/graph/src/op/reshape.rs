//! Reshapes.

/// Attributes of `RESHAPE`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reshape {
    /// The new shape when the file states it as an attribute; at most one extent is −1, which
    /// stands for whatever is left. The second operand wins over it, and the shape of the output
    /// tensor is the same for both.
    pub new_shape: Option<Vec<i32>>,
}
