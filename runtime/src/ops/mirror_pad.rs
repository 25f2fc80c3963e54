//! MIRROR_PAD: `x` surrounded by its own reflection `-> y`.

use super::bounds::ensure;
use super::elements::box_fits;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::copy::RANK;
use smidge_kernels::scalar::walk::mirror_pad;

/// Any element type.
pub const ANY: Op =
    Op { code: OpCode::MirrorPad, variant: Variant::Any, in_place: false, check, run };

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// Elements in front of each dimension of `[1, ..., shape]`.
    pub before: [usize; RANK],
    /// The border's elements are repeated.
    pub symmetric: bool,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 4 * RANK + 1;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.before.iter().for_each(|&before| out.u32(before as u32));
        out.u8(self.symmetric as u8);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let before = [0; RANK].map(|_: usize| from.u32() as usize);
        let symmetric = from.u8() != 0;
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(Self { before, symmetric })
    }
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.dtype == y.dtype, OpError::Type)?;
    let (inner, outer) = (x.shape.padded(), y.shape.padded());
    let fits = box_fits(outer, attrs.before, inner) && x.shape.rank() == y.shape.rank();
    // A reflection is not longer than what it shows.
    let reach = |n: usize| if attrs.symmetric { n } else { n.saturating_sub(1) };
    let sides = outer.into_iter().zip(inner).zip(attrs.before);
    let mut sides = sides.map(|((outer, inner), before)| {
        before <= reach(inner) && outer.wrapping_sub(inner).wrapping_sub(before) <= reach(inner)
    });
    ensure(fits && sides.all(|fits| fits), OpError::Shape)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let Attrs { before, symmetric } = Attrs::decode(call.attrs())?;
    let counts = (call.input(0)?.shape.padded(), call.output(0)?.shape.padded());
    macro_rules! pad_as {
        ($type:ty) => {
            mirror_pad::<$type>(counts, before, symmetric, call.src(0)?, call.dst(0)?)
        };
    }
    match call.input(0)?.dtype.size() {
        1 => pad_as!(u8),
        2 => pad_as!(u16),
        4 => pad_as!(u32),
        _ => pad_as!(u64),
    }
    Ok(())
}
