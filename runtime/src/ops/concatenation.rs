//! CONCATENATION: `x0, x1, ... -> y`, one behind the other along an axis.
//!
//! All operands have one type and, for integers, one scale and zero point: where the source's differ,
//! the converter puts a QUANTIZE before the operand.

use super::bounds::ensure;
use super::elements::{Direction, check as check_box, copy, padded_axis, sub_box};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::copy::{RANK, View};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::Concatenation, variant: Variant::Any, in_place: false, check, run };

/// Attributes; SPLIT has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// The axis, counted from the first dimension.
    pub axis: u8,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 1;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u8(self.axis);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { axis: from.u8() };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Calls `f(operand, box in the output)` for every operand.
fn boxes(
    call: &Call<'_>,
    mut f: impl FnMut(usize, View) -> Result<(), OpError>,
) -> Result<(), OpError> {
    let y = call.output(0)?.shape;
    let axis = padded_axis(y, Attrs::decode(call.attrs())?.axis as usize)?;
    let mut begin = [0usize; RANK];
    for index in 0..call.input_count() {
        let inner = call.input(index)?.shape.padded();
        f(index, sub_box(y.padded(), begin, inner))?;
        if let (Some(at), Some(count)) = (begin.get_mut(axis), inner.get(axis)) {
            *at = at.saturating_add(*count);
        }
    }
    ensure(begin.get(axis) == y.padded().get(axis), OpError::Shape)
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    ensure(call.input_count() > 0 && call.output_count() == 1, OpError::Operands)?;
    let y = call.output(0)?.shape;
    let axis = padded_axis(y, Attrs::decode(call.attrs())?.axis as usize)?;
    for index in 0..call.input_count() {
        let x = call.input(index)?.shape;
        let dims = x.padded().into_iter().zip(y.padded()).enumerate();
        let same = dims.into_iter().all(|(d, (x, y))| d == axis || x == y);
        ensure(same && x.rank() == y.rank(), OpError::Shape)?;
    }
    boxes(call, |index, view| check_box(call, (index, 0), &view, Direction::Scatter))
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    boxes(call, |index, view| copy(call, (index, 0), &view, Direction::Scatter))
}
