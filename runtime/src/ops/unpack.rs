//! UNPACK: `x -> y0, y1, ...`, the parts of an axis that vanishes. The attribute is that of
//! CONCATENATION.

use super::bounds::ensure;
use super::concatenation::Attrs;
use super::elements::{Direction, check as check_box, copy};
use super::pack::boxes;
use crate::{Call, Op, OpCode, OpError, Variant};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Unpack, variant: Variant::Any, in_place: false, check, run };

fn check(call: &Call<'_>) -> Result<(), OpError> {
    ensure(call.input_count() == 1 && call.output_count() > 0, OpError::Operands)?;
    let (attrs, x) = (Attrs::decode(call.attrs())?, call.input(0)?.shape);
    boxes(x, attrs, call.output_count(), |index, view| {
        check_box(call, (0, index), &view, Direction::Gather)
    })
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let (attrs, x) = (Attrs::decode(call.attrs())?, call.input(0)?.shape);
    boxes(x, attrs, call.output_count(), |index, view| {
        copy(call, (0, index), &view, Direction::Gather)
    })
}
