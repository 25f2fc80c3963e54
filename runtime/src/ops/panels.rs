//! CONV_2D and FULLY_CONNECTED of other types than int8, packed for a core with vectors. Operands: x,
//! and one constant that holds weights and bias, several output channels side by side.

use super::bounds::ensure;
use super::packed::check_layout;
use super::window::{WindowAttrs, output_shape};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::packed::{
    Real, RealForm, RealSpec, Wide, WideForm, WideSpec, real_layout, wide_layout,
};
use smidge_kernels::{Clamp, Window};

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs<T> {
    /// How weights are stored, or how sums are requantized.
    pub form: u8,
    /// Height and width of the window; 1 for FULLY_CONNECTED.
    pub kernel: [u16; 2],
    /// How the window moves; nothing for FULLY_CONNECTED.
    pub window: WindowAttrs,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<T>,
}

/// Which operator a step is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conv,
    Dense,
}

/// A window of one element that moves by one.
pub const POINT: WindowAttrs =
    WindowAttrs { stride: [1, 1], dilation: [1, 1], before: [0, 0], after: [0, 0] };

/// Bounds as 32 bits each.
pub trait Bound: Copy {
    /// To bits.
    fn to_word(self) -> u32;
    /// From bits.
    fn from_word(word: u32) -> Self;
}

impl Bound for f32 {
    fn to_word(self) -> u32 {
        self.to_bits()
    }

    fn from_word(word: u32) -> Self {
        Self::from_bits(word)
    }
}

impl Bound for i32 {
    fn to_word(self) -> u32 {
        self as u32
    }

    fn from_word(word: u32) -> Self {
        word as Self
    }
}

/// Bytes of the encoding.
pub const LEN: usize = WindowAttrs::LEN + 13;

impl<T: Bound> Attrs<T> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        out.u16(self.kernel[0]);
        out.u16(self.kernel[1]);
        out.u32(self.clamp.min.to_word());
        out.u32(self.clamp.max.to_word());
        out.u8(self.form);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let window = WindowAttrs::read(&mut from);
        let kernel = [from.u16(), from.u16()];
        let clamp = Clamp { min: T::from_word(from.u32()), max: T::from_word(from.u32()) };
        let attrs = Self { form: from.u8(), kernel, window, clamp };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The window, and the channels of input and output.
fn shape<T>(
    call: &Call<'_>,
    kind: Kind,
    attrs: &Attrs<T>,
    dtype: DType,
) -> Result<(Window, usize, usize), OpError> {
    let (x, y) = (call.input_of(0, dtype)?.shape, call.output_of(0, dtype)?.shape);
    let outputs = y.last();
    if kind == Kind::Conv {
        let window = attrs.window.over(x, attrs.kernel.map(usize::from)).ok_or(OpError::Shape)?;
        ensure(output_shape(&window, outputs) == Some(y), OpError::Shape)?;
        return Ok((window, x.last(), outputs));
    }
    let rows = y.elements().checked_div(outputs).unwrap_or(0);
    let depth = x.elements().checked_div(rows).ok_or(OpError::Shape)?;
    ensure(rows.checked_mul(depth) == Some(x.elements()), OpError::Shape)?;
    let [one, row] = [[1, 1], [1, rows]];
    let window = Window {
        batch: 1,
        input: row,
        output: row,
        kernel: one,
        stride: one,
        dilation: one,
        pad: [0, 0],
    };
    Ok((window, depth, outputs))
}

fn real(call: &Call<'_>, kind: Kind) -> Result<(RealForm, RealSpec), OpError> {
    let attrs = Attrs::<f32>::decode(call.attrs())?;
    let (window, in_channels, out_channels) = shape(call, kind, &attrs, DType::F32)?;
    let form = RealForm::from_u8(attrs.form).ok_or(OpError::Attributes)?;
    Ok((form, RealSpec { window, in_channels, out_channels, clamp: attrs.clamp }))
}

fn check_f32(call: &Call<'_>, kind: Kind) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let (form, spec) = real(call, kind)?;
    check_layout(call, real_layout(call.family()?, form, &spec))
}

fn run_f32(call: &Call<'_>, kind: Kind) -> Result<(), OpError> {
    let (form, spec) = real(call, kind)?;
    let machine = (call.cpu(), call.family()?);
    let work = Real::new(machine, form, &spec, call.src(1)?, call.src(0)?, call.dst(0)?);
    work.ok_or(OpError::Shape)?.run(call.crew());
    Ok(())
}

pub(crate) fn check_conv_f32(call: &Call<'_>) -> Result<(), OpError> {
    check_f32(call, Kind::Conv)
}

pub(crate) fn run_conv_f32(call: &Call<'_>) -> Result<(), OpError> {
    run_f32(call, Kind::Conv)
}

pub(crate) fn check_dense_f32(call: &Call<'_>) -> Result<(), OpError> {
    check_f32(call, Kind::Dense)
}

pub(crate) fn run_dense_f32(call: &Call<'_>) -> Result<(), OpError> {
    run_f32(call, Kind::Dense)
}

/// The attributes of a layer with 16-bit activations.
fn wide(call: &Call<'_>, kind: Kind) -> Result<(WideForm, WideSpec), OpError> {
    let attrs = Attrs::<i32>::decode(call.attrs())?;
    let (window, in_channels, out_channels) = shape(call, kind, &attrs, DType::I16)?;
    let form = WideForm::from_u8(attrs.form).ok_or(OpError::Attributes)?;
    Ok((form, WideSpec { window, in_channels, out_channels, clamp: attrs.clamp }))
}

fn check_s16(call: &Call<'_>, kind: Kind) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let (_, spec) = wide(call, kind)?;
    check_layout(call, wide_layout(call.family()?, &spec))
}

fn run_s16(call: &Call<'_>, kind: Kind) -> Result<(), OpError> {
    let (form, spec) = wide(call, kind)?;
    let machine = (call.cpu(), call.family()?);
    let work = Wide::new(machine, form, &spec, call.src(1)?, call.src(0)?, call.dst(0)?);
    work.ok_or(OpError::Shape)?.run(call.crew());
    Ok(())
}

pub(crate) fn check_conv_s16(call: &Call<'_>) -> Result<(), OpError> {
    check_s16(call, Kind::Conv)
}

pub(crate) fn run_conv_s16(call: &Call<'_>) -> Result<(), OpError> {
    run_s16(call, Kind::Conv)
}

pub(crate) fn check_dense_s16(call: &Call<'_>) -> Result<(), OpError> {
    check_s16(call, Kind::Dense)
}

pub(crate) fn run_dense_s16(call: &Call<'_>) -> Result<(), OpError> {
    run_s16(call, Kind::Dense)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding() {
        let window =
            WindowAttrs { stride: [2, 1], dilation: [1, 3], before: [1, 0], after: [0, 2] };
        let clamp = Clamp { min: -1.5, max: f32::INFINITY };
        let attrs = Attrs { form: 1, kernel: [3, 65_535], window, clamp };
        assert_eq!(Attrs::decode(Reader::new(&attrs.encode())), Ok(attrs));
        let wide = Attrs { form: 1, kernel: [1, 1], window, clamp: Clamp { min: -9, max: 9 } };
        assert_eq!(Attrs::decode(Reader::new(&wide.encode())), Ok(wide));
        let short = &attrs.encode()[..LEN - 1];
        assert_eq!(Attrs::<f32>::decode(Reader::new(short)), Err(OpError::Attributes));
    }
}
