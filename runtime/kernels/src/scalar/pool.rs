//! Pooling: the average or the maximum of each channel over the part of the window that is inside
//! the image.

use crate::{Clamp, Dst, Element, Src, Window};

/// Numbers of a pooling layer.
#[derive(Clone, Copy)]
pub struct Pool<T> {
    /// The sliding window.
    pub window: Window,
    /// Channels of input and output.
    pub channels: usize,
    /// Bounds of the output.
    pub clamp: Clamp<T>,
}

/// How the average of integers is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AverageRounding {
    /// To nearest, ties away from zero: int8 in TensorFlow Lite.
    AwayFromZero,
    /// To nearest, ties upwards, on values raised by 128: uint8 in TensorFlow Lite.
    Up,
}

impl AverageRounding {
    fn divide(self, sum: i32, count: i32) -> i32 {
        let half = count >> 1;
        match self {
            Self::AwayFromZero => {
                let half = if sum > 0 { half } else { -half };
                sum.wrapping_add(half).checked_div(count).unwrap_or(0)
            }
            Self::Up => {
                let raised = sum.wrapping_add(count.wrapping_mul(128)).wrapping_add(half);
                raised.checked_div(count).unwrap_or(128) - 128
            }
        }
    }
}

/// int8 average.
pub fn average_s8(p: &Pool<i32>, rounding: AverageRounding, x: Src<'_, i8>, y: Dst<'_, i8>) {
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.channels {
            let (mut sum, mut count) = (0i32, 0i32);
            p.window.taps(n, oy, ox, |_, pixel| {
                sum = sum.wrapping_add(x.get(pixel * p.channels + channel) as i32);
                count += 1;
            });
            y.set(at + channel, p.clamp.apply(rounding.divide(sum, count)) as i8);
        }
        at += p.channels;
    });
}

/// float average.
pub fn average_f32(p: &Pool<f32>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.channels {
            let (mut sum, mut count) = (0.0f32, 0u32);
            p.window.taps(n, oy, ox, |_, pixel| {
                sum += x.get(pixel * p.channels + channel);
                count += 1;
            });
            y.set(at + channel, p.clamp.apply(sum / count as f32));
        }
        at += p.channels;
    });
}

/// The largest value of each channel, starting from `lowest`.
fn maximum<T: Element + PartialOrd>(
    p: &Pool<T>,
    lowest: T,
    x: Src<'_, T>,
    mut write: impl FnMut(usize, T),
) {
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.channels {
            let mut largest = lowest;
            p.window.taps(n, oy, ox, |_, pixel| {
                let value = x.get(pixel * p.channels + channel);
                if value > largest {
                    largest = value;
                }
            });
            write(at + channel, largest);
        }
        at += p.channels;
    });
}

/// int8 maximum.
pub fn max_s8(p: &Pool<i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    maximum(p, i8::MIN, x, |at, value| y.set(at, value.max(p.clamp.min).min(p.clamp.max)));
}

/// float maximum.
pub fn max_f32(p: &Pool<f32>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    maximum(p, f32::MIN, x, |at, value| y.set(at, p.clamp.apply(value)));
}
