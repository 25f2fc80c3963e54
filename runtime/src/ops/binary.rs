//! What operators of two tensors share: broadcasting, and the attributes of the arithmetic ones.

use super::bounds::{
    ensure, read_clamp_f32, read_factor, read_zero, write_clamp_f32, write_factor, write_zero,
};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape, limits::MAX_RANK};
use smidge_kernels::scalar::elementwise::{Broadcast, ScaledS8, binary};
use smidge_kernels::{Clamp, Element, Multiplier, scalar::copy::RANK};

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
    check_to(call, dtype, dtype)
}

/// Checks two inputs of one type and an output of another.
fn check_to(call: &Call<'_>, dtype: DType, output: DType) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let (a, b) = (call.input_of(0, dtype)?, call.input_of(1, dtype)?);
    let y = call.output_of(0, output)?.shape;
    // A scalar broadcasts to one element of any rank.
    let shape = infer(a.shape, b.shape)?;
    ensure(shape.padded() == y.padded(), OpError::Shape)
}

/// How the operands of a checked step are walked.
pub(crate) fn walk(call: &Call<'_>) -> Result<Broadcast, OpError> {
    let (a, b, y) = (call.shape(0)?, call.shape(1)?, call.output(0)?.shape);
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

type Driver = fn(&Call<'_>) -> Result<(), OpError>;

/// The element type of a variant whose operands have one.
const fn dtype_of(variant: Variant) -> DType {
    match variant {
        Variant::S8 => DType::I8,
        Variant::S16 => DType::I16,
        Variant::S32 => DType::I32,
        Variant::S64 => DType::I64,
        Variant::Bool => DType::Bool,
        _ => DType::F32,
    }
}

/// An operator without attributes whose operands and output have one type.
pub(crate) const fn plain(code: OpCode, variant: Variant, run: Driver) -> Op {
    let check: Driver = match dtype_of(variant) {
        DType::I8 => |call| check(call, DType::I8),
        DType::I16 => |call| check(call, DType::I16),
        DType::I32 => |call| check(call, DType::I32),
        DType::I64 => |call| check(call, DType::I64),
        DType::Bool => |call| check(call, DType::Bool),
        _ => |call| check(call, DType::F32),
    };
    Op { code, variant, in_place: true, check, run }
}

/// A comparison: operands of one type, the output Bool. int8 operands are scaled first.
pub(crate) const fn comparison(code: OpCode, variant: Variant, run: Driver) -> Op {
    let check: Driver = match dtype_of(variant) {
        DType::I8 => |call| {
            ScaledAttrs::decode(call.attrs())?;
            check_to(call, DType::I8, DType::Bool)
        },
        DType::I32 => |call| check_to(call, DType::I32, DType::Bool),
        DType::I64 => |call| check_to(call, DType::I64, DType::Bool),
        DType::Bool => |call| check(call, DType::Bool),
        _ => |call| check_to(call, DType::F32, DType::Bool),
    };
    Op { code, variant, in_place: false, check, run }
}

/// Computes an operator without attributes.
pub(crate) fn run<T: Element, U: Element>(
    call: &Call<'_>,
    f: impl Fn(T, T) -> U,
) -> Result<(), OpError> {
    binary(&walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?, f);
    Ok(())
}

/// Compares int8 operands in their common scale.
pub(crate) fn compare_s8(call: &Call<'_>, f: impl Fn(i32, i32) -> bool) -> Result<(), OpError> {
    let kernel = ScaledAttrs::decode(call.attrs())?.kernel(COMPARISON_SHIFT);
    run(call, |a, b| {
        let [a, b] = kernel.apply(a, b);
        u8::from(f(a, b))
    })
}

/// Bits of headroom of int8 comparisons.
const COMPARISON_SHIFT: u32 = 8;

/// Attributes of int8 comparisons: how both operands come to a common scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledAttrs {
    /// Zero points of the operands.
    pub zeros: [i32; 2],
    /// Factors of the raised operands.
    pub factors: [Multiplier; 2],
}

impl ScaledAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 18;

    /// Encodes the bytes that [`ScaledAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.zeros.iter().for_each(|&zero| write_zero(zero, &mut out));
        self.factors.iter().for_each(|&factor| write_factor(factor, &mut out));
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            zeros: [read_zero(&mut from), read_zero(&mut from)],
            factors: [read_factor(&mut from), read_factor(&mut from)],
        };
        let valid = attrs.factors.iter().all(|factor| factor.is_valid());
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }

    fn kernel(&self, left_shift: u32) -> ScaledS8 {
        let offsets = [-self.zeros[0], -self.zeros[1]];
        ScaledS8 { offsets, factors: self.factors, left_shift }
    }
}

/// Attributes of integer arithmetic without scales: bounds of the output (fused activation).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS32 {
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl AttrsS32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 8;

    /// Encodes the bytes that [`AttrsS32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.i32(self.clamp.min);
        out.i32(self.clamp.max);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { clamp: Clamp { min: from.i32(), max: from.i32() } };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// An operator of int32 without scales, with a fused activation.
pub(crate) const fn s32(code: OpCode, run: Driver) -> Op {
    Op { code, variant: Variant::S32, in_place: true, check: check_s32, run }
}

fn check_s32(call: &Call<'_>) -> Result<(), OpError> {
    AttrsS32::decode(call.attrs())?;
    check(call, DType::I32)
}

/// Computes an operator of int32 without scales.
pub(crate) fn run_s32(call: &Call<'_>, f: impl Fn(i32, i32) -> i32) -> Result<(), OpError> {
    let clamp = AttrsS32::decode(call.attrs())?.clamp;
    run(call, |a, b| clamp.apply(f(a, b)))
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
