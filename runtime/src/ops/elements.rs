//! What operators share that move elements of any type without looking at them.

use super::bounds::ensure;
use crate::{Call, OpError};
use smidge_format::Shape;
use smidge_kernels::scalar::copy::{RANK, View, gather, scatter};

/// Which side of a copy the box of a [`View`] is on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From a box of the input to the whole output.
    Gather,
    /// From the whole input to a box of the output.
    Scatter,
}

/// Copies input to output by element size.
pub(crate) fn copy(
    call: &Call<'_>,
    (input, output): (usize, usize),
    view: &View,
    direction: Direction,
) -> Result<(), OpError> {
    macro_rules! copy_as {
        ($type:ty) => {{
            let (x, y) = (call.src::<$type>(input)?, call.dst::<$type>(output)?);
            match direction {
                Direction::Gather => gather(view, x, y),
                Direction::Scatter => scatter(view, x, y),
            }
        }};
    }
    match call.input(input)?.dtype.size() {
        1 => copy_as!(u8),
        2 => copy_as!(u16),
        4 => copy_as!(u32),
        _ => copy_as!(u64),
    }
    Ok(())
}

/// Fails unless input and output have one type and the box has as many elements as the whole side,
/// all inside the other.
pub(crate) fn check(
    call: &Call<'_>,
    (input, output): (usize, usize),
    view: &View,
    direction: Direction,
) -> Result<(), OpError> {
    let (x, y) = (call.input(input)?, call.output(output)?);
    ensure(x.dtype == y.dtype, OpError::Type)?;
    let (whole, boxed) = match direction {
        Direction::Gather => (y, x),
        Direction::Scatter => (x, y),
    };
    let fits =
        view.elements() == Some(whole.shape.elements()) && view.is_inside(boxed.shape.elements());
    ensure(fits, OpError::Shape)
}

/// The axis `axis` of a shape, counted in the padded form.
pub(crate) fn padded_axis(shape: Shape, axis: usize) -> Result<usize, OpError> {
    ensure(axis < shape.rank(), OpError::Attributes)?;
    Ok(RANK - shape.rank() + axis)
}

/// The box of `inner` elements per dimension that starts at `begin` in a tensor of `outer` elements
/// per dimension. All dimensions are padded on the left.
pub(crate) fn sub_box(outer: [usize; RANK], begin: [usize; RANK], inner: [usize; RANK]) -> View {
    let whole = View::whole(outer);
    let offsets = begin.iter().zip(whole.step).map(|(&b, step)| b.wrapping_mul(step as usize));
    let start = offsets.fold(0, usize::wrapping_add);
    View { count: inner, step: whole.step, start }
}

/// Whether `begin + inner` stays inside `outer` along every dimension.
pub(crate) fn box_fits(outer: [usize; RANK], begin: [usize; RANK], inner: [usize; RANK]) -> bool {
    let ends = begin.iter().zip(inner).map(|(&b, n)| b.checked_add(n));
    ends.zip(outer).all(|(end, outer)| end.is_some_and(|end| end <= outer))
}
