//! GELU: `x * (1 + erf(x / sqrt(2))) / 2 -> y`, or its approximation with tanh, elementwise.
//!
//! int8: a table of all 256 values, filled by the converter.

use super::bounds::ensure;
use super::unary::{self, check_same, run_f32};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::Reader;

/// int8.
pub const S8: Op = unary::s8(OpCode::Gelu);

/// float32.
pub const F32: Op = Op { code: OpCode::Gelu, variant: Variant::F32, in_place: true, check, run };

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attrs {
    /// With tanh.
    pub approximate: bool,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 1;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        [self.approximate as u8]
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { approximate: from.u8() != 0 };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The function itself.
pub fn gelu(x: f32, approximate: bool) -> f32 {
    use core::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
    if approximate {
        let inner = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * (x + 0.044_715 * x * x * x);
        0.5 * x * (1.0 + libm::tanhf(inner))
    } else {
        0.5 * x * libm::erfcf(-x * FRAC_1_SQRT_2)
    }
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    Attrs::decode(call.attrs())?;
    check_same(call, DType::F32)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let Attrs { approximate } = Attrs::decode(call.attrs())?;
    run_f32(call, |x| gelu(x, approximate))
}
