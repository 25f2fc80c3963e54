//! Images of another size.

use crate::{Dst, Element, Src};

/// Sizes of an image `[N, H, W, C]` before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Number of images.
    pub batch: usize,
    /// Height and width before.
    pub input: [usize; 2],
    /// Height and width after.
    pub output: [usize; 2],
    /// Channels.
    pub channels: usize,
}

/// Copies for each output pixel the channels of the input pixel that tables of rows and columns name.
pub fn nearest<T: Element>(
    p: &Sizes,
    rows: Src<'_, i32>,
    columns: Src<'_, i32>,
    x: Src<'_, T>,
    y: Dst<'_, T>,
) {
    let mut at = 0;
    for n in 0..p.batch {
        for row in rows.iter() {
            let line = (n * p.input[0] + row as usize) * p.input[1];
            for column in columns.iter() {
                let from = x.slice((line + column as usize) * p.channels, p.channels);
                y.slice(at, p.channels).copy_from(from);
                at += p.channels;
            }
        }
    }
}

/// Distance of a weight of one in integer interpolation.
const ONE: i32 = 1 << 10;

/// Where an output row or column is between two of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Between<W> {
    lower: usize,
    upper: usize,
    /// Distance from `lower`.
    weight: W,
}

/// Calls `f(index of the output pixel, corner pixels, weights of y and x)`.
fn interpolate<W: Copy>(
    p: &Sizes,
    between: impl Fn(usize, usize) -> Between<W>,
    mut f: impl FnMut(usize, [usize; 4], [W; 2]),
) {
    let mut index = 0;
    for n in 0..p.batch {
        for row in 0..p.output[0] {
            let vertical = between(0, row);
            let [top, bottom] =
                [vertical.lower, vertical.upper].map(|row| (n * p.input[0] + row) * p.input[1]);
            for column in 0..p.output[1] {
                let horizontal = between(1, column);
                let (left, right) = (horizontal.lower, horizontal.upper);
                let corners = [top + left, bottom + left, top + right, bottom + right];
                f(index, corners, [vertical.weight, horizontal.weight]);
                index += 1;
            }
        }
    }
}

/// float bilinear interpolation: output index `i` is at `(i + offset) * scale - offset`.
pub fn bilinear_f32(p: &Sizes, scale: [f32; 2], half: bool, x: Src<'_, f32>, y: Dst<'_, f32>) {
    let between = |axis: usize, i: usize| {
        let scale = scale.get(axis).copied().unwrap_or(0.0);
        let last = p.input.get(axis).map_or(0, |n| n.saturating_sub(1));
        let at = if half { (i as f32 + 0.5) * scale - 0.5 } else { i as f32 * scale };
        // Truncation is the floor of what is not negative; below zero the first element counts.
        let lower = (at as usize).min(last);
        let upper = (lower + usize::from(at > lower as f32)).min(last);
        Between { lower, upper: if at < 0.0 { 0 } else { upper }, weight: at - lower as f32 }
    };
    interpolate(p, between, |index, corners, [dy, dx]| {
        let weights = [(1.0 - dy) * (1.0 - dx), dy * (1.0 - dx), (1.0 - dy) * dx, dy * dx];
        for c in 0..p.channels {
            let parts = corners.iter().zip(weights);
            let value = parts
                .fold(0.0f32, |sum, (&pixel, weight)| sum + x.get(pixel * p.channels + c) * weight);
            y.set(index * p.channels + c, value);
        }
    });
}

/// Bilinear interpolation of integers, with positions in Q.10: output index `i` is at
/// `i * scale`, or with `half` at `i * scale + scale / 2 - 1/2`.
pub fn bilinear<T: Element + Into<i32>>(
    p: &Sizes,
    scale: [i32; 2],
    half: bool,
    x: Src<'_, T>,
    y: Dst<'_, T>,
    narrow: impl Fn(i32) -> T,
) {
    let between = |axis: usize, i: usize| {
        let scale = scale.get(axis).copied().unwrap_or(0);
        let last = p.input.get(axis).map_or(0, |n| n.saturating_sub(1));
        let offset = if half { scale / 2 - ONE / 2 } else { 0 };
        let at = (i as i32).wrapping_mul(scale).wrapping_add(offset);
        let lower = (at / ONE).max(0) as usize;
        let upper = ((at.wrapping_add(ONE - 1) / ONE).max(0) as usize).min(last);
        Between { lower, upper, weight: at.wrapping_sub(lower as i32 * ONE) }
    };
    interpolate(p, between, |index, corners, [dy, dx]| {
        let (ny, nx) = (ONE - dy, ONE - dx);
        let weights = [[ny, nx], [dy, nx], [ny, dx], [dy, dx]];
        for c in 0..p.channels {
            let mut sum = 0i64;
            for (&pixel, [wy, wx]) in corners.iter().zip(weights) {
                let value: i32 = x.get(pixel * p.channels + c).into();
                sum = sum.wrapping_add(i64::from(value) * i64::from(wy) * i64::from(wx));
            }
            let half = if sum > 0 { 1 << 19 } else { -(1 << 19) };
            y.set(index * p.channels + c, narrow(((sum + half) / (1 << 20)) as i32));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { batch: 1, input: [1, 2], output: [1, 4], channels: 1 };

    #[test]
    fn pixels_are_interpolated() {
        let mut y = [0.0f32; 4];
        bilinear_f32(&SIZES, [1.0, 0.5], false, Src::from(&[2.0, 4.0][..]), Dst::from(&mut y[..]));
        assert_eq!(y, [2.0, 3.0, 4.0, 4.0]);
        bilinear_f32(&SIZES, [1.0, 0.5], true, Src::from(&[2.0, 4.0][..]), Dst::from(&mut y[..]));
        assert_eq!(y, [2.0, 2.5, 3.5, 4.0]);
        let mut y = [0i8; 4];
        let (x, to) = (Src::from(&[20i8, 40][..]), Dst::from(&mut y[..]));
        bilinear(&SIZES, [1024, 512], true, x, to, |v| v as i8);
        assert_eq!(y, [20, 25, 35, 40]);
    }

    #[test]
    fn pixels_are_copied() {
        let mut y = [0i8; 4];
        let (rows, columns) = (Src::from(&[0][..]), Src::from(&[0, 0, 1, 1][..]));
        nearest(&SIZES, rows, columns, Src::from(&[5i8, 6][..]), Dst::from(&mut y[..]));
        assert_eq!(y, [5, 5, 6, 6]);
    }
}
