//! Operators of one int16 value: RELU and its relatives, LEAKY_RELU, LOGISTIC, TANH; and SOFTMAX.

use super::{check_same, complete, read_clamp, write_clamp};
use crate::ops::bounds::{ensure, read_factor, write_factor};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::requant::{SHIFT_MAX, SHIFT_MIN};
use smidge_kernels::scalar::s16::{
    CURVE, Curve, LUT, LeakyReluS16, SoftmaxS16, leaky_relu_s16, logistic_s16, relu_s16,
    softmax_s16, table_s16, tanh_s16,
};
use smidge_kernels::{Clamp, Dst, Multiplier, Src};

/// Attributes of RELU and RELU6: 12 bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReluAttrs {
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
    /// Factor from the input's scale to the output's.
    pub factor: Multiplier,
}

impl ReluAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 12;

    /// Encodes the bytes that [`ReluAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_clamp(self.clamp, &mut out);
        write_factor(self.factor, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { clamp: read_clamp(&mut from), factor: read_factor(&mut from) };
        ensure(attrs.factor.is_valid(), OpError::Attributes)?;
        complete(attrs, &from)
    }
}

pub(crate) fn check_relu(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    ReluAttrs::decode(call.attrs())?;
    check_same(call)
}

pub(crate) fn run_relu(call: &Call<'_>) -> Result<(), OpError> {
    let ReluAttrs { clamp, factor } = ReluAttrs::decode(call.attrs())?;
    relu_s16(factor, clamp, call.src(0)?, call.dst(0)?);
    Ok(())
}

/// Attributes of LEAKY_RELU: factors for values that are not negative, and for the others. The
/// latter's mantissa may be negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyAttrs {
    /// Both factors.
    pub factors: [Multiplier; 2],
}

impl LeakyAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 16;

    /// Encodes the bytes that [`LeakyAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.factors.iter().for_each(|&factor| write_factor(factor, &mut out));
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { factors: [read_factor(&mut from), read_factor(&mut from)] };
        let shifts = attrs.factors.iter().map(|factor| factor.shift);
        let valid = shifts.into_iter().all(|shift| (SHIFT_MIN..=SHIFT_MAX).contains(&shift));
        ensure(valid, OpError::Attributes)?;
        complete(attrs, &from)
    }
}

pub(crate) fn check_leaky_relu(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    LeakyAttrs::decode(call.attrs())?;
    check_same(call)
}

pub(crate) fn run_leaky_relu(call: &Call<'_>) -> Result<(), OpError> {
    let [positive, negative] = LeakyAttrs::decode(call.attrs())?.factors;
    leaky_relu_s16(&LeakyReluS16 { positive, negative }, call.src(0)?, call.dst(0)?);
    Ok(())
}

/// Attributes of LOGISTIC and TANH: how an input becomes a position in the table, which is the second
/// operand: 256 unsigned numbers in the bits of int16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurveAttrs {
    /// Factor of an input, at most 32,767 in magnitude.
    pub multiplier: i32,
    /// Bits that the product is shifted by, at most 31.
    pub shift: u8,
}

impl CurveAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 5;

    /// Encodes the bytes that [`CurveAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.i32(self.multiplier);
        out.u8(self.shift);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { multiplier: from.i32(), shift: from.u8() };
        let valid = (0..=32_767).contains(&attrs.multiplier) && attrs.shift <= 31;
        ensure(valid, OpError::Attributes)?;
        complete(attrs, &from)
    }
}

pub(crate) fn check_curve(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    CurveAttrs::decode(call.attrs())?;
    call.constant::<u16>(1, DType::I16, CURVE)?;
    check_same(call)
}

/// One of the kernels that interpolate.
type CurveKernel = fn(Curve, Src<'_, u16>, Src<'_, i16>, Dst<'_, i16>);

fn run_curve(call: &Call<'_>, kernel: CurveKernel) -> Result<(), OpError> {
    let CurveAttrs { multiplier, shift } = CurveAttrs::decode(call.attrs())?;
    let curve = Curve { multiplier, shift: shift.into() };
    kernel(curve, call.src(1)?, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn run_logistic(call: &Call<'_>) -> Result<(), OpError> {
    run_curve(call, logistic_s16)
}

pub(crate) fn run_tanh(call: &Call<'_>) -> Result<(), OpError> {
    run_curve(call, tanh_s16)
}

/// Any function of one value: operands x and the table, 513 values from the smallest to the largest.
pub(crate) fn check_table(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(2, 1)?;
    call.constant::<i16>(1, DType::I16, LUT)?;
    check_same(call)
}

pub(crate) fn run_table(call: &Call<'_>) -> Result<(), OpError> {
    table_s16(call.src(1)?, call.src(0)?, call.dst(0)?);
    Ok(())
}

/// Attributes of SOFTMAX; the second and third operand are the tables of `exp` and `1 / (1 + x)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftmaxAttrs {
    /// Factor from a difference of inputs to steps of 10 / 65535.
    pub factor: Multiplier,
}

impl SoftmaxAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 8;

    /// Encodes the bytes that [`SoftmaxAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_factor(self.factor, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { factor: read_factor(&mut from) };
        ensure(attrs.factor.is_valid(), OpError::Attributes)?;
        complete(attrs, &from)
    }
}

pub(crate) fn check_softmax(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    SoftmaxAttrs::decode(call.attrs())?;
    call.constant::<i16>(1, DType::I16, LUT)?;
    call.constant::<i16>(2, DType::I16, LUT)?;
    // The sum of a row has 31 bits.
    ensure(call.shape(0)?.last() <= super::MOST_SUMMED, OpError::Shape)?;
    check_same(call)
}

pub(crate) fn run_softmax(call: &Call<'_>) -> Result<(), OpError> {
    let SoftmaxAttrs { factor } = SoftmaxAttrs::decode(call.attrs())?;
    let depth = call.shape(0)?.last();
    let p = SoftmaxS16 { factor, exps: call.src(1)?, reciprocals: call.src(2)? };
    softmax_s16(&p, depth, call.src(0)?, call.dst(0)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding_and_are_checked() {
        let factor = Multiplier { mantissa: 1 << 30, shift: -3 };
        let relu = ReluAttrs { clamp: Clamp { min: 0, max: 32767 }, factor };
        assert_eq!(ReluAttrs::decode(Reader::new(&relu.encode())), Ok(relu));
        let negative = Multiplier { mantissa: -(1 << 30), shift: 0 };
        let leaky = LeakyAttrs { factors: [factor, negative] };
        assert_eq!(LeakyAttrs::decode(Reader::new(&leaky.encode())), Ok(leaky));
        let curve = CurveAttrs { multiplier: 32_767, shift: 31 };
        assert_eq!(CurveAttrs::decode(Reader::new(&curve.encode())), Ok(curve));
        let softmax = SoftmaxAttrs { factor };
        assert_eq!(SoftmaxAttrs::decode(Reader::new(&softmax.encode())), Ok(softmax));

        let far = Multiplier { shift: 31, ..factor };
        let bad = LeakyAttrs { factors: [factor, far] };
        assert_eq!(LeakyAttrs::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
        for bad in [CurveAttrs { multiplier: 32_768, ..curve }, CurveAttrs { shift: 32, ..curve }] {
            assert_eq!(CurveAttrs::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
        }
    }
}
