//! MEAN: the mean over some dimensions of `x -> y`.
//!
//! Attributes: which dimensions of `[1, ..., shape]` are reduced, as bits from the first; for int8
//! also zero points and the factor from the sum of a group to the output's scale.

use super::bounds::{ensure, read_factor, read_zero, write_factor, write_zero};
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape};
use smidge_kernels::Multiplier;
use smidge_kernels::native;
use smidge_kernels::scalar::copy::RANK;
use smidge_kernels::scalar::reduce::{MeanS8, Reduce, mean_f32};
use smidge_kernels::scalar::s16::mean_s16;

/// int8.
pub const S8: Op =
    Op { code: OpCode::Mean, variant: Variant::S8, in_place: false, check: check_s8, run: run_s8 };

/// int16; zero points are 0.
pub const S16: Op = Op {
    code: OpCode::Mean,
    variant: Variant::S16,
    in_place: false,
    check: check_s16,
    run: run_s16,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Mean,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// Most int8 values whose sum, zero points apart, has 31 bits.
const MOST_SUMMED_S8: usize = 1 << 22;

/// The reduced dimensions of a padded shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axes(pub [bool; RANK]);

impl Axes {
    fn read(from: &mut Reader<'_>) -> Self {
        let bits = from.u8();
        let mut axes = [false; RANK];
        for (i, axis) in axes.iter_mut().enumerate() {
            *axis = bits >> i & 1 != 0;
        }
        Self(axes)
    }

    fn write<const N: usize>(self, to: &mut Writer<N>) {
        let bits = self.0.iter().enumerate().map(|(i, &axis)| (axis as u8) << i);
        to.u8(bits.fold(0, |all, bit| all | bit));
    }

    /// The walk over an input of this shape.
    pub(crate) fn over(self, x: Shape) -> Reduce {
        Reduce::new(x.padded(), self.0)
    }

    /// Fails if more than `most` elements are summed.
    fn check_count(self, call: &Call<'_>, most: usize) -> Result<(), OpError> {
        let count = self.over(call.shape(0)?).reduced.elements();
        ensure(count.is_some_and(|count| count <= most), OpError::Shape)
    }

    pub(crate) fn check(self, call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
        call.expect(1, 1)?;
        let outputs = self.over(call.input_of(0, dtype)?.shape).kept.elements();
        ensure(outputs == Some(call.output_of(0, dtype)?.shape.elements()), OpError::Shape)
    }
}

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// The reduced dimensions.
    pub axes: Axes,
    /// The input's zero point.
    pub input_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Factor from a sum to the output's scale, the number of elements included.
    pub factor: Multiplier,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 11;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.axes.write(&mut out);
        write_zero(self.input_zero, &mut out);
        write_zero(self.output_zero, &mut out);
        write_factor(self.factor, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            axes: Axes::read(&mut from),
            input_zero: read_zero(&mut from),
            output_zero: read_zero(&mut from),
            factor: read_factor(&mut from),
        };
        ensure(attrs.factor.is_valid() && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// The reduced dimensions.
    pub axes: Axes,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 1;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.axes.write(&mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { axes: Axes::read(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    let axes = AttrsS8::decode(call.attrs())?.axes;
    axes.check(call, DType::I8)?;
    axes.check_count(call, MOST_SUMMED_S8)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    AttrsF32::decode(call.attrs())?.axes.check(call, DType::F32)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let mean = MeanS8 {
        walk: attrs.axes.over(call.shape(0)?),
        input_offset: -attrs.input_zero,
        output_offset: attrs.output_zero,
        factor: attrs.factor,
    };
    native::mean_s8(call.cpu(), &mean, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_s16(call: &Call<'_>) -> Result<(), OpError> {
    let axes = AttrsS8::decode(call.attrs())?.axes;
    axes.check(call, DType::I16)?;
    axes.check_count(call, s16::MOST_SUMMED)
}

fn run_s16(call: &Call<'_>) -> Result<(), OpError> {
    let AttrsS8 { axes, factor, .. } = AttrsS8::decode(call.attrs())?;
    let walk = axes.over(call.shape(0)?);
    mean_s16(&walk, factor, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let walk = AttrsF32::decode(call.attrs())?.axes.over(call.shape(0)?);
    mean_f32(&walk, call.src(0)?, call.dst(0)?);
    Ok(())
}
