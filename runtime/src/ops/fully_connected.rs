//! FULLY_CONNECTED: `x [..., I] * w [O, I] + bias [O] -> y [..., O]`.
//!
//! The input is seen as rows of `I` values, whatever its shape. Operands: x, w, bias (may be absent),
//! and for int8 the factors `[1, 2]` or `[O, 2]` (mantissa, shift), constants. Accumulators are
//! rounded once, as in TensorFlow Lite's reference kernel, or twice where the step is marked to round
//! as TensorFlow Lite Micro does.

use super::bounds::{
    ensure, read_clamp, read_clamp_f32, read_zero, write_clamp, write_clamp_f32, write_zero,
};
use super::hybrid;
use super::packed::check_layout;
use super::{f16, panels, s4, s16};
use crate::{Call, Op, OpCode, OpError, Variant};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape, Tensor};
use smidge_kernels::packed::{
    ALL_FORMS, FullyConnected, FullyConnectedSpec, Narrow, fully_connected_layout,
    fully_connected_s4_layout,
};
use smidge_kernels::scalar::fully_connected::{self, FullyConnectedF32, FullyConnectedS8};
use smidge_kernels::{Clamp, Rounding, native};

/// int8.
pub const S8: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::S8,
    in_place: false,
    check: check_s8,
    run: run_s8,
};

/// int8, packed for a core: operands x and the packed constant.
pub const S8_PACKED: Op = s8_packed::<ALL_FORMS>();

/// [`S8_PACKED`] in some forms only: bit `n` of `FORMS` is form `n`. Firmware for known models
/// contains no others; [`Model::ops`](crate::Model::ops) says which a model has.
pub const fn s8_packed<const FORMS: u32>() -> Op {
    Op {
        code: OpCode::FullyConnected,
        variant: Variant::S8Packed,
        in_place: false,
        check: check_packed,
        run: run_packed::<FORMS>,
    }
}

/// int16 activations, int8 weights.
pub const S16: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::S16,
    in_place: false,
    check: s16::weights::check_fully_connected,
    run: s16::weights::run_fully_connected,
};

/// int8 activations, int4 weights.
pub const S4: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::S4,
    in_place: false,
    check: s4::check_fully_connected,
    run: s4::run_fully_connected,
};

/// float32 activations, int8 weights.
pub const HYBRID: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::Hybrid,
    in_place: false,
    check: hybrid::check_fully_connected,
    run: hybrid::run_fully_connected,
};

/// int8 activations, int4 weights, packed for a core.
pub const S4_PACKED: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::S4Packed,
    in_place: false,
    check: check_narrow,
    run: run_narrow,
};

/// int16 activations, int8 weights, packed for a core.
pub const S16_PACKED: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::S16Packed,
    in_place: false,
    check: panels::check_dense_s16,
    run: panels::run_dense_s16,
};

/// float32, with weights of float16.
pub const F16: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::F16,
    in_place: false,
    check: f16::check_fully_connected,
    run: f16::run_fully_connected,
};

/// float32.
pub const F32: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::F32,
    in_place: false,
    check: check_f32,
    run: run_f32,
};

/// float32, packed for a core.
pub const F32_PACKED: Op = Op {
    code: OpCode::FullyConnected,
    variant: Variant::F32Packed,
    in_place: false,
    check: panels::check_dense_f32,
    run: panels::run_dense_f32,
};

/// Attributes of the int8 form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsS8 {
    /// The input's zero point.
    pub input_zero: i32,
    /// The weights' zero point.
    pub weights_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl AttrsS8 {
    /// Bytes of the encoding.
    pub const LEN: usize = 5;

    /// Encodes the bytes that [`AttrsS8::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_zero(self.input_zero, &mut out);
        write_zero(self.weights_zero, &mut out);
        write_zero(self.output_zero, &mut out);
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            input_zero: read_zero(&mut from),
            weights_zero: read_zero(&mut from),
            output_zero: read_zero(&mut from),
            clamp: read_clamp(&mut from),
        };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Attributes of the packed form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsPacked {
    /// Which form of the family's kernel the constant is packed for.
    pub form: u8,
    /// Rows, values of a row, outputs of a row, zero points, bounds.
    pub spec: FullyConnectedSpec,
}

impl AttrsPacked {
    /// Bytes of the encoding.
    pub const LEN: usize = 17;

    /// Encodes the bytes that [`AttrsPacked::decode`] reads; `None` for a size that does not fit 32
    /// bits.
    pub fn encode(&self) -> Option<[u8; Self::LEN]> {
        let mut out = Writer::new();
        let FullyConnectedSpec { batch, depth, outputs, input_zero, output_zero, clamp } =
            self.spec;
        for size in [batch, depth, outputs] {
            out.u32(u32::try_from(size).ok()?);
        }
        out.u8(self.form);
        write_zero(input_zero, &mut out);
        write_zero(output_zero, &mut out);
        write_clamp(clamp, &mut out);
        Some(out.finish())
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let bytes: [u8; Self::LEN] = from.array();
        let [sizes @ .., form, input_zero, output_zero, min, max] = bytes;
        let (sizes, _) = sizes.as_chunks::<4>();
        let &[batch, depth, outputs] = sizes else { return Err(OpError::Attributes) };
        let size = |bytes: [u8; 4]| u32::from_le_bytes(bytes) as usize;
        let signed = |byte: u8| i32::from(byte as i8);
        let spec = FullyConnectedSpec {
            batch: size(batch),
            depth: size(depth),
            outputs: size(outputs),
            input_zero: signed(input_zero),
            output_zero: signed(output_zero),
            clamp: Clamp { min: signed(min), max: signed(max) },
        };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(Self { form, spec })
    }
}

/// Attributes of the float form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrsF32 {
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<f32>,
}

impl AttrsF32 {
    /// Bytes of the encoding.
    pub const LEN: usize = 8;

    /// Encodes the bytes that [`AttrsF32::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        write_clamp_f32(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self { clamp: read_clamp_f32(&mut from) };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// Rows, values of a row, and outputs of a row.
pub fn infer(x: Shape, w: Shape) -> Result<[usize; 3], OpError> {
    let [outputs, depth] = *w.dims() else { return Err(OpError::Shape) };
    let (outputs, depth) = (outputs as usize, depth as usize);
    let elements = x.checked_elements().ok_or(OpError::Shape)?;
    let rows = elements.checked_div(depth).ok_or(OpError::Shape)?;
    ensure(rows * depth == elements, OpError::Shape)?;
    Ok([rows, depth, outputs])
}

/// Checks the shapes and returns the number of outputs of a row.
fn check_shapes(call: &Call<'_>, dtype: DType) -> Result<usize, OpError> {
    check_output(call.input_of(0, dtype)?, call.input_of(1, dtype)?, call.output_of(0, dtype)?)
}

/// Checks the output's shape and returns the number of outputs of a row.
pub(crate) fn check_output(x: Tensor, w: Tensor, y: Tensor) -> Result<usize, OpError> {
    let [rows, _, outputs] = infer(x.shape, w.shape)?;
    let fits = y.shape.last() == outputs && Some(y.shape.elements()) == rows.checked_mul(outputs);
    ensure(fits, OpError::Shape)?;
    Ok(outputs)
}

fn check_s8(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(4, 1)?;
    AttrsS8::decode(call.attrs())?;
    let outputs = check_shapes(call, DType::I8)?;
    call.check_bias(2, DType::I32, outputs)?;
    let pairs = call.shape(3)?.elements() / 2;
    ensure(pairs == 1 || pairs == outputs, OpError::Shape)?;
    call.check_factors(3, pairs)
}

fn check_f32(call: &Call<'_>) -> Result<(), OpError> {
    call.expect(3, 1)?;
    AttrsF32::decode(call.attrs())?;
    let outputs = check_shapes(call, DType::F32)?;
    call.check_bias(2, DType::F32, outputs)
}

fn run_s8(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsS8::decode(call.attrs())?;
    let [batch, depth, outputs] = infer(call.shape(0)?, call.shape(1)?)?;
    let layer = FullyConnectedS8 {
        batch,
        depth,
        outputs,
        input_offset: -attrs.input_zero,
        weights_offset: -attrs.weights_zero,
        output_offset: attrs.output_zero,
        clamp: attrs.clamp,
        rounding: if call.rounds_as_tflm() { Rounding::Double } else { Rounding::Single },
        weights: call.src(1)?,
        bias: call.src(2)?,
        factors: call.src(3)?,
    };
    fully_connected::fully_connected_s8(&layer, call.src(0)?, call.dst(0)?);
    Ok(())
}

fn check_packed(call: &Call<'_>) -> Result<(), OpError> {
    let AttrsPacked { form, spec } = packed(call)?;
    check_layout(call, fully_connected_layout(call.family()?, form, &spec))
}

fn check_narrow(call: &Call<'_>) -> Result<(), OpError> {
    let AttrsPacked { form, spec } = packed(call)?;
    check_layout(call, fully_connected_s4_layout(call.family()?, form, &spec))
}

/// The attributes of a packed form, checked against the shapes.
fn packed(call: &Call<'_>) -> Result<AttrsPacked, OpError> {
    call.expect(2, 1)?;
    let attrs = AttrsPacked::decode(call.attrs())?;
    let (x, y) = (call.input_of(0, DType::I8)?.shape, call.output_of(0, DType::I8)?.shape);
    let fits = attrs.spec.lens() == Some((x.elements(), y.elements()));
    ensure(fits && y.last() == attrs.spec.outputs, OpError::Shape)?;
    Ok(attrs)
}

fn run_packed<const FORMS: u32>(call: &Call<'_>) -> Result<(), OpError> {
    let AttrsPacked { form, spec } = AttrsPacked::decode(call.attrs())?;
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = FullyConnected::new::<FORMS>(cpu, family, form, &spec, memory);
    work.as_ref().ok_or(OpError::Shape)?.run::<FORMS>(call.crew());
    Ok(())
}

fn run_narrow(call: &Call<'_>) -> Result<(), OpError> {
    let AttrsPacked { form, spec } = AttrsPacked::decode(call.attrs())?;
    let (cpu, family, memory) = (call.cpu(), call.family()?, call.packed()?);
    let work = Narrow::<FullyConnected>::new(cpu, family, form, &spec, memory);
    work.ok_or(OpError::Shape)?.run(call.crew());
    Ok(())
}

fn run_f32(call: &Call<'_>) -> Result<(), OpError> {
    let attrs = AttrsF32::decode(call.attrs())?;
    let [batch, depth, outputs] = infer(call.shape(0)?, call.shape(1)?)?;
    let layer = FullyConnectedF32 {
        batch,
        depth,
        outputs,
        clamp: attrs.clamp,
        weights: call.src(1)?,
        bias: call.src(2)?,
    };
    native::fully_connected_f32(call.cpu(), &layer, call.src(0)?, call.dst(0)?);
    Ok(())
}
