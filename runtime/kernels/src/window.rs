//! What the kernels of one family have in common: the geometry of a sliding window, and clamps.

use crate::packed::product;
use core::ops::Range;

/// Geometry of a window that slides over an image: convolution, depthwise convolution, pooling.
/// Heights and widths are in elements, `[y, x]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Number of images.
    pub batch: usize,
    /// Input height and width.
    pub input: [usize; 2],
    /// Output height and width.
    pub output: [usize; 2],
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Distance between the elements of a window.
    pub dilation: [usize; 2],
    /// Padding above and to the left.
    pub pad: [usize; 2],
}

impl Window {
    /// Elements of input and output with so many channels; `None` if they do not fit 31 bits.
    #[inline(never)]
    pub(crate) fn lens(&self, inputs: usize, outputs: usize) -> Option<(usize, usize)> {
        let Self { batch, input, output, .. } = *self;
        let len = |size: [usize; 2], channels| product(&[batch, size[0], size[1], channels]);
        Some((len(input, inputs)?, len(output, outputs)?))
    }

    /// The bits that are set in one of the numbers, or several.
    #[inline(never)]
    pub(crate) fn bits(&self) -> usize {
        let Self { batch, input, output, kernel, stride, dilation, pad } = *self;
        let pairs = [input, output, kernel, stride, dilation, pad];
        pairs.as_flattened().iter().fold(batch, |all, size| all | size)
    }

    /// Calls `f(batch, y, x)` for every output position in order.
    #[inline]
    pub fn positions(&self, mut f: impl FnMut(usize, usize, usize)) {
        for n in 0..self.batch {
            for y in 0..self.output[0] {
                for x in 0..self.output[1] {
                    f(n, y, x);
                }
            }
        }
    }

    /// Calls `f(tap, pixel)` for every element of the window at output `(y, x)` of image `n` that is
    /// inside the image: `tap` counts window elements row by row, `pixel` counts the input's pixels
    /// over all images.
    #[inline]
    pub fn taps(&self, n: usize, y: usize, x: usize, mut f: impl FnMut(usize, usize)) {
        let columns = self.inside(1, x);
        for ky in self.inside(0, y) {
            let row = (n * self.input[0] + self.input_at(0, y, ky)) * self.input[1];
            for kx in columns.clone() {
                f(ky * self.kernel[1] + kx, row + self.input_at(1, x, kx));
            }
        }
    }

    /// The window elements along `axis` that are inside the image at output `o`. A window may be
    /// much larger than the image: elements outside cost nothing.
    #[inline]
    pub(crate) fn inside(&self, axis: usize, o: usize) -> Range<usize> {
        let axis = axis & 1;
        let start = o * self.stride[axis];
        let steps_to = |at: usize| {
            let distance = at.saturating_sub(start);
            match self.dilation[axis] {
                1 => distance,
                dilation => {
                    (distance + dilation).saturating_sub(1).checked_div(dilation).unwrap_or(0)
                }
            }
        };
        let end = steps_to(self.pad[axis] + self.input[axis]);
        steps_to(self.pad[axis])..end.min(self.kernel[axis])
    }

    /// The input coordinate along `axis` of window element `k`, which is inside, at output `o`.
    #[inline]
    pub(crate) fn input_at(&self, axis: usize, o: usize, k: usize) -> usize {
        let axis = axis & 1;
        (o * self.stride[axis] + k * self.dilation[axis]).wrapping_sub(self.pad[axis])
    }
}

/// Bounds of an output value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clamp<T> {
    /// Smallest value.
    pub min: T,
    /// Largest value.
    pub max: T,
}

impl Clamp<i32> {
    /// `value` limited to the bounds; never panics, whatever their order.
    #[inline]
    pub fn apply(self, value: i32) -> i32 {
        value.max(self.min).min(self.max)
    }
}

impl Clamp<f32> {
    /// `value` limited to the bounds; NaN stays NaN.
    #[inline]
    pub fn apply(self, value: f32) -> f32 {
        if value < self.min {
            self.min
        } else if value > self.max {
            self.max
        } else {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_window_touches_the_pixels_inside_the_image() {
        for window in testing::windows() {
            let mut found = Vec::new();
            window.positions(|n, y, x| {
                let mut taps = Vec::new();
                window.taps(n, y, x, |tap, pixel| taps.push((tap, pixel)));
                found.push(taps);
            });
            assert_eq!(found, testing::taps(&window), "{window:?}");
        }
    }

    #[test]
    fn a_window_without_a_meaning_touches_nothing_outside() {
        let (one, huge) = ([1, 1], [1 << 20, 1 << 20]);
        let (input, output, stride) = ([2, 2], [3, 3], one);
        let window =
            Window { batch: 1, input, output, kernel: huge, stride, dilation: [0, 0], pad: one };
        window.taps(0, 0, 0, |_, _| panic!("no dilation, no elements"));
        let window = Window { dilation: one, pad: [1 << 21, 1 << 21], ..window };
        window.taps(0, 2, 2, |_, _| panic!("padding only"));
    }

    #[test]
    fn bounds_hold_in_any_order() {
        let int = |min: i32, max: i32, value: i32| Clamp { min, max }.apply(value);
        assert_eq!([int(-3, 5, -9), int(-3, 5, 9), int(-3, 5, 1)], [-3, 5, 1]);
        assert_eq!(int(5, -3, 0), -3);
        let float = |min: f32, max: f32, value: f32| Clamp { min, max }.apply(value);
        assert_eq!([float(-3.0, 5.0, -9.0), float(-3.0, 5.0, 9.0)], [-3.0, 5.0]);
        assert!(float(-3.0, 5.0, f32::NAN).is_nan());
        assert_eq!(float(f32::NAN, f32::NAN, 1.0), 1.0);
    }
}
