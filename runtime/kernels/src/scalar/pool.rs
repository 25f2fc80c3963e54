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
    pub(crate) fn divide(self, sum: i32, count: i32) -> i32 {
        let half = count >> 1;
        match self {
            Self::AwayFromZero => {
                let half = if sum > 0 { half } else { -half };
                sum.wrapping_add(half).checked_div(count).unwrap_or(0)
            }
            Self::Up => {
                let raised = sum.wrapping_add(count.wrapping_mul(128)).wrapping_add(half);
                raised.checked_div(count).unwrap_or(128).wrapping_sub(128)
            }
        }
    }
}

/// The average of each channel.
#[inline]
fn average<T: Element + Into<i32>>(
    p: &Pool<i32>,
    rounding: AverageRounding,
    x: Src<'_, T>,
    mut write: impl FnMut(usize, i32),
) {
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.channels {
            let (mut sum, mut count) = (0i32, 0i32);
            p.window.taps(n, oy, ox, |_, pixel| {
                sum = sum.wrapping_add(x.get(pixel * p.channels + channel).into());
                count += 1;
            });
            write(at + channel, p.clamp.apply(rounding.divide(sum, count)));
        }
        at += p.channels;
    });
}

/// int8 average.
pub fn average_s8(p: &Pool<i32>, rounding: AverageRounding, x: Src<'_, i8>, y: Dst<'_, i8>) {
    average(p, rounding, x, |at, value| y.set(at, value as i8));
}

/// int16 average, ties away from zero; exact while a window has at most 65,535 elements.
pub fn average_s16(p: &Pool<i32>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    average(p, AverageRounding::AwayFromZero, x, |at, value| y.set(at, value as i16));
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

/// float root of the mean of squares.
pub fn l2_f32(p: &Pool<f32>, x: Src<'_, f32>, y: Dst<'_, f32>, sqrt: impl Fn(f32) -> f32) {
    let mut at = 0;
    p.window.positions(|n, oy, ox| {
        for channel in 0..p.channels {
            let (mut sum, mut count) = (0.0f32, 0u32);
            p.window.taps(n, oy, ox, |_, pixel| {
                let value = x.get(pixel * p.channels + channel);
                sum += value * value;
                count += 1;
            });
            y.set(at + channel, p.clamp.apply(sqrt(sum / count as f32)));
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

/// int16 maximum.
pub fn max_s16(p: &Pool<i16>, x: Src<'_, i16>, y: Dst<'_, i16>) {
    maximum(p, i16::MIN, x, |at, value| y.set(at, value.max(p.clamp.min).min(p.clamp.max)));
}

/// float maximum.
pub fn max_f32(p: &Pool<f32>, x: Src<'_, f32>, y: Dst<'_, f32>) {
    maximum(p, f32::MIN, x, |at, value| y.set(at, p.clamp.apply(value)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, pixels, taps, windows};

    /// Calls `f` with every window, a number of channels, the input and, for every output value,
    /// the values it pools.
    fn cases<T: Copy>(
        mut input: impl FnMut(usize) -> Vec<T>,
        f: impl Fn(Window, usize, &[T], &[Vec<T>]),
    ) {
        for window in windows() {
            for channels in [1, 3, 8] {
                let x = input(pixels(&window) * channels);
                let mut pooled = Vec::new();
                for inside in taps(&window) {
                    for channel in 0..channels {
                        let values = inside.iter().map(|&(_, pixel)| x[pixel * channels + channel]);
                        pooled.push(values.collect());
                    }
                }
                f(window, channels, &x, &pooled);
            }
        }
    }

    #[test]
    fn int8_averages_round_to_nearest() {
        let mut random = Random(7);
        let clamp = Clamp { min: -100, max: 90 };
        cases(
            |count| random.i8s(count),
            |window, channels, x, pooled| {
                let pool = Pool { window, channels, clamp };
                let mut y = vec![0; pooled.len()];
                for rounding in [AverageRounding::AwayFromZero, AverageRounding::Up] {
                    average_s8(&pool, rounding, Src::from(x), Dst::from(&mut y[..]));
                    for (&y, values) in y.iter().zip(pooled).filter(|(_, v)| !v.is_empty()) {
                        let sum: f64 = values.iter().map(|&v| v as f64).sum();
                        let mean = sum / values.len() as f64;
                        let rounded = match rounding {
                            AverageRounding::AwayFromZero => mean.round(),
                            AverageRounding::Up => (mean + 0.5).floor(),
                        };
                        assert_eq!(y as f64, rounded.clamp(-100.0, 90.0), "{window:?} {values:?}");
                    }
                }
            },
        );
    }

    #[test]
    fn sums_of_any_size_are_divided() {
        for rounding in [AverageRounding::AwayFromZero, AverageRounding::Up] {
            for sum in [i32::MIN, -1, 0, 1, i32::MAX] {
                for count in [0, 1, 3, i32::MAX] {
                    rounding.divide(sum, count);
                }
            }
        }
        assert_eq!(AverageRounding::AwayFromZero.divide(-5, 2), -3);
        assert_eq!(AverageRounding::Up.divide(-5, 2), -2);
    }

    #[test]
    fn int8_maximum_is_the_largest_value() {
        let mut random = Random(8);
        let clamp = Clamp { min: -100, max: 90 };
        cases(
            |count| random.i8s(count),
            |window, channels, x, pooled| {
                let mut y = vec![0; pooled.len()];
                max_s8(&Pool { window, channels, clamp }, Src::from(x), Dst::from(&mut y[..]));
                let largest = |values: &Vec<i8>| *values.iter().max().unwrap_or(&i8::MIN);
                let expected: Vec<i8> =
                    pooled.iter().map(|values| largest(values).clamp(-100, 90)).collect();
                assert_eq!(y, expected, "{window:?}");
            },
        );
    }

    #[test]
    fn int16_averages_and_maxima() {
        let mut random = Random(10);
        let clamp = Clamp { min: -20_000, max: 15_000 };
        cases(
            |count| random.i16s(count),
            |window, channels, x, pooled| {
                let (mut mean, mut max) = (vec![0; pooled.len()], vec![0; pooled.len()]);
                let pool = Pool { window, channels, clamp };
                average_s16(&pool, Src::from(x), Dst::from(&mut mean[..]));
                let clamp = Clamp { min: -20_000, max: 15_000 };
                max_s16(&Pool { window, channels, clamp }, Src::from(x), Dst::from(&mut max[..]));
                for (at, values) in pooled.iter().enumerate().filter(|(_, v)| !v.is_empty()) {
                    let sum: f64 = values.iter().map(|&v| v as f64).sum();
                    let exact = (sum / values.len() as f64).round().clamp(-20e3, 15e3) as i16;
                    let largest = (*values.iter().max().unwrap()).clamp(-20_000, 15_000);
                    assert_eq!([mean[at], max[at]], [exact, largest], "{window:?} {values:?}");
                }
            },
        );
    }

    #[test]
    fn float_averages_and_maxima() {
        let mut random = Random(9);
        let clamp = Clamp { min: -5.0, max: 5.0 };
        cases(
            |count| random.f32s(count),
            |window, channels, x, pooled| {
                let pool = Pool { window, channels, clamp };
                let (mut average, mut max) = (vec![0.0; pooled.len()], vec![0.0; pooled.len()]);
                average_f32(&pool, Src::from(x), Dst::from(&mut average[..]));
                max_f32(&pool, Src::from(x), Dst::from(&mut max[..]));
                for (at, values) in pooled.iter().enumerate().filter(|(_, v)| !v.is_empty()) {
                    let mean = values.iter().sum::<f32>() / values.len() as f32;
                    let largest = values.iter().fold(f32::MIN, |m, &v| m.max(v));
                    let expected = [mean, largest].map(|v| v.clamp(-5.0, 5.0));
                    assert_eq!([average[at], max[at]], expected, "{window:?} {values:?}");
                }
            },
        );
    }
}
