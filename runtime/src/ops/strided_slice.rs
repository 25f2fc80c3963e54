//! STRIDED_SLICE: a box of `x`, with strides that may be negative, dimensions dropped or added.
//!
//! The converter resolves begin, end, strides and masks to a walk over the input's elements; SLICE
//! and TRANSPOSE are the same walk with other numbers.

use super::bounds::ensure;
use super::elements::{Direction, check as check_box, copy};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::copy::{RANK, View};

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::StridedSlice, variant: Variant::Any, in_place: false, check, run };

/// Attributes: which elements of the input, in the order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// The walk; its element count is the output's.
    pub view: View,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 4 + 8 * RANK;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u32(self.view.start as u32);
        for count in self.view.count {
            out.u32(count as u32);
        }
        for step in self.view.step {
            out.i32(step as i32);
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let start = from.u32() as usize;
        let count = [0; RANK].map(|_: usize| from.u32() as usize);
        let step = [0; RANK].map(|_: usize| from.i32() as isize);
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(Self { view: View { count, step, start } })
    }
}

pub(crate) fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let view = Attrs::decode(call.attrs())?.view;
    check_box(call, (0, 0), &view, Direction::Gather)
}

pub(crate) fn run(call: &Call<'_>) -> Result<(), OpError> {
    let view = Attrs::decode(call.attrs())?.view;
    copy(call, (0, 0), &view, Direction::Gather)
}
