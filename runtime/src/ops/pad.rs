//! PAD: `x` surrounded by zeros (for integers: by the zero point).
//!
//! Attributes: elements before the first of each dimension, and the value as bytes. What stands
//! behind follows from the output's shape. PADV2 has the same.

use super::bounds::ensure;
use super::elements::{Direction, box_fits, copy, sub_box};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::copy::RANK;

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Pad, variant: Variant::Any, in_place: false, check, run };

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// Elements before the first one of each dimension of `[1, ..., shape]`.
    pub before: [usize; RANK],
    /// The padding value, little-endian in the first bytes.
    pub value: [u8; 8],
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 4 * RANK + 8;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        for before in self.before {
            out.u32(before as u32);
        }
        for byte in self.value {
            out.u8(byte);
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let before = [0; RANK].map(|_: usize| from.u32() as usize);
        let value = [0; 8].map(|_: u8| from.u8());
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(Self { before, value })
    }
}

pub(crate) fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.dtype == y.dtype, OpError::Type)?;
    let fits = box_fits(y.shape.padded(), attrs.before, x.shape.padded());
    ensure(fits && x.shape.rank() == y.shape.rank(), OpError::Shape)
}

pub(crate) fn run(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let (x, y) = (call.input(0)?, call.output(0)?);
    let size = x.dtype.size();
    let value = attrs.value.iter().copied().take(size).cycle();
    call.dst::<u8>(0)?.fill_with(value);
    let view = sub_box(y.shape.padded(), attrs.before, x.shape.padded());
    copy(call, (0, 0), &view, Direction::Scatter)
}
