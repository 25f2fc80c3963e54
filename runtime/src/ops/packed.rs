//! What the packed forms of CONV_2D and DEPTHWISE_CONV_2D share: attributes, and the shape of a call.
//! Operands: x, and one constant that holds weights, bias and requantization in the order of the
//! core that the blob is packed for.

use super::bounds::{ensure, read_clamp, read_zero, write_clamp, write_zero};
use super::window::{WindowAttrs, output_shape};
use crate::{Call, OpError};
use smidge_format::DType;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::packed::Layout;
use smidge_kernels::{Clamp, Window};

/// Attributes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// Which form of the family's kernel the constant is packed for.
    pub form: u8,
    /// How the window moves.
    pub window: WindowAttrs,
    /// Kernel height and width.
    pub kernel: [u16; 2],
    /// The input's zero point.
    pub input_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = WindowAttrs::LEN + 9;

    /// Encodes the bytes that [`Attrs::decode`] reads.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let mut out = Writer::new();
        self.window.write(&mut out);
        out.u16(self.kernel[0]);
        out.u16(self.kernel[1]);
        out.u8(self.form);
        write_zero(self.input_zero, &mut out);
        write_zero(self.output_zero, &mut out);
        write_clamp(self.clamp, &mut out);
        out.finish()
    }

    /// Decodes attribute bytes.
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let attrs = Self {
            window: WindowAttrs::read(&mut from),
            kernel: [from.u16(), from.u16()],
            form: from.u8(),
            input_zero: read_zero(&mut from),
            output_zero: read_zero(&mut from),
            clamp: read_clamp(&mut from),
        };
        ensure(from.is_complete(), OpError::Attributes)?;
        Ok(attrs)
    }
}

/// The window and the channels of input and output of a step.
pub(crate) fn geometry(call: &Call<'_>, attrs: &Attrs) -> Result<(Window, usize, usize), OpError> {
    let (x, y) = (call.input_of(0, DType::I8)?.shape, call.output_of(0, DType::I8)?.shape);
    let kernel = attrs.kernel.map(usize::from);
    let window = attrs.window.over(x, kernel).ok_or(OpError::Shape)?;
    Ok((window, x.last(), y.last()))
}

/// Checks operands against a geometry and what its form needs.
pub(crate) fn check(
    call: &Call<'_>,
    window: &Window,
    layout: Option<Layout>,
) -> Result<(), OpError> {
    call.expect(2, 1)?;
    let y = call.output(0)?.shape;
    ensure(Some(y) == output_shape(window, y.last()), OpError::Shape)?;
    check_layout(call, layout)
}

/// Checks the packed constant and the scratch memory against what a form needs.
pub(crate) fn check_layout(call: &Call<'_>, layout: Option<Layout>) -> Result<(), OpError> {
    let layout = layout.ok_or(OpError::Attributes)?;
    call.constant::<u8>(1, DType::U8, layout.packed_len)?;
    ensure(call.scratch_len() >= layout.scratch_len, OpError::Scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_encoding() {
        let window =
            WindowAttrs { stride: [2, 1], dilation: [1, 3], before: [1, 0], after: [1, 2] };
        let attrs = Attrs {
            form: 3,
            window,
            kernel: [10, 4],
            input_zero: -128,
            output_zero: 127,
            clamp: Clamp { min: -7, max: 127 },
        };
        assert_eq!(Attrs::decode(Reader::new(&attrs.encode())), Ok(attrs));
        let short = &attrs.encode()[..Attrs::LEN - 1];
        assert_eq!(Attrs::decode(Reader::new(short)), Err(OpError::Attributes));
    }
}
