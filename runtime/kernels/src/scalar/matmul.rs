//! Products of matrices that both are computed.

use super::copy::RANK;
use super::walk::each;
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// Shape of a product `[M, K] x [K, N] -> [M, N]` that is repeated over leading dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matmul {
    /// Leading dimensions of the output.
    pub batch: [usize; RANK],
    /// Steps of both operands along them, in elements.
    pub batch_steps: [[isize; RANK]; 2],
    /// Rows, inner elements, columns.
    pub size: [usize; 3],
    /// Steps of the first operand from row to row and from element to element.
    pub a: [usize; 2],
    /// Steps of the second operand from element to element and from column to column.
    pub b: [usize; 2],
}

impl Matmul {
    /// Calls `write(output index, first element of the row, first element of the column)`.
    fn places(&self, mut write: impl FnMut(usize, usize, usize)) {
        let [rows, _, columns] = self.size;
        let mut index = 0;
        each(self.batch, self.batch_steps, |[a, b]| {
            for row in 0..rows {
                for column in 0..columns {
                    write(
                        index,
                        a.wrapping_add(row * self.a[0]),
                        b.wrapping_add(column * self.b[1]),
                    );
                    index += 1;
                }
            }
        });
    }

    /// Folds the products of each output element and calls `write` with its index and the sum.
    fn fold<T: Element, A: Copy>(
        &self,
        (a, b): (Src<'_, T>, Src<'_, T>),
        start: A,
        add: impl Fn(A, T, T) -> A,
        mut write: impl FnMut(usize, A),
    ) {
        self.places(|index, row, column| {
            let mut sum = start;
            for k in 0..self.size[1] {
                let (left, right) = (row + k * self.a[1], column + k * self.b[0]);
                sum = add(sum, a.get(left), b.get(right));
            }
            write(index, sum);
        });
    }
}

/// float product; products are added in order.
pub fn matmul_f32(p: &Matmul, a: Src<'_, f32>, b: Src<'_, f32>, y: Dst<'_, f32>) {
    p.fold((a, b), 0.0f32, |sum, a, b| sum + a * b, |at, sum| y.set(at, sum));
}

/// Numbers of an integer product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatmulScale {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factor from a sum to the output.
    pub factor: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
}

/// int8 product, requantized with double rounding.
pub fn matmul_s8(p: &Matmul, q: &MatmulScale, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    let [offset_a, offset_b] = q.offsets;
    let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
    p.fold(
        (a, b),
        0i32,
        |sum, a, b| sum.wrapping_add((a as i32 + offset_a).wrapping_mul(b as i32 + offset_b)),
        |at, sum| {
            let scaled = q.factor.double(sum).wrapping_add(q.output_offset);
            y.set(at, clamp.apply(scaled) as i8);
        },
    );
}

/// int16 product of symmetric operands; sums have 64 bits.
pub fn matmul_s16(
    p: &Matmul,
    factor: Multiplier,
    a: Src<'_, i16>,
    b: Src<'_, i16>,
    y: Dst<'_, i16>,
) {
    let clamp = Clamp { min: i16::MIN as i32, max: i16::MAX as i32 };
    p.fold(
        (a, b),
        0i64,
        |sum, a, b| sum.wrapping_add(i64::from(a as i32 * b as i32)),
        |at, sum| y.set(at, clamp.apply(factor.reduced(sum)) as i16),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_meet_columns() {
        let (a, b) = ([1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0f32, 0.0, 2.0, 1.0, 0.0, 3.0]);
        let one = [1; RANK];
        let plain = Matmul {
            batch: one,
            batch_steps: [[0; RANK]; 2],
            size: [2, 3, 2],
            a: [3, 1],
            b: [2, 1],
        };
        let mut y = [0.0; 4];
        matmul_f32(&plain, Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [5.0, 11.0, 14.0, 23.0]);
        let turned = Matmul { b: [1, 3], ..plain };
        matmul_f32(&turned, Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [7.0, 10.0, 16.0, 22.0]);
    }

    #[test]
    fn integers_have_zero_points() {
        let p = Matmul {
            batch: [1, 1, 1, 1, 1, 2],
            batch_steps: [[0, 0, 0, 0, 0, 2], [0; RANK]],
            size: [1, 2, 1],
            a: [2, 1],
            b: [1, 1],
        };
        let factor = Multiplier { mantissa: 1 << 30, shift: 1 };
        let q = MatmulScale { offsets: [1, -2], factor, output_offset: 5 };
        let (a, b) = ([1i8, 2, 3, 4], [3i8, 1]);
        let mut y = [0i8; 2];
        matmul_s8(&p, &q, Src::from(&a[..]), Src::from(&b[..]), Dst::from(&mut y[..]));
        assert_eq!(y, [2 - 3 + 5, 4 - 5 + 5]);
    }
}
