//! QUANTIZE and DEQUANTIZE where one side is int16.

use super::complete;
use crate::ops::bounds::{ensure, read_factor, write_factor};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::s16::{Requantize, requantize};
use smidge_kernels::{Clamp, Multiplier, Src};

/// Attributes of QUANTIZE from one integer type to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// Zero points of input and output.
    pub zeros: [i16; 2],
    /// Factor from the input's scale to the output's.
    pub factor: Multiplier,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 12;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.zeros.iter().for_each(|&zero| out.u16(zero as u16));
        write_factor(self.factor, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let zeros = [from.u16() as i16, from.u16() as i16];
        let attrs = Self { zeros, factor: read_factor(&mut from) };
        ensure(attrs.factor.is_valid(), OpError::Attributes)?;
        complete(attrs, &from)
    }
}

fn check_elements(call: &Call<'_>) -> Result<(), OpError> {
    let (x, y) = (call.input(0)?, call.output(0)?);
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

pub(crate) fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    Attrs::decode(call.attrs())?;
    let types = (call.input(0)?.dtype, call.output(0)?.dtype);
    let known = match types.0 {
        DType::I8 => matches!(types.1, DType::I16 | DType::I32),
        DType::I16 | DType::I32 => matches!(types.1, DType::I8 | DType::I16 | DType::I32),
        _ => false,
    };
    ensure(known, OpError::Type)?;
    check_elements(call)
}

pub(crate) fn run(call: &Call<'_>) -> Result<(), OpError> {
    let Attrs { zeros: [input, output], factor } = Attrs::decode(call.attrs())?;
    let (min, max) = match call.output(0)?.dtype {
        DType::I8 => (i8::MIN as i32, i8::MAX as i32),
        DType::I32 => (i32::MIN, i32::MAX),
        _ => (i16::MIN as i32, i16::MAX as i32),
    };
    let p = Requantize {
        input_offset: -(input as i32),
        factor,
        output_offset: output.into(),
        clamp: Clamp { min, max },
    };
    match (call.input(0)?.dtype, call.output(0)?.dtype) {
        (DType::I8, DType::I32) => requantize::<i8, i32>(&p, call.src(0)?, call.dst(0)?, |v| v),
        (DType::I16, DType::I32) => requantize::<i16, i32>(&p, call.src(0)?, call.dst(0)?, |v| v),
        (_, DType::I32) => requantize::<i32, i32>(&p, call.src(0)?, call.dst(0)?, |v| v),
        (DType::I8, _) => requantize::<i8, i16>(&p, call.src(0)?, call.dst(0)?, |v| v as i16),
        (DType::I16, DType::I8) => {
            requantize::<i16, i8>(&p, call.src(0)?, call.dst(0)?, |v| v as i8);
        }
        (DType::I16, _) => requantize::<i16, i16>(&p, call.src(0)?, call.dst(0)?, |v| v as i16),
        (_, DType::I8) => requantize::<i32, i8>(&p, call.src(0)?, call.dst(0)?, |v| v as i8),
        _ => requantize::<i32, i16>(&p, call.src(0)?, call.dst(0)?, |v| v as i16),
    }
    Ok(())
}

/// The scale of the integers: the attribute of both directions between float32 and int16.
fn scale(mut from: Reader<'_>) -> Result<f32, OpError> {
    let scale = from.f32();
    ensure(scale.is_finite() && scale > 0.0, OpError::Attributes)?;
    complete(scale, &from)
}

/// Encodes the attributes between float32 and int16.
pub fn encode_scale(scale: f32) -> [u8; 4] {
    let mut out = Writer::new();
    out.f32(scale);
    out.finish()
}

pub(crate) fn check_from_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    scale(call.attrs())?;
    call.input_of(0, DType::F32)?;
    call.output_of(0, DType::I16)?;
    check_elements(call)
}

pub(crate) fn run_from_f32(call: &Call<'_>) -> Result<(), OpError> {
    let scale = scale(call.attrs())?;
    let x: Src<'_, f32> = call.src(0)?;
    // A float to integer cast saturates.
    let narrow = |x: f32| (libm::roundf(x / scale) as i32).clamp(-32_768, 32_767) as i16;
    call.dst::<i16>(0)?.fill_with(x.iter().map(narrow));
    Ok(())
}

pub(crate) fn check_to_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    scale(call.attrs())?;
    call.input_of(0, DType::I16)?;
    call.output_of(0, DType::F32)?;
    check_elements(call)
}

pub(crate) fn run_to_f32(call: &Call<'_>) -> Result<(), OpError> {
    let scale = scale(call.attrs())?;
    let x: Src<'_, i16> = call.src(0)?;
    call.dst::<f32>(0)?.fill_with(x.iter().map(|x| scale * x as f32));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding_and_are_checked() {
        let factor = Multiplier { mantissa: 1 << 30, shift: -3 };
        let attrs = Attrs { zeros: [0, -128], factor };
        assert_eq!(Attrs::decode(Reader::new(&attrs.encode())), Ok(attrs));
        let bad = Attrs { factor: Multiplier { mantissa: -1, shift: 0 }, ..attrs };
        assert_eq!(Attrs::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
        assert_eq!(scale(Reader::new(&encode_scale(0.25))), Ok(0.25));
        assert_eq!(scale(Reader::new(&encode_scale(-1.0))), Err(OpError::Attributes));
    }
}
