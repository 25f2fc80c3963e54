//! PACK: `x0, x1, ... -> y`, tensors of one shape one behind the other along a new axis. The attribute
//! is that of CONCATENATION.

use super::bounds::ensure;
use super::concatenation::Attrs;
use super::elements::{Direction, check as check_box, copy, padded_axis, sub_box};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::Shape;
use smidge_kernels::scalar::copy::{RANK, View};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Pack, variant: Variant::Any, in_place: false, check, run };

/// Calls `f(part, box in the whole)` for each of `parts`; UNPACK has the same boxes.
pub(crate) fn boxes(
    whole: Shape,
    attrs: Attrs,
    parts: usize,
    mut f: impl FnMut(usize, View) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let axis = padded_axis(whole, attrs.axis as usize)?;
    let outer = whole.padded();
    ensure(outer.get(axis) == Some(&parts), OpError::Shape)?;
    let (mut begin, mut inner) = ([0usize; RANK], outer);
    for index in 0..parts {
        if let (Some(at), Some(count)) = (begin.get_mut(axis), inner.get_mut(axis)) {
            (*at, *count) = (index, 1);
        }
        f(index, sub_box(outer, begin, inner))?;
    }
    Ok(())
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    ensure(call.input_count() > 0 && call.output_count() == 1, OpError::Operands)?;
    let (attrs, y) = (Attrs::decode(call.attrs())?, call.output(0)?.shape);
    boxes(y, attrs, call.input_count(), |index, view| {
        check_box(call, (index, 0), &view, Direction::Scatter)
    })
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let (attrs, y) = (Attrs::decode(call.attrs())?, call.output(0)?.shape);
    boxes(y, attrs, call.input_count(), |index, view| {
        copy(call, (index, 0), &view, Direction::Scatter)
    })
}
