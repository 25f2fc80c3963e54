//! What the kernels' tests share: numbers, window geometries, and loops that are slow and obvious.

use crate::Window;
use alloc::vec::Vec;

/// A deterministic source of numbers (a linear congruential generator).
pub struct Random(pub u32);

impl Random {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    pub fn i8s(&mut self, count: usize) -> Vec<i8> {
        (0..count).map(|_| self.next() as i8).collect()
    }

    #[cfg(test)]
    pub fn i16s(&mut self, count: usize) -> Vec<i16> {
        (0..count).map(|_| self.next() as i16).collect()
    }

    pub fn i32s(&mut self, count: usize, magnitude: i32) -> Vec<i32> {
        (0..count).map(|_| self.next() as i32 % magnitude - magnitude / 2).collect()
    }

    /// Multiples of 1/4 between -8 and 8: sums of their products are exact.
    #[cfg(test)]
    pub fn f32s(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| (self.next() % 64) as f32 / 4.0 - 8.0).collect()
    }

    /// Numbers between -1 and 1 with full mantissas.
    #[cfg(feature = "suite")]
    pub fn reals(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next() as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    /// Fixed-point factors from about 1/2 to 1/1000.
    #[cfg(test)]
    pub fn factors(&mut self, count: usize) -> Vec<i32> {
        let mut pair = || [(1 << 30) + self.next() as i32, -((self.next() % 10) as i32)];
        (0..count).flat_map(|_| pair()).collect()
    }
}

/// Windows along every axis: strides, dilations, padding on each side, kernels of one element and
/// larger than the image, batches.
pub fn windows() -> Vec<Window> {
    type Axis = (usize, usize, usize, usize, (usize, usize));
    // Input, kernel, stride, dilation, padding before and after.
    let axes: [Axis; 9] = [
        (1, 1, 1, 1, (0, 0)),
        (5, 3, 1, 1, (1, 1)),
        (6, 2, 2, 1, (0, 1)),
        (7, 3, 2, 2, (2, 1)),
        (4, 5, 1, 1, (3, 2)),
        (2, 3, 1, 3, (4, 5)),
        (9, 1, 4, 1, (0, 0)),
        (3, 2, 3, 1, (1, 1)),
        (1, 4, 1, 2, (6, 0)),
    ];
    let mut windows = Vec::new();
    for (i, y) in axes.iter().enumerate() {
        let x = &axes[(i * 4 + 1) % axes.len()];
        let pair = |f: fn(&Axis) -> usize| [f(y), f(x)];
        windows.push(Window {
            batch: 1 + i % 2,
            input: pair(|a| a.0),
            output: pair(|a| (a.0 + a.4.0 + a.4.1 - (a.1 - 1) * a.3 - 1) / a.2 + 1),
            kernel: pair(|a| a.1),
            stride: pair(|a| a.2),
            dilation: pair(|a| a.3),
            pad: pair(|a| a.4.0),
        });
    }
    windows
}

/// The output positions of a window in order, each with its elements: number and pixel of the
/// input, for those inside the image.
#[cfg(test)]
pub fn taps(w: &Window) -> Vec<Vec<(usize, usize)>> {
    let at = |axis: usize, o: usize, k: usize| {
        let at = (o * w.stride[axis] + k * w.dilation[axis]) as i64 - w.pad[axis] as i64;
        (0..w.input[axis] as i64).contains(&at).then_some(at as usize)
    };
    let mut positions = Vec::new();
    for n in 0..w.batch {
        for oy in 0..w.output[0] {
            for ox in 0..w.output[1] {
                let mut inside = Vec::new();
                for ky in 0..w.kernel[0] {
                    for kx in 0..w.kernel[1] {
                        if let (Some(y), Some(x)) = (at(0, oy, ky), at(1, ox, kx)) {
                            let pixel = (n * w.input[0] + y) * w.input[1] + x;
                            inside.push((ky * w.kernel[1] + kx, pixel));
                        }
                    }
                }
                positions.push(inside);
            }
        }
    }
    positions
}

/// Pixels of all input images.
pub fn pixels(w: &Window) -> usize {
    w.batch * w.input[0] * w.input[1]
}

/// Elements of the kernel.
#[cfg(test)]
pub fn kernel(w: &Window) -> usize {
    w.kernel[0] * w.kernel[1]
}
