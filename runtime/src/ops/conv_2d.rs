//! CONV_2D: `x [N,H,W,Ci] * w [Co,Kh,Kw,Cg] + bias [Co] -> y [N,Ho,Wo,Co]`.
//!
//! Operands: x, w, bias (may be absent), and for int8 the factors `[Co, 2]` (mantissa, shift), which
//! must be constants. `Cg` divides `Ci`: with `Ci / Cg` groups, each output channel reads its
//! group's inputs. Accumulators are requantized per channel with double rounding; weights are symmetric
//! (zero point 0) except in models whose source is unsigned. Scheme: TensorFlow Lite 8-bit quantization specification.

use super::bounds::{
    ensure, read_clamp, read_clamp_f32, read_zero, write_clamp, write_clamp_f32, write_zero,
};
use super::hybrid;
use super::packed;
use super::window::{WindowAttrs, output_shape};
use super::{f16, panels, s4, s16};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape, Tensor};
use smidge_kernels::native;
use smidge_kernels::packed::{
    ALL_FORMS, Conv, Narrow, conv_layout, conv_s4_layout, conv_winograd_layout, conv_winograd_s8,
};
use smidge_kernels::scalar::conv::{self, ConvF32, ConvS8};
use smidge_kernels::{Clamp, Part, Window};

/// int8.
pub const S8: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int8, packed for a core.
pub const S8_PACKED: Op = s8_packed::<ALL_FORMS>();

/// [`S8_PACKED`] in some forms only: bit `n` of `FORMS` is form `n`. Firmware for known models
/// contains no others; [`Model::ops`](crate::Model::ops) says which a model has.
pub const fn s8_packed<const FORMS: u32>() -> Op {
    Op {
        code: OpCode::Conv2d,
        variant: Variant::S8Packed,
        in_place: false,
        check: check_packed,
        run: run_packed::<FORMS>,
    }
}

/// int16 activations, int8 weights.
pub const S16: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S16,
    in_place: false,
    check: s16::weights::check_conv,
    run: s16::weights::run_conv,
};

/// int8 activations, int4 weights.
pub const S4: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S4,
    in_place: false,
    check: s4::check_conv,
    run: s4::run_conv,
};

/// int8, packed for a core in one of Winograd's forms.
pub const S8_WINOGRAD: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S8Winograd,
    in_place: false,
    check: check_winograd,
    run: run_winograd,
};

/// float32 activations, int8 weights.
pub const HYBRID: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::Hybrid,
    in_place: false,
    check: hybrid::check_conv,
    run: hybrid::run_conv,
};

/// int8 activations, int4 weights, packed for a core.
pub const S4_PACKED: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S4Packed,
    in_place: false,
    check: check_narrow,
    run: run_narrow,
};

/// int16 activations, int8 weights, packed for a core.
pub const S16_PACKED: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::S16Packed,
    in_place: false,
    check: panels::check_conv_s16,
    run: panels::run_conv_s16,
};

/// float32, with weights of float16.
pub const F16: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::F16,
    in_place: false,
    check: f16::check_conv,
    run: f16::run_conv,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// float32, packed for a core.
pub const F32_PACKED: Op = Op {
    code: OpCode::Conv2d,
    variant: Variant::F32Packed,
    in_place: false,
    check: panels::check_conv_f32,
    run: panels::run_conv_f32,
};

/// Attributes of the int8 form; DEPTHWISE_CONV_2D has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// How the window moves.
    pub window: WindowAttrs,
    /// The input's zero point.
    pub input_zero: i32,
    /// The weights' zero point: 0, but for models whose source is unsigned.
    pub weights_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 5;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        write_zero(self.input_zero, &mut out);
        write_zero(self.weights_zero, &mut out);
        write_zero(self.output_zero, &mut out);
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            window: WindowAttrs::read(&mut from),
            input_zero: read_zero(&mut from),
            weights_zero: read_zero(&mut from),
            output_zero: read_zero(&mut from),
            clamp: read_clamp(&mut from),
        };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Attributes of the float form; DEPTHWISE_CONV_2D has the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// How the window moves.
    pub window: WindowAttrs,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<f32>,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 8;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        write_clamp_f32(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let window = WindowAttrs::read(&mut from);
        let attrs = Self { window, clamp: read_clamp_f32(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The window and the output's shape for an input `[N,H,W,Ci]` and weights `[Co,Kh,Kw,Cg]`.
pub fn infer(window: &WindowAttrs, x: Shape, w: Shape) -> Result<(Window, Shape), OpError> {
    let ([.., channels], [out, kernel_y, kernel_x, group]) =
        (x.nhwc().ok_or(OpError::Shape)?, w.nhwc().ok_or(OpError::Shape)?);
    let groups = channels.checked_div(group).ok_or(OpError::Shape)?;
    let per_group = out.checked_div(groups).ok_or(OpError::Shape)?;
    ensure(groups * group == channels && per_group * groups == out, OpError::Shape)?;
    let window = window.over(x, [kernel_y, kernel_x]).ok_or(OpError::Shape)?;
    let shape = output_shape(&window, out).ok_or(OpError::Shape)?;
    Ok((window, shape))
}

fn check_shapes(call: &Call<'_>, window: &WindowAttrs, dtype: DType) -> Result<usize, OpError> {
    let (x, w) = (call.input_of(0, dtype)?, call.input_of(1, dtype)?);
    let (_, shape) = infer(window, x.shape, w.shape)?;
    ensure(call.output_of(0, dtype)?.shape == shape, OpError::Shape)?;
    Ok(shape.last())
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    let attrs = AttrsS8::decode(call.attrs())?;
    let channels = check_shapes(call, &attrs.window, DType::I8)?;
    call.check_bias(2, DType::I32, channels)?;
    call.check_factors(3, channels)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    let attrs = AttrsF32::decode(call.attrs())?;
    let channels = check_shapes(call, &attrs.window, DType::F32)?;
    call.check_bias(2, DType::F32, channels)
}

/// Input channels, output channels, channels of a group.
fn channels(x: Tensor, w: Tensor) -> (usize, usize, usize) {
    (x.shape.last(), w.shape.dim(0), w.shape.last())
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let (x, w) = (call.input(0)?, call.input(1)?);
    let (in_channels, out_channels, group_channels) = channels(x, w);
    let conv = ConvS8 {
        window: infer(&attrs.window, x.shape, w.shape)?.0,
        in_channels,
        out_channels,
        group_channels,
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    conv::conv_s8(&conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_packed(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    attrs.check(call, conv_layout(call.family()?, attrs.form, &attrs.conv()))
}

fn check_narrow(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    attrs.check(call, conv_s4_layout(call.family()?, attrs.form, &attrs.conv()))
}

fn run_narrow(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    let spec = attrs.conv();
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = Narrow::<Conv>::new(cpu, family, attrs.form, &spec, memory);
    work.ok_or(OpError::Shape)?.run(call.crew());
    Ok(())
}

fn check_winograd(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    attrs.check(call, conv_winograd_layout(call.family()?, attrs.form, &attrs.conv()))
}

fn run_winograd(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    let spec = attrs.conv();
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = Conv::winograd(cpu, family, attrs.form, &spec, memory);
    conv_winograd_s8(&work.ok_or(OpError::Shape)?, Part::ALL);
    Ok(())
}

fn run_packed<const FORMS: u32>(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = packed::Attrs::decode(call.attrs())?;
    let spec = attrs.conv();
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = Conv::new::<FORMS>(cpu, family, attrs.form, &spec, memory);
    work.as_ref().ok_or(OpError::Shape)?.run::<FORMS>(call.crew());
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let (x, w) = (call.input(0)?, call.input(1)?);
    let (in_channels, out_channels, group_channels) = channels(x, w);
    let conv = ConvF32 {
        window: infer(&attrs.window, x.shape, w.shape)?.0,
        in_channels,
        out_channels,
        group_channels,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    native::conv_f32(call.cpu(), &conv, call.src(0)?, call.dst(0)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: WindowAttrs =
        WindowAttrs { stride: [2, 1], dilation: [1, 1], before: [1, 0], after: [1, 0] };

    #[test]
    fn attributes_survive_encoding() {
        let s8 = AttrsS8 {
            window: WINDOW,
            input_zero: -128,
            weights_zero: 3,
            output_zero: 127,
            clamp: Clamp { min: -7, max: 127 },
        };
        assert_eq!(AttrsS8::decode(Reader::new(&s8.encode())), Ok(s8));
        let f32 = AttrsF32 { window: WINDOW, clamp: Clamp { min: 0.0, max: f32::INFINITY } };
        assert_eq!(AttrsF32::decode(Reader::new(&f32.encode())), Ok(f32));
        let short = &s8.encode()[..AttrsS8::LEN - 1];
        assert_eq!(AttrsS8::decode(Reader::new(short)), Err(OpError::Attributes));
    }

    #[test]
    fn shapes_follow_from_the_operands() {
        let shape = |dims: &[u32]| Shape::new(dims).unwrap();
        let (_, y) = infer(&WINDOW, shape(&[1, 5, 4, 6]), shape(&[8, 3, 3, 3])).unwrap();
        assert_eq!(y, shape(&[1, 3, 2, 8]));
        for w in [[8, 3, 3, 4], [8, 3, 3, 0], [7, 3, 3, 3], [8, 9, 3, 3], [8, 3, 5, 3]] {
            assert_eq!(infer(&WINDOW, shape(&[1, 5, 4, 6]), shape(&w)), Err(OpError::Shape));
        }
    }
}
