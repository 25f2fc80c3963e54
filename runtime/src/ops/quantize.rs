//! QUANTIZE: `round(x / scale) + zero_point -> y`, float32 to int8, ties away from zero; and int8 to
//! int8 of another scale or zero point, by a table of all 256 values that the converter fills.

use super::bounds::ensure;
use super::dequantize::Attrs;
use super::s16;
use super::unary::{check_s8, run_s8};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::DType;
use smidge_kernels::Src;

/// int8 to int8.
pub const S8: Op = Op {
    code: OpCode::Quantize,
    variant: Variant::S8,
    in_place: true,
    check: check_s8,
    run: run_s8,
};

/// int16 or int32 to int16 or int8, or int8 to int16.
pub const S16: Op = Op {
    code: OpCode::Quantize,
    variant: Variant::S16,
    in_place: false,
    check: s16::quantize::check,
    run: s16::quantize::run,
};

/// float32 to int16.
pub const F32_S16: Op = Op {
    code: OpCode::Quantize,
    variant: Variant::F32S16,
    in_place: false,
    check: s16::quantize::check_from_f32,
    run: s16::quantize::run_from_f32,
};

/// float32 to int8.
pub const F32_S8: Op =
    Op { code: OpCode::Quantize, variant: Variant::F32S8, in_place: false, check, run };

/// The int8 value of a real one. NaN becomes the zero point.
pub fn quantize(value: f32, scale: f32, zero: i32) -> i8 {
    // A float to integer cast saturates, and so does the sum.
    let rounded = libm::roundf(value / scale) as i32;
    rounded.saturating_add(zero).clamp(i8::MIN as i32, i8::MAX as i32) as i8
}

fn check(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(1, 1)?;
    Attrs::decode(call.attrs())?;
    let (x, y) = (call.input_of(0, DType::F32)?, call.output_of(0, DType::I8)?);
    ensure(x.shape.elements() == y.shape.elements(), OpError::Shape)
}

fn run(call: &Call<'_>) -> Result<(), OpError> {
    let Attrs { scale, zero } = Attrs::decode(call.attrs())?;
    let x: Src<'_, f32> = call.src(0)?;
    call.dst::<i8>(0)?.fill_with(x.iter().map(|x| quantize(x, scale, zero)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::quantize;

    #[test]
    fn rounds_away_from_zero_and_saturates() {
        let cases = [(0.25, 1), (-0.25, -1), (0.24, 0), (1e9, 127), (-1e9, -128), (f32::NAN, 0)];
        for (value, expected) in cases {
            assert_eq!(quantize(value, 0.5, 0), expected, "{value}");
        }
        assert_eq!(quantize(1.0, 0.5, -128), -126);
    }
}
