//! CUMSUM: running sums of `x -> y` along an axis.

use super::bounds::ensure;
use super::lines::{Attrs as Axis, lines};
use super::unary::check_same;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::{Element, scalar::scan};

/// int32.
pub const S32: Op = Op {
    code: OpCode::Cumsum,
    variant: Variant::S32,
    in_place: true,
    check: |call| check(call, DType::I32),
    run: |call| run(call, i32::wrapping_add),
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Cumsum,
    variant: Variant::F32,
    in_place: true,
    check: |call| check(call, DType::F32),
    run: |call| run(call, |a: f32, b| a + b),
};

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// The axis, counted from the first dimension.
    pub axis: u8,
    /// An element is not part of its own sum.
    pub exclusive: bool,
    /// From the last element.
    pub reverse: bool,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 3;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        for byte in [self.axis, self.exclusive as u8, self.reverse as u8] {
            out.u8(byte);
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let [axis, exclusive, reverse] = from.array();
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(Self { axis, exclusive: exclusive != 0, reverse: reverse != 0 })
    }
}

fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(1, 1)?;
    let axis = Attrs::decode(call.attrs())?.axis;
    lines(call.input_of(0, dtype)?.shape, Axis { axis })?;
    check_same(call, dtype)
}

fn run<T: Element>(call: &Call<'_>, add: impl Fn(T, T) -> T) -> Result<(), OpError> {
    let Attrs { axis, exclusive, reverse } = Attrs::decode(call.attrs())?;
    let lines = lines(call.input(0)?.shape, Axis { axis })?;
    scan::cumulative(&lines, (exclusive, reverse), call.src(0)?, call.dst(0)?, add);
    Ok(())
}
