//! What the packed forms of CONV_2D and DEPTHWISE_CONV_2D share: attributes, and the shape of a call.
//! Operands: x, and one constant that holds weights, bias and requantization in the order of the
//! core that the blob is packed for.
//!
//! The attributes repeat the shapes of input and output, so that a step that runs reads one short
//! record instead of decoding tensors; the check compares the two.

use super::bounds::ensure;
use crate::{Call, OpError};
use smidge_format::attrs::{Reader, Writer};
use smidge_format::{DType, Shape};
use smidge_kernels::packed::{ConvSpec, DepthwiseSpec, Layout};
use smidge_kernels::{Clamp, Window};

/// Attributes. All sizes are below 65,536.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attrs {
    /// Which form of the family's kernel the constant is packed for.
    pub form: u8,
    /// The sliding window.
    pub window: Window,
    /// Rows below, columns to the right of the image.
    pub after: [usize; 2],
    /// Channels of input and output.
    pub channels: [usize; 2],
    /// The input's zero point.
    pub input_zero: i32,
    /// The output's zero point.
    pub output_zero: i32,
    /// Bounds of the output (fused activation).
    pub clamp: Clamp<i32>,
}

impl Attrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 44;

    /// Encodes the bytes that [`Attrs::decode`] reads; `None` for a size above 65,535.
    pub fn encode(&self) -> Option<[u8; Self::LEN]> {
        let mut out = Writer::new();
        let Window { batch, input, output, kernel, stride, dilation, pad } = self.window;
        for pair in [input, output, kernel, stride, dilation, pad, self.after, self.channels] {
            out.u16(u16::try_from(pair[0]).ok()?);
            out.u16(u16::try_from(pair[1]).ok()?);
        }
        out.u16(u16::try_from(batch).ok()?);
        for byte in [self.input_zero, self.output_zero, self.clamp.min, self.clamp.max] {
            out.u8(byte as i8 as u8);
        }
        out.u8(self.form);
        Some(out.finish())
    }

    /// Decodes attribute bytes. One copy serves all packed operators.
    #[inline(never)]
    pub fn decode(mut from: Reader<'_>) -> Result<Self, OpError> {
        let bytes: [u8; Self::LEN] = from.array();
        ensure(from.is_complete(), OpError::Attributes)?;
        let [halves @ .., z, y, min, max, form, _, _, _, _, _] = bytes;
        let (halves, _) = halves.as_chunks::<2>();
        let &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = halves else {
            return Err(OpError::Attributes);
        };
        let half = |bytes: [u8; 2]| usize::from(u16::from_le_bytes(bytes));
        let pair = |first: [u8; 2], second: [u8; 2]| [half(first), half(second)];
        let signed = |byte: u8| i32::from(byte as i8);
        Ok(Self {
            form,
            window: Window {
                batch: half(q),
                input: pair(a, b),
                output: pair(c, d),
                kernel: pair(e, f),
                stride: pair(g, h),
                dilation: pair(i, j),
                pad: pair(k, l),
            },
            after: pair(m, n),
            channels: pair(o, p),
            input_zero: signed(z),
            output_zero: signed(y),
            clamp: Clamp { min: signed(min), max: signed(max) },
        })
    }

    /// The shape of a convolution.
    #[inline]
    pub fn conv(&self) -> ConvSpec {
        let Self { window, channels: [in_channels, out_channels], .. } = *self;
        let Self { input_zero, output_zero, clamp, .. } = *self;
        ConvSpec { window, in_channels, out_channels, input_zero, output_zero, clamp }
    }

    /// The shape of a depthwise convolution. Output channels that are no multiple of the input's
    /// are refused by its call.
    #[inline]
    pub fn depthwise(&self) -> DepthwiseSpec {
        let Self { window, channels: [in_channels, out_channels], .. } = *self;
        let Self { input_zero, output_zero, clamp, .. } = *self;
        let multiplier = out_channels.checked_div(in_channels).unwrap_or(0);
        DepthwiseSpec { window, in_channels, multiplier, input_zero, output_zero, clamp }
    }

    /// Checks a step against its attributes and what its form needs.
    pub(crate) fn check(&self, call: &Call<'_>, layout: Option<Layout>) -> Result<(), OpError> {
        call.expect(2, 1)?;
        let (x, y) = (call.input_of(0, DType::I8)?.shape, call.output_of(0, DType::I8)?.shape);
        let Window { batch, input, output, stride, dilation, .. } = self.window;
        let [in_channels, out_channels] = self.channels;
        let is = |shape: Shape, size: [usize; 2], channels: usize| {
            shape.nhwc() == Some([batch, size[0], size[1], channels])
        };
        ensure(is(x, input, in_channels) && is(y, output, out_channels), OpError::Shape)?;
        let moves = !stride.contains(&0) && !dilation.contains(&0);
        ensure(moves && self.fits(0) && self.fits(1), OpError::Shape)?;
        check_layout(call, layout)
    }

    /// Whether the output's size along an axis follows from the window.
    fn fits(&self, axis: usize) -> bool {
        let at = |pair: [usize; 2]| pair.get(axis).copied().unwrap_or(0);
        let window = &self.window;
        // All factors are 16-bit numbers.
        let extent = (at(window.kernel) as u64).wrapping_sub(1) * at(window.dilation) as u64 + 1;
        let padded = (at(window.input) + at(window.pad) + at(self.after)) as u64;
        let steps =
            padded.checked_sub(extent).and_then(|room| room.checked_div(at(window.stride) as u64));
        at(window.kernel) > 0 && steps.is_some_and(|steps| steps + 1 == at(window.output) as u64)
    }
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
    fn attributes_survive_encoding_and_sizes_are_checked() {
        let window = Window {
            batch: 2,
            input: [300, 4],
            output: [150, 2],
            kernel: [10, 3],
            stride: [2, 1],
            dilation: [1, 3],
            pad: [1, 2],
        };
        let attrs = Attrs {
            form: 3,
            window,
            after: [7, 2],
            channels: [5, 10],
            input_zero: -128,
            output_zero: 127,
            clamp: Clamp { min: -7, max: 127 },
        };
        let bytes = attrs.encode().unwrap();
        assert_eq!(Attrs::decode(Reader::new(&bytes)), Ok(attrs));
        assert_eq!(Attrs::decode(Reader::new(&bytes[..43])), Err(OpError::Attributes));
        assert!(attrs.fits(0) && attrs.fits(1));
        let other = Attrs { window: Window { output: [151, 1], ..window }, ..attrs };
        assert!(!other.fits(0) && !other.fits(1));
        let large = Attrs { channels: [65_536, 1], ..attrs };
        assert_eq!(large.encode(), None);
    }
}
