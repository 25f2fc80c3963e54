//! What ADD, SUB, MUL and PRELU share: broadcasting, and the attributes of the float forms.

use super::bounds::{ensure, read_clamp_f32, write_clamp_f32};
use crate::{Call, OpError};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape, limits::MAX_RANK};
use smidge_kernels::scalar::elementwise::{Broadcast, binary};
use smidge_kernels::{Clamp, scalar::copy::RANK};

const _: () = assert!(RANK == MAX_RANK, "kernels walk as many dimensions as shapes may have");

/// The shape that `a` and `b` broadcast to: aligned at the last dimension, equal or 1 each.
pub fn infer(a: Shape, b: Shape) -> Result<Shape, OpError> {
    let rank = a.rank().max(b.rank());
    let (a, b) = (a.padded(), b.padded());
    let mut dims = [1u32; MAX_RANK];
    for ((dim, a), b) in dims.iter_mut().zip(a).zip(b) {
        ensure(a == b || a == 1 || b == 1, OpError::Shape)?;
        *dim = if a == 1 { b as u32 } else { a as u32 };
    }
    dims.get(MAX_RANK - rank..).and_then(Shape::new).ok_or(OpError::Shape)
}

/// Checks two inputs and an output of one type.
pub(crate) fn check(call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let (a, b) = (call.input_of(0, dtype)?, call.input_of(1, dtype)?);
    let y = call.output_of(0, dtype)?.shape;
    // A scalar broadcasts to one element of any rank.
    let shape = infer(a.shape, b.shape)?;
    ensure(shape.padded() == y.padded(), OpError::Shape)
}

/// How the operands of a checked step are walked.
pub(crate) fn walk(call: &Call<'_>) -> Result<Broadcast, OpError> {
    let (a, b, y) = (call.input(0)?.shape, call.input(1)?.shape, call.output(0)?.shape);
    Broadcast::new(a.padded(), b.padded(), y.padded()).ok_or(OpError::Shape)
}

/// Attributes of the float forms: bounds of the output (fused activation).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Bounds of the output.
    pub clamp: Clamp<f32>,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 8;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_clamp_f32(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { clamp: read_clamp_f32(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

pub(crate) fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    AttrsF32::decode(call.attrs())?;
    check(call, DType::F32)
}

/// Computes a float form.
pub(crate) fn run_f32(call: &Call<'_>, f: impl Fn(f32, f32) -> f32) -> Result<(), OpError> {
    let clamp = AttrsF32::decode(call.attrs())?.clamp;
    let (a, b, y) = (call.src(0)?, call.src(1)?, call.dst(0)?);
    binary(&walk(call)?, a, b, y, |a, b| clamp.apply(f(a, b)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_broadcast_from_the_right() {
        let shape = |dims: &[u32]| Shape::new(dims).unwrap();
        type Case<'a> = (&'a [u32], &'a [u32], Option<&'a [u32]>);
        let cases: [Case<'_>; 6] = [
            (&[2, 3], &[2, 3], Some(&[2, 3])),
            (&[1, 4, 5, 3], &[3], Some(&[1, 4, 5, 3])),
            (&[4, 1], &[1, 5], Some(&[4, 5])),
            (&[], &[2, 2], Some(&[2, 2])),
            (&[2, 3], &[2], None),
            (&[1, 2, 3, 4, 5, 6], &[6, 1], None),
        ];
        for (a, b, y) in cases {
            assert_eq!(infer(shape(a), shape(b)).ok(), y.map(shape), "{a:?} {b:?}");
            assert_eq!(infer(shape(b), shape(a)).ok(), y.map(shape), "{b:?} {a:?}");
        }
    }
}
