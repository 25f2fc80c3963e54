//! What AVERAGE_POOL_2D and MAX_POOL_2D share: attributes and shape rule.

use super::bounds::{ensure, read_clamp, read_clamp_f32, write_clamp, write_clamp_f32};
use super::window::{WindowAttrs, output_shape};
use crate::{Call, OpError};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape};
use smidge_kernels::{Clamp, Window};

/// Attributes of pooling; the bounds are used in the variant's type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs<T> {
    /// How the window moves; no dilation.
    pub window: WindowAttrs,
    /// Height and width of the window.
    pub filter: [u16; 2],
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<T>,
    /// Averages are rounded upwards at ties, as on unsigned bytes.
    pub round_up: bool,
}

impl<T> Attrs<T> {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 13;

    fn write(&self) -> Writer<{ WindowAttrs::LEN + 13 }> {
        let mut out = Writer::new();
        self.window.write(&mut out);
        out.u16(self.filter[0]);
        out.u16(self.filter[1]);
        out.u8(self.round_up as u8);
        out
    }

    fn read<U>(from: &mut Reader<'_>, clamp: impl Fn(&mut Reader<'_>) -> Clamp<U>) -> Attrs<U> {
        let window = WindowAttrs::read(from);
        let [a, b, c, d, round_up] = from.array();
        let filter = [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])];
        Attrs { window, filter, round_up: round_up != 0, clamp: clamp(from) }
    }

    /// The window over an input `[N,H,W,C]` of a checked step.
    pub(crate) fn over(&self, x: Shape) -> Result<Window, OpError> {
        self.window.over(x, self.filter.map(usize::from)).ok_or(OpError::Shape)
    }

    /// The window and the output's shape for an input `[N,H,W,C]`.
    pub fn infer(&self, x: Shape) -> Result<(Window, Shape), OpError> {
        let [height, width] = self.filter;
        let window = self.over(x)?;
        ensure(self.window.dilation == [1, 1], OpError::Attributes)?;
        // Every window must touch the image, or there is nothing to average.
        let [top, left] = self.window.before;
        let [bottom, right] = self.window.after;
        ensure(top < height && bottom < height && left < width && right < width, OpError::Shape)?;
        let shape = output_shape(&window, x.last()).ok_or(OpError::Shape)?;
        Ok((window, shape))
    }

    /// Checks operands and shapes.
    pub(crate) fn check(&self, call: &Call<'_>, dtype: DType) -> Result<(), OpError> {
        call.expect(1, 1)?;
        let (_, shape) = self.infer(call.input_of(0, dtype)?.shape)?;
        ensure(call.output_of(0, dtype)?.shape == shape, OpError::Shape)
    }
}

impl Attrs<i32> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = self.write();
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self::read(&mut from, read_clamp);
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

impl Attrs<i16> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = self.write();
        out.u16(self.clamp.min as u16);
        out.u16(self.clamp.max as u16);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let clamp =
            |from: &mut Reader<'_>| Clamp { min: from.u16() as i16, max: from.u16() as i16 };
        let attrs = Self::read(&mut from, clamp);
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

impl Attrs<f32> {
    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = self.write();
        write_clamp_f32(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self::read(&mut from, read_clamp_f32);
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}
