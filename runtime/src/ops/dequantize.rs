//! DEQUANTIZE: `scale * (x - zero_point) -> y`, int8 to float32.

use super::bounds::{ensure, read_zero, write_zero};
use super::s16;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Src;

/// int16 to float32.
pub const F32_S16: Op = Op {
    code: OpCode::Dequantize,
    variant: Variant::F32S16,
    in_place: false,
    check: s16::quantize::check_to_f32,
    run: s16::quantize::run_to_f32,
};

/// int8 to float32.
pub const F32_S8: Op =
    Op { code: OpCode::Dequantize, variant: Variant::F32S8, in_place: false, check, run };

/// Attributes; QUANTIZE has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// Scale of the integers, finite and above zero.
    pub scale: f32,
    /// Zero point of the integers.
    pub zero: i32,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 5;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.f32(self.scale);
        write_zero(self.zero, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { scale: from.f32(), zero: read_zero(&mut from) };
        let valid = attrs.scale.is_finite() && attrs.scale > 0.0;
        ensure(valid && from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    Attrs::decode(call.attrs())?;
    let (x, y) = (call.input_of(0, DType::I8)?, call.output_of(0, DType::F32)?);
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let Attrs { scale, zero } = Attrs::decode(call.attrs())?;
    let x: Src<'_, i8> = call.src(0)?;
    call.dst::<f32>(0)?.fill_with(x.iter().map(|x| scale * (x as i32 - zero) as f32));
    Ok(())
}
