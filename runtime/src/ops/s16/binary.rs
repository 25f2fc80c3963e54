//! ADD, SUB and MUL of int16 tensors, broadcasting, with a fused activation.

use super::{complete, read_clamp, write_clamp};
use crate::ops::binary::{check, walk};
use crate::ops::bounds::{ensure, read_factor, write_factor};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::scalar::s16::{
    AddS16, MulS16, PowersS16, add_s16, mul_s16, powers_s16, sub_s16,
};
use smidge_kernels::{Clamp, Multiplier};

/// Attributes of ADD and SUB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddAttrs {
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
    /// How the scales meet.
    pub scaling: Scaling,
}

/// How two scales are brought together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
    /// Operands raised by 15 bits times these, and the sum times the last.
    Factors([Multiplier; 3]),
    /// Scales that are powers of two: operands are shifted to the right by these, at most 31.
    Shifts([u8; 2]),
}

impl AddAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 29;

    /// Encodes the bytes that [`AddAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_clamp(self.clamp, &mut out);
        match self.scaling {
            Scaling::Factors(factors) => {
                out.u8(0);
                factors.iter().for_each(|&factor| write_factor(factor, &mut out));
            }
            Scaling::Shifts([a, b]) => [1, a, b].into_iter().for_each(|byte| out.u8(byte)),
        }
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let clamp = read_clamp(&mut from);
        let scaling = match from.u8() {
            0 => {
                let factors = [(); 3].map(|()| read_factor(&mut from));
                ensure(factors.iter().all(|f| f.is_valid()), OpError::Attributes)?;
                Scaling::Factors(factors)
            }
            1 => {
                let shifts = [from.u8(), from.u8()];
                ensure(shifts.iter().all(|&shift| shift <= 31), OpError::Attributes)?;
                Scaling::Shifts(shifts)
            }
            _ => return Err(OpError::Attributes),
        };
        complete(Self { clamp, scaling }, &from)
    }
}

pub(crate) fn check_add(call: &Call<'_>) -> Result<(), OpError> {
    AddAttrs::decode(call.attrs())?;
    check(call, DType::I16)
}

/// ADD, or SUB.
pub(crate) fn run_add(call: &Call<'_>, subtract: bool) -> Result<(), OpError> {
    let AddAttrs { clamp, scaling } = AddAttrs::decode(call.attrs())?;
    let (walk, a, b, y) = (walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
    match scaling {
        Scaling::Factors([left, right, output]) => {
            let p = AddS16 { factors: [left, right], output, clamp };
            if subtract { sub_s16(&p, &walk, a, b, y) } else { add_s16(&p, &walk, a, b, y) }
        }
        Scaling::Shifts(shifts) => {
            let p = PowersS16 { shifts: shifts.map(i32::from), subtract, clamp };
            powers_s16(&p, &walk, a, b, y);
        }
    }
    Ok(())
}

/// Attributes of MUL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MulAttrs {
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
    /// Factor of the product.
    pub output: Multiplier,
}

impl MulAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 12;

    /// Encodes the bytes that [`MulAttrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_clamp(self.clamp, &mut out);
        write_factor(self.output, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { clamp: read_clamp(&mut from), output: read_factor(&mut from) };
        ensure(attrs.output.is_valid(), OpError::Attributes)?;
        complete(attrs, &from)
    }
}

pub(crate) fn check_mul(call: &Call<'_>) -> Result<(), OpError> {
    MulAttrs::decode(call.attrs())?;
    check(call, DType::I16)
}

pub(crate) fn run_mul(call: &Call<'_>) -> Result<(), OpError> {
    let MulAttrs { clamp, output } = MulAttrs::decode(call.attrs())?;
    let p = MulS16 { output, clamp };
    mul_s16(&p, &walk(call)?, call.src(0)?, call.src(1)?, call.dst(0)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding_and_are_checked() {
        let clamp = Clamp { min: 0, max: 32767 };
        let factor = Multiplier { mantissa: 1 << 30, shift: -14 };
        let factors = [factor, Multiplier { mantissa: i32::MAX, shift: 0 }, factor];
        for scaling in [Scaling::Factors(factors), Scaling::Shifts([0, 31])] {
            let attrs = AddAttrs { clamp, scaling };
            assert_eq!(AddAttrs::decode(Reader::new(&attrs.encode())), Ok(attrs));
        }
        let mul = MulAttrs { clamp, output: factor };
        assert_eq!(MulAttrs::decode(Reader::new(&mul.encode())), Ok(mul));
        let bad = AddAttrs { clamp, scaling: Scaling::Shifts([32, 0]) };
        assert_eq!(AddAttrs::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
        let bad = Multiplier { mantissa: -1, shift: 0 };
        let bad = AddAttrs { clamp, scaling: Scaling::Factors([bad, factor, factor]) };
        assert_eq!(AddAttrs::decode(Reader::new(&bad.encode())), Err(OpError::Attributes));
    }
}
