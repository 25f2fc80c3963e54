//! LOCAL_RESPONSE_NORMALIZATION: `x / (bias + alpha * sum of the neighbours' squares)^beta -> y`, over
//! the last dimension.

use super::bounds::ensure;
use super::unary::check_same;
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::normalize::{LocalResponse, local_response_f32};

/// float32.
pub const F32: Op = Op {
    code: OpCode::LocalResponseNormalization,
    variant: Variant::F32,
    in_place: false,
    check,
    run,
};

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// The kernel's numbers.
    pub kernel: LocalResponse,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 16;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        out.u32(self.kernel.radius as u32);
        for number in [self.kernel.bias, self.kernel.alpha, self.kernel.beta] {
            out.f32(number);
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let radius = from.u32();
        let kernel = LocalResponse {
            radius: radius as usize,
            bias: from.f32(),
            alpha: from.f32(),
            beta: from.f32(),
        };
        ensure(radius < 1 << 20 && from.is_complete(), OpError::Attributes)?;
        Ok(Self { kernel })
    }
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    Attrs::decode(call.attrs())?;
    check_same(call, DType::F32)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let kernel = Attrs::decode(call.attrs())?.kernel;
    let depth = call.input(0)?.shape.last();
    local_response_f32(&kernel, depth, call.src(0)?, call.dst(0)?, libm::powf);
    Ok(())
}
