//! GATHER: the elements of `x` that indices name along an axis `-> y`. An index outside gives zeros;
//! negative ones count from the end.
//!
//! Operands: x, seen as `[batch, outer, len, inner]`, and indices `[batch, count]`, integers.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::lookup::{Gather, gather_rows};

/// Any element type.
pub const ANY: Op = Op { code: OpCode::Gather, variant: Variant::Any, in_place: false, check, run };

/// Attributes: how x is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// Elements of the dimensions that x and indices share.
    pub batch: u32,
    /// Elements of the dimensions between those and the axis.
    pub outer: u32,
    /// Elements along the axis.
    pub len: u32,
    /// Elements of the dimensions behind the axis.
    pub inner: u32,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 16;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        for number in [self.batch, self.outer, self.len, self.inner] {
            out.u32(number);
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs =
            Self { batch: from.u32(), outer: from.u32(), len: from.u32(), inner: from.u32() };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }

    fn kernel(self, call: &Call<'_>) -> Result<Gather, OpError> {
        let [batch, outer, len, inner] =
            [self.batch, self.outer, self.len, self.inner].map(|n| n as usize);
        let count = call.input(1)?.shape.elements().checked_div(batch).ok_or(OpError::Shape)?;
        let inner = inner.checked_mul(call.input(0)?.dtype.size()).ok_or(OpError::Shape)?;
        Ok(Gather { batch, outer, len, inner, count })
    }
}

pub(crate) fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, index, y) = (call.input(0)?, call.input(1)?, call.output(0)?);
    let integer = matches!(index.dtype, DType::I8 | DType::I16 | DType::I32 | DType::I64);
    ensure(integer && x.dtype == y.dtype, OpError::Type)?;
    let p = attrs.kernel(call)?;
    let product =
        |numbers: [usize; 4]| numbers.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
    let inner = attrs.inner as usize;
    let fits = product([p.batch, p.outer, p.len, inner]) == Some(x.shape.elements())
        && product([p.batch, p.outer, p.count, inner]) == Some(y.shape.elements())
        && p.batch.checked_mul(p.count) == Some(index.shape.elements());
    ensure(fits, OpError::Shape)
}

pub(crate) fn run(call: &Call<'_>) -> Result<(), OpError> {
    let p = Attrs::decode(call.attrs())?.kernel(call)?;
    let (x, y) = (call.src(0)?, call.dst(0)?);
    match call.input(1)?.dtype {
        DType::I8 => gather_rows::<i8>(&p, x, call.src(1)?, y),
        DType::I16 => gather_rows::<i16>(&p, x, call.src(1)?, y),
        DType::I64 => gather_rows::<i64>(&p, x, call.src(1)?, y),
        _ => gather_rows::<i32>(&p, x, call.src(1)?, y),
    }
    Ok(())
}
