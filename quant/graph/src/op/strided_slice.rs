//! Slices with steps.

/// Attributes of `STRIDED_SLICE`: bit `i` of a mask speaks about entry `i` of the operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StridedSlice {
    /// The begin is ignored: the slice starts at the first element.
    pub begin_mask: u32,
    /// The end is ignored: the slice runs to the last element.
    pub end_mask: u32,
    /// The entry stands for as many whole axes as are missing.
    pub ellipsis_mask: u32,
    /// The entry inserts an axis of extent 1.
    pub new_axis_mask: u32,
    /// The entry takes one element and drops the axis.
    pub shrink_axis_mask: u32,
    /// The ends count from the begins.
    pub offset: bool,
}
