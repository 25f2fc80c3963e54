//! SCATTER: `y` is a copy of `x [rows, inner]` in which the rows that indices name are joined with
//! updates `[count, inner]`, one after the other.
//!
//! Indices are int32; negative ones count from the end, one outside changes nothing. ONNX's
//! ScatterND and ScatterElements become this one.

use super::bounds::ensure;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Element;
use smidge_kernels::scalar::lookup::scatter_rows;

/// int32.
pub const S32: Op = Op {
    code: OpCode::Scatter,
    variant: Variant::S32,
    in_place: false,
    check: |call| check(call, DType::I32),
    run: |call| run(call, [|_, b| b, i32::wrapping_add, i32::wrapping_mul, Ord::max, Ord::min]),
};

/// int64.
pub const S64: Op = Op {
    code: OpCode::Scatter,
    variant: Variant::S64,
    in_place: false,
    check: |call| check(call, DType::I64),
    run: |call| run(call, [|_, b| b, i64::wrapping_add, i64::wrapping_mul, Ord::max, Ord::min]),
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Scatter,
    variant: Variant::F32,
    in_place: false,
    check: |call| check(call, DType::F32),
    run: |call| run::<f32>(call, [|_, b| b, |a, b| a + b, |a, b| a * b, f32::max, f32::min]),
};

/// int8, which are only put in place.
pub const S8: Op = Op {
    code: OpCode::Scatter,
    variant: Variant::S8,
    in_place: false,
    check: |call| {
        ensure(Attrs::decode(call.attrs())?.join == 0, OpError::Attributes)?;
        check(call, DType::I8)
    },
    run: |call| run::<i8>(call, [|_, b| b; 5]),
};

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// What becomes of an element: 0 the update, 1 the sum, 2 the product, 3 the larger, 4 the
    /// smaller of both.
    pub join: u8,
    /// Elements of a row.
    pub inner: u32,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 5;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u8(self.join);
        out.u32(self.inner);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let [join] = from.array();
        let attrs = Self { join, inner: from.u32() };
        ensure(from.is_complete() && attrs.join < 5, OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let attrs = Attrs::decode(call.attrs())?;
    let (x, index) = (call.input_of(0, dtype)?, call.input_of(1, DType::I32)?);
    let (updates, y) = (call.input_of(2, dtype)?, call.output_of(0, dtype)?);
    let elements = x.shape.elements();
    let inner = attrs.inner as usize;
    let whole = elements.checked_rem(inner) == Some(0);
    let filled = index.shape.elements().checked_mul(inner) == Some(updates.shape.elements());
    ensure(whole && filled && y.shape.elements() == elements, OpError::Shape)
}

fn run<T: Element>(call: &Call<'_>, joins: [fn(T, T) -> T; 5]) -> Result<(), OpError> {
    let attrs = Attrs::decode(call.attrs())?;
    let join = *joins.get(attrs.join as usize).ok_or(OpError::Attributes)?;
    let (x, index, updates) = (call.src(0)?, call.src(1)?, call.src(2)?);
    scatter_rows(attrs.inner as usize, x, index, updates, call.dst(0)?, join);
    Ok(())
}
