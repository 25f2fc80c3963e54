//! CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with int16 activations and int8 weights.
//!
//! Operands: x, w, bias (may be absent) and the factors, constants. The accumulators' form says which
//! type the bias has and what a factor is; see [`SumsKind`].

use super::{complete, read_clamp, write_clamp};
use crate::ops::bounds::ensure;
use crate::ops::window::WindowAttrs;
use crate::ops::{conv_2d, depthwise_conv_2d, fully_connected, transpose_conv};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::requant::{REDUCED_SHIFT_MAX, RealFactor};
use smidge_kernels::scalar::s16::{ConvS16, DepthwiseS16, FullyConnectedS16, Sums};
use smidge_kernels::scalar::transpose_conv::transpose_conv_s16;
use smidge_kernels::{Clamp, Multiplier, native};

/// How a layer sums and requantizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SumsKind {
    /// int32 bias and sums, factors `[n, 2]` (mantissa, shift) with double rounding.
    Narrow = 0,
    /// int64 bias and sums, factors `[n, 2]` of which the upper half of the mantissa counts.
    Wide = 1,
    /// int64 bias and sums, factors `[n, 3]` (mantissa's lower and upper half, shift) of double
    /// precision.
    Real = 2,
}

impl SumsKind {
    fn read(from: &mut Reader<'_>) -> Result<Self, OpError> {
        Ok(match from.u8() {
            0 => Self::Narrow,
            1 => Self::Wide,
            2 => Self::Real,
            _ => return Err(OpError::Attributes),
        })
    }

    /// The numbers that make a factor.
    fn factor_len(self) -> usize {
        if self == Self::Real { 3 } else { 2 }
    }

    /// Checks bias and factors of a layer with so many outputs; `pairs` is how many factors it has.
    fn check(self, call: &Call<'_>, outputs: usize, count: usize) -> Result<(), OpError> {
        let bias = if self == Self::Narrow { DType::I32 } else { DType::I64 };
        call.check_bias(2, bias, outputs)?;
        let len = count.checked_mul(self.factor_len()).ok_or(OpError::Shape)?;
        let factors = call.constant::<i32>(3, DType::I32, len)?;
        let valid = factors.chunks_exact(self.factor_len()).all(|factor| self.is_valid(factor));
        ensure(valid, OpError::Attributes)
    }

    fn is_valid(self, factor: &[i32]) -> bool {
        match *factor {
            [mantissa, shift] => {
                let factor = Multiplier { mantissa, shift };
                factor.is_valid() && (self == Self::Narrow || shift <= REDUCED_SHIFT_MAX)
            }
            [low, high, shift] => {
                let mantissa = low as u32 as u64 | (high as u32 as u64) << 32;
                RealFactor { mantissa, shift }.is_valid()
            }
            _ => false,
        }
    }

    fn sums<'f>(self, call: &Call<'f>) -> Result<Sums<'f>, OpError> {
        Ok(match self {
            Self::Narrow => Sums::Narrow(call.src(2)?),
            Self::Wide => Sums::Wide(call.src(2)?),
            Self::Real => Sums::Real(call.src(2)?),
        })
    }
}

/// Attributes of the convolutions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvAttrs {
    /// How the window moves.
    pub window: WindowAttrs,
    /// How products are summed.
    pub sums: SumsKind,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl ConvAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 5;

    /// Encodes the bytes that [`ConvAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        out.u8(self.sums as u8);
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let window = WindowAttrs::read(&mut from);
        let sums = SumsKind::read(&mut from)?;
        complete(Self { window, sums, clamp: read_clamp(&mut from) }, &from)
    }
}

/// Attributes of FULLY_CONNECTED.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenseAttrs {
    /// How products are summed.
    pub sums: SumsKind,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl DenseAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 5;

    /// Encodes the bytes that [`DenseAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u8(self.sums as u8);
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let sums = SumsKind::read(&mut from)?;
        complete(Self { sums, clamp: read_clamp(&mut from) }, &from)
    }
}

pub(crate) fn check_conv(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = ConvAttrs::decode(call.attrs())?;
    let (x, w) = (call.input_of(0, DType::I16)?, call.input_of(1, DType::I8)?);
    let (_, shape) = conv_2d::infer(&attrs.window, x.shape, w.shape)?;
    ensure(call.output_of(0, DType::I16)?.shape == shape, OpError::Shape)?;
    attrs.sums.check(call, shape.last(), shape.last())
}

pub(crate) fn run_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = ConvAttrs::decode(call.attrs())?;
    let (x, w) = (call.shape(0)?, call.shape(1)?);
    let conv = ConvS16 {
        window: conv_2d::infer(&attrs.window, x, w)?.0,
        in_channels: x.last(),
        out_channels: w.dim(0),
        group_channels: w.last(),
        clamp: attrs.clamp,
        weights: call.src(1)?,
        sums: attrs.sums.sums(call)?,
        factors: call.src(3)?,
    };
    native::conv_s16(call.cpu(), &conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = ConvAttrs::decode(call.attrs())?;
    let (x, w) = (call.input_of(0, DType::I16)?, call.input_of(1, DType::I8)?);
    let (_, _, shape) = depthwise_conv_2d::infer(&attrs.window, x.shape, w.shape)?;
    ensure(call.output_of(0, DType::I16)?.shape == shape, OpError::Shape)?;
    attrs.sums.check(call, shape.last(), shape.last())
}

pub(crate) fn run_depthwise(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = ConvAttrs::decode(call.attrs())?;
    let (x, w) = (call.shape(0)?, call.shape(1)?);
    let (window, multiplier, _) = depthwise_conv_2d::infer(&attrs.window, x, w)?;
    let conv = DepthwiseS16 {
        window,
        in_channels: x.last(),
        multiplier,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        sums: attrs.sums.sums(call)?,
        factors: call.src(3)?,
    };
    native::depthwise_s16(call.cpu(), &conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_transpose_conv(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = ConvAttrs::decode(call.attrs())?;
    transpose_conv::check_types(call, DType::I16, DType::I8)?;
    let (_, _, channels) = transpose_conv::infer(call, &attrs.window)?;
    attrs.sums.check(call, channels, channels)
}

pub(crate) fn run_transpose_conv(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = ConvAttrs::decode(call.attrs())?;
    let (window, in_channels, out_channels) = transpose_conv::infer(call, &attrs.window)?;
    let conv = ConvS16 {
        window,
        in_channels,
        out_channels,
        group_channels: in_channels,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        sums: attrs.sums.sums(call)?,
        factors: call.src(3)?,
    };
    transpose_conv_s16(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

pub(crate) fn check_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = DenseAttrs::decode(call.attrs())?;
    let (x, w) = (call.input_of(0, DType::I16)?, call.input_of(1, DType::I8)?);
    let outputs = fully_connected::check_output(x, w, call.output_of(0, DType::I16)?)?;
    let elements = call.shape(3)?.elements();
    let shared = elements == attrs.sums.factor_len();
    attrs.sums.check(call, outputs, if shared { 1 } else { outputs })
}

pub(crate) fn run_fully_connected(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = DenseAttrs::decode(call.attrs())?;
    let [batch, depth, outputs] = fully_connected::infer(call.shape(0)?, call.shape(1)?)?;
    let layer = FullyConnectedS16 {
        batch,
        depth,
        outputs,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        sums: attrs.sums.sums(call)?,
        factors: call.src(3)?,
    };
    native::fully_connected_s16(call.cpu(), &layer, call.src(0)?, call.dst(0)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding() {
        let window =
            WindowAttrs { stride: [2, 1], dilation: [1, 3], before: [1, 0], after: [0, 2] };
        let clamp = Clamp { min: -32768, max: 1234 };
        for sums in [SumsKind::Narrow, SumsKind::Wide, SumsKind::Real] {
            let conv = ConvAttrs { window, sums, clamp };
            assert_eq!(ConvAttrs::decode(Reader::new(&conv.encode())), Ok(conv));
            let dense = DenseAttrs { sums, clamp };
            assert_eq!(DenseAttrs::decode(Reader::new(&dense.encode())), Ok(dense));
        }
        let bad = [3, 0, 0, 0, 0];
        assert_eq!(DenseAttrs::decode(Reader::new(&bad)), Err(OpError::Attributes));
    }

    #[test]
    fn factors_are_checked_by_kind() {
        assert!(SumsKind::Narrow.is_valid(&[1 << 30, 30]));
        assert!(!SumsKind::Wide.is_valid(&[1 << 30, 8]));
        assert!(SumsKind::Wide.is_valid(&[1 << 30, 7]));
        assert!(!SumsKind::Narrow.is_valid(&[-1, 0]));
        assert!(SumsKind::Real.is_valid(&[-1, 0x1F_FFFF, -70]));
        assert!(!SumsKind::Real.is_valid(&[0, 0x20_0000, 0]));
    }
}
