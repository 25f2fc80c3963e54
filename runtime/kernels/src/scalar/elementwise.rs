//! Elementwise kernels: one input through a table, two inputs with broadcasting.

use super::copy::{RANK, contiguous};
use crate::{Clamp, Dst, Element, Multiplier, Src};

/// `y[i] = table[x[i] + 128]`: any function of one int8 value, such as LOGISTIC or a requantization.
pub fn table_s8(table: Src<'_, i8>, x: Src<'_, i8>, y: Dst<'_, i8>) {
    y.fill_with(x.iter().map(|x| table.get((x as i32 + 128) as usize)));
}

/// `y[i] = f(x[i])`.
pub fn map_f32(x: Src<'_, f32>, y: Dst<'_, f32>, f: impl Fn(f32) -> f32) {
    y.fill_with(x.iter().map(f));
}

/// How two operands are walked to fill an output of `count` elements per dimension; a step of zero
/// repeats the element along that dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Output dimensions.
    pub count: [usize; RANK],
    /// Steps of the first operand.
    pub a: [isize; RANK],
    /// Steps of the second operand.
    pub b: [isize; RANK],
}

impl Broadcast {
    /// The walk for operands of these dimensions, which are equal to the output's or 1; `None` if
    /// one is neither.
    pub fn new(a: [usize; RANK], b: [usize; RANK], count: [usize; RANK]) -> Option<Self> {
        Some(Self { count, a: steps(a, count)?, b: steps(b, count)? }.flattened())
    }

    /// One long row instead of many short ones, where neither operand is broadcast.
    fn flattened(self) -> Self {
        let plain = contiguous(self.count);
        let is_plain = |step: &[isize; RANK]| {
            step.iter().zip(&plain).zip(&self.count).all(|((s, p), &n)| n == 1 || s == p)
        };
        if !is_plain(&self.a) || !is_plain(&self.b) {
            return self;
        }
        let len = self.count.iter().fold(1usize, |product, &n| product.wrapping_mul(n));
        Self { count: [1, 1, 1, 1, 1, len], a: [0, 0, 0, 0, 0, 1], b: [0, 0, 0, 0, 0, 1] }
    }
}

fn steps(operand: [usize; RANK], count: [usize; RANK]) -> Option<[isize; RANK]> {
    let mut steps = contiguous(operand);
    for ((step, n), out) in steps.iter_mut().zip(operand).zip(count) {
        if n == 1 && out != 1 {
            *step = 0;
        } else if n != out {
            return None;
        }
    }
    Some(steps)
}

/// `y = f(a, b)` with broadcasting.
pub fn binary<T: Element>(
    walk: &Broadcast,
    a: Src<'_, T>,
    b: Src<'_, T>,
    y: Dst<'_, T>,
    f: impl Fn(T, T) -> T,
) {
    let [.., width] = walk.count;
    let ([.., step_a], [.., step_b]) = (walk.a, walk.b);
    let mut at = 0;
    walk.rows(|row_a, row_b| {
        for i in 0..width {
            let (i_a, i_b) = (row_a + i * step_a as usize, row_b + i * step_b as usize);
            y.set(at + i, f(a.get(i_a), b.get(i_b)));
        }
        at += width;
    });
}

impl Broadcast {
    /// Calls `f` with the offsets of both operands' rows, in the order of the output.
    fn rows(&self, mut f: impl FnMut(usize, usize)) {
        let [n0, n1, n2, n3, n4, _] = self.count;
        let offset = |steps: &[isize; RANK], i: [usize; RANK - 1]| {
            steps.iter().zip(i).map(|(&s, i)| s as usize * i).sum::<usize>()
        };
        for i0 in 0..n0 {
            for i1 in 0..n1 {
                for i2 in 0..n2 {
                    for i3 in 0..n3 {
                        for i4 in 0..n4 {
                            let i = [i0, i1, i2, i3, i4];
                            f(offset(&self.a, i), offset(&self.b, i));
                        }
                    }
                }
            }
        }
    }
}

/// Numbers of an int8 addition or subtraction: both operands are brought to a common scale with
/// `left_shift` bits of headroom, added, and brought to the output's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddS8 {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factors of the operands.
    pub factors: [Multiplier; 2],
    /// Bits of headroom, 20 for int8.
    pub left_shift: u32,
    /// Factor of the sum.
    pub output: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

impl AddS8 {
    #[inline]
    fn operand(&self, index: usize, value: i8) -> i32 {
        let index = index & 1;
        let raised = (value as i32 + self.offsets[index]).wrapping_shl(self.left_shift);
        self.factors[index].double(raised)
    }

    #[inline]
    fn output(&self, sum: i32) -> i8 {
        self.clamp.apply(self.output.double(sum).wrapping_add(self.output_offset)) as i8
    }
}

/// int8 `a + b`.
pub fn add_s8(p: &AddS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_add(p.operand(1, b))));
}

/// int8 `a - b`.
pub fn sub_s8(p: &AddS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| p.output(p.operand(0, a).wrapping_sub(p.operand(1, b))));
}

/// Numbers of an int8 multiplication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MulS8 {
    /// Minus the zero points of the operands.
    pub offsets: [i32; 2],
    /// Factor of the product.
    pub output: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
    /// Bounds of the output.
    pub clamp: Clamp<i32>,
}

/// int8 `a * b`.
pub fn mul_s8(p: &MulS8, walk: &Broadcast, a: Src<'_, i8>, b: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, a, b, y, |a, b| {
        let product = (a as i32 + p.offsets[0]).wrapping_mul(b as i32 + p.offsets[1]);
        p.clamp.apply(p.output.double(product).wrapping_add(p.output_offset)) as i8
    });
}

/// Numbers of an int8 PRELU: positive values are scaled by one factor, others multiplied by alpha
/// and scaled by another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreluS8 {
    /// Minus the zero points of input and alpha.
    pub offsets: [i32; 2],
    /// Factor for values that are not negative.
    pub positive: Multiplier,
    /// Factor for products with alpha.
    pub negative: Multiplier,
    /// The output's zero point.
    pub output_offset: i32,
}

/// int8 `x >= 0 ? x : alpha * x`, alpha broadcast.
pub fn prelu_s8(p: &PreluS8, walk: &Broadcast, x: Src<'_, i8>, alpha: Src<'_, i8>, y: Dst<'_, i8>) {
    binary(walk, x, alpha, y, |x, alpha| {
        let x = x as i32 + p.offsets[0];
        let scaled = if x >= 0 {
            p.positive.double(x)
        } else {
            p.negative.double(x.wrapping_mul(alpha as i32 + p.offsets[1]))
        };
        let clamp = Clamp { min: i8::MIN as i32, max: i8::MAX as i32 };
        clamp.apply(scaled.wrapping_add(p.output_offset)) as i8
    });
}
