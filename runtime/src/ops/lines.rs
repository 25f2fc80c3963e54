//! What operators along one axis share.

use super::concatenation;
use super::elements::padded_axis;
use crate::OpError;
use smidge_format::Shape;
use smidge_kernels::scalar::scan::Lines;

/// Attributes: the axis, as in CONCATENATION.
pub use concatenation::Attrs;

/// A shape with the axis in the middle.
pub(crate) fn lines(x: Shape, attrs: Attrs) -> Result<Lines, OpError> {
    let axis = padded_axis(x, attrs.axis as usize)?;
    let dims = x.padded();
    let product = |dims: &[usize]| dims.iter().product();
    let (before, rest) = dims.split_at_checked(axis).ok_or(OpError::Attributes)?;
    let (&len, behind) = rest.split_first().ok_or(OpError::Attributes)?;
    Ok(Lines { outer: product(before), len, inner: product(behind) })
}
