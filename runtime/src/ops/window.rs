//! Attributes of a window that slides over an image: strides, dilations and explicit padding.

use smidge_format::Shape;
use smidge_format::attrs::{Reader, Writer};
use smidge_kernels::Window;

/// How a window moves; `[y, x]` each. 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowAttrs {
    /// Distance between windows, at least 1.
    pub stride: [u16; 2],
    /// Distance between the elements of a window, at least 1.
    pub dilation: [u16; 2],
    /// Rows above, columns to the left of the image.
    pub before: [u16; 2],
    /// Rows below, columns to the right of the image.
    pub after: [u16; 2],
}

impl WindowAttrs {
    /// Bytes of the encoding.
    pub const LEN: usize = 16;

    pub(crate) fn read(from: &mut Reader<'_>) -> Self {
        let bytes: [u8; Self::LEN] = from.array();
        let mut pairs = [[0; 2]; 4];
        let halves = pairs.as_flattened_mut().iter_mut();
        for (half, bytes) in halves.zip(bytes.as_chunks().0) {
            *half = u16::from_le_bytes(*bytes);
        }
        let [stride, dilation, before, after] = pairs;
        Self { stride, dilation, before, after }
    }

    pub(crate) fn write<const N: usize>(&self, to: &mut Writer<N>) {
        for [y, x] in [self.stride, self.dilation, self.before, self.after] {
            to.u16(y);
            to.u16(x);
        }
    }

    /// Output size along one axis: `(input + padding - extent) / stride + 1`, or `None` if the
    /// window does not fit once or a kernel could not count its way in 32 bits: on a host, too, so
    /// that a blob is refused where it is made.
    fn output(&self, axis: usize, input: usize, kernel: usize) -> Option<usize> {
        let at = |pair: [u16; 2]| pair.get(axis).map(|&v| v as u32);
        let (input, kernel) = (u32::try_from(input).ok()?, u32::try_from(kernel).ok()?);
        let dilation = at(self.dilation)?;
        let extent = kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)?;
        let padded = input.checked_add(at(self.before)?)?.checked_add(at(self.after)?)?;
        // Kernels round positions up to a multiple of the dilation.
        padded.checked_add(dilation)?;
        Some((padded.checked_sub(extent)?.checked_div(at(self.stride)?)? + 1) as usize)
    }

    /// The geometry over images `x` `[N, H, W, C]`; `None` if the window fits nowhere.
    pub fn over(&self, x: Shape, kernel: [usize; 2]) -> Option<Window> {
        let [batch, height, width, _] = x.nhwc()?;
        let [kernel_y, kernel_x] = kernel;
        let pair = |[y, x]: [u16; 2]| [y as usize, x as usize];
        if self.dilation.contains(&0) {
            return None;
        }
        Some(Window {
            batch,
            input: [height, width],
            output: [self.output(0, height, kernel_y)?, self.output(1, width, kernel_x)?],
            kernel,
            stride: pair(self.stride),
            dilation: pair(self.dilation),
            pad: pair(self.before),
        })
    }
}

/// The output shape of a window with so many output channels.
pub(crate) fn output_shape(window: &Window, channels: usize) -> Option<Shape> {
    let [height, width] = window.output;
    let dims = [window.batch, height, width, channels];
    let mut narrow = [0u32; 4];
    for (to, from) in narrow.iter_mut().zip(dims) {
        *to = u32::try_from(from).ok()?;
    }
    Shape::new(&narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_counts_its_positions() {
        let attrs = WindowAttrs { stride: [2, 1], dilation: [1, 2], before: [0, 2], after: [1, 2] };
        let x = Shape::new(&[1, 8, 5, 3]).unwrap();
        let window = attrs.over(x, [3, 3]).unwrap();
        assert_eq!(window.output, [4, 5]);
        assert_eq!(output_shape(&window, 7), Shape::new(&[1, 4, 5, 7]));
        assert!(attrs.over(x, [10, 3]).is_none(), "larger than the padded image");
        assert!(attrs.over(x, [0, 3]).is_none());
        assert!(WindowAttrs { stride: [0, 1], ..attrs }.over(x, [3, 3]).is_none());
        assert!(WindowAttrs { dilation: [0, 1], ..attrs }.over(x, [3, 3]).is_none());
    }

    #[test]
    fn numbers_beyond_32_bits_are_refused_on_every_machine() {
        let attrs = WindowAttrs { stride: [1, 1], dilation: [1, 1], before: [9, 0], after: [9, 0] };
        let high = |height: u32| Shape::new(&[1, height, 1, 1]).unwrap();
        let fits = |attrs: WindowAttrs, height: u32, kernel: usize| {
            attrs.over(high(height), [kernel, 1]).map(|window| window.output[0])
        };
        let most = u32::MAX - 19;
        assert_eq!(fits(attrs, most, 1), Some(u32::MAX as usize - 1));
        assert_eq!(fits(attrs, most + 1, 1), None, "no place for the next position");
        assert_eq!(fits(attrs, u32::MAX, 1), None, "padding leaves 32 bits");
        let dilated = WindowAttrs { dilation: [0xFFFF, 1], ..attrs };
        assert_eq!(fits(dilated, 0xFFFF * 3, 4), Some(18));
        assert_eq!(fits(dilated, most, 0x1_0003), None, "the window is longer than 32 bits");
    }
}
