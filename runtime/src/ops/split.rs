//! SPLIT: `x -> y0, y1, ...`, equal parts along an axis. Attributes are those of CONCATENATION.

use super::bounds::ensure;
use super::concatenation::Attrs;
use super::elements::{Direction, check as check_box, copy, padded_axis, sub_box};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_kernels::scalar::copy::{RANK, View};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Split, variant: Variant::Any, in_place: false, check, run };

/// Calls `f(output, box in the input)` for every output.
fn boxes(
    call: &Call<'_>,
    mut f: impl FnMut(usize, View) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let x = call.shape(0)?;
    let axis = padded_axis(x, Attrs::decode(call.attrs())?.axis as usize)?;
    let mut begin = [0usize; RANK];
    for index in 0..call.output_count() {
        let inner = call.output(index)?.shape.padded();
        f(index, sub_box(x.padded(), begin, inner))?;
        if let (Some(at), Some(count)) = (begin.get_mut(axis), inner.get(axis)) {
            *at = at.saturating_add(*count);
        }
    }
    ensure(begin.get(axis) == x.padded().get(axis), OpError::Shape)
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    ensure(call.input_count() == 1 && call.output_count() > 0, OpError::Operands)?;
    let x = call.shape(0)?;
    let axis = padded_axis(x, Attrs::decode(call.attrs())?.axis as usize)?;
    for index in 0..call.output_count() {
        let y = call.output(index)?.shape;
        let dims = x.padded().into_iter().zip(y.padded()).enumerate();
        let same = dims.into_iter().all(|(d, (x, y))| d == axis || x == y);
        ensure(same && x.rank() == y.rank(), OpError::Shape)?;
    }
    boxes(call, |index, view| check_box(call, (0, index), &view, Direction::Gather))
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    boxes(call, |index, view| copy(call, (0, index), &view, Direction::Gather))
}
